"""Demo service 2, its own process: Bộ phận Một cửa phường Hải Châu (the one-stop office of a ward)."""

from __future__ import annotations

from base.texts import Text
from base.web.front import Lead
from base.web.shell import Road, Way
from demo.onestop_pages import mount
from demo.service_app import build
from demo.sites import ONESTOP

NAME = Text("Một cửa phường Hải Châu (minh hoạ)", "Hải Châu one-stop office (demo)")
LEAD = Lead(
    Text("Đặt lịch, lấy số, theo dõi hồ sơ", "Book, take a number, follow your dossier"),
    Text(
        "Dịch vụ minh hoạ của Bộ phận Một cửa. Đã đăng nhập ở một dịch vụ khác của thành phố thì ở đây không cần "
        "mật khẩu nữa.",
        "A demo service of the one-stop office. If you are signed in at another service of the city, no password "
        "is needed here.",
    ),
)
ROADS = (
    Road(
        "/dat-lich",
        Text("Đặt lịch làm việc", "Book a visit"),
        Text(
            "Chọn việc cần làm và ngày đến; nhận số thứ tự ngay.",
            "Choose what for and which day; get a number at once.",
        ),
        Text("Đặt lịch", "Book"),
    ),
    Road(
        "/lich-hen",
        Text("Lịch hẹn và hồ sơ của tôi", "My visits and dossiers"),
        Text("Số thứ tự, ngày hẹn và tình trạng.", "Number, day and state."),
        Text("Xem lịch hẹn", "See visits"),
    ),
)
FOOTER = (Way("/lich-hen", Text("Lịch hẹn", "Visits")),)

application = build(
    ONESTOP,
    name=NAME,
    lead=LEAD,
    roads=ROADS,
    account=Way("/lich-hen", Text("Của tôi", "Mine")),
    footer=FOOTER,
    views=mount,
)
