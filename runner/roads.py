"""Where the front page leads."""

from __future__ import annotations

from base.settings import Settings
from base.texts import Text
from base.web.ways import Road
from demo.settings import DemoSettings, addresses


def roads(settings: Settings) -> tuple[Road, ...]:
    """Where the front page leads: the citizen's road, the official's, everybody's."""
    demo = settings[DemoSettings].demo_city
    citizen = Road(
        addresses(settings).portal if demo else "/account",
        Text("Công dân", "For citizens"),
        Text(
            "Đăng nhập một lần để dùng mọi dịch vụ công; xem và kết thúc các phiên đăng nhập của mình.",
            "Sign in once and use every public service; see your own sessions and end them.",
        ),
        Text("Vào Cổng dịch vụ công", "Open the service portal")
        if demo
        else Text("Vào trang tài khoản", "Open my account"),
    )
    official = Road(
        "/desk",
        Text("Cán bộ, công chức", "For officials"),
        Text(
            "Tải văn bản lên, xem lại, xác thực lần thứ hai rồi ký số bằng chứng thư của mình.",
            "Upload a document, read it, confirm with your second factor and sign it with your own certificate.",
        ),
        Text("Vào bàn ký số", "Open the signing desk"),
    )
    anybody = Road(
        "/verify",
        Text("Mọi người", "For everyone"),
        Text(
            "Kiểm tra văn bản do ai ký, ký lúc nào và có bị sửa hay không. Văn bản tải lên không được lưu lại.",
            "Check who signed a document, when, and whether it was changed. Nothing you upload is kept.",
        ),
        Text("Kiểm tra chữ ký", "Check a signature"),
    )
    return citizen, official, anybody
