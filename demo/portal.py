"""Demo service 1, its own process: Cổng dịch vụ công trực tuyến (the online public-service portal)."""

from __future__ import annotations

from base.texts import Text
from base.web.front import Lead
from base.web.shell import Road, Way
from demo.portal_pages import mount
from demo.service_app import build
from demo.sites import PORTAL

NAME = Text("Cổng dịch vụ công (minh hoạ)", "Public-service portal (demo)")
LEAD = Lead(
    Text("Làm thủ tục hành chính tại nhà", "Deal with the city from home"),
    Text(
        "Dịch vụ minh hoạ. Quý công dân đăng nhập một lần bằng Ấn Tín, nộp hồ sơ với thông tin đã được xác thực "
        "và theo dõi "
        "hồ sơ đã nộp.",
        "A demo service. Sign in once with Ấn Tín, submit a dossier with information that is already verified, "
        "and follow "
        "what you have submitted.",
    ),
)
ROADS = (
    Road(
        "/nop-ho-so",
        Text("Nộp hồ sơ", "Submit a dossier"),
        Text("Chọn thủ tục; thông tin cá nhân được điền sẵn.", "Choose a procedure; your details are filled in."),
        Text("Bắt đầu", "Start"),
    ),
    Road(
        "/ho-so",
        Text("Hồ sơ đã nộp", "Submitted dossiers"),
        Text("Mã hồ sơ, ngày nộp và tình trạng giải quyết.", "Code, date and state of each dossier."),
        Text("Xem hồ sơ", "See dossiers"),
    ),
    Road(
        "/mau-van-ban",
        Text("Văn bản mẫu để ký thử", "Sample documents to sign"),
        Text("Ba văn bản hành chính minh hoạ, không cần đăng nhập.", "Three demo documents; no sign-in needed."),
        Text("Tải văn bản", "Download"),
    ),
)
FOOTER = (
    Way("/ca-nhan", Text("Thông tin cá nhân", "My details")),
    Way("/mau-van-ban", Text("Văn bản mẫu", "Sample documents")),
)

application = build(
    PORTAL,
    name=NAME,
    lead=LEAD,
    roads=ROADS,
    account=Way("/ca-nhan", Text("Cá nhân", "My details")),
    footer=FOOTER,
    views=mount,
)
