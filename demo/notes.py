"""The short pages of a relying party: what happened to the sign-in or the session, and the way on."""

from __future__ import annotations

import flask

from base.texts import Text
from base.web.pages import message_page
from base.web.ways import HOME, Way
from demo.records import BY_PROVIDER

_SIGN_IN = Text("Đăng nhập", "Sign in")
_AGAIN = Way("/sign-in", Text("Đăng nhập lại", "Sign in again"))


def session_ended(ended_by: str, sign_in: str) -> flask.Response:
    """The session was ended by somebody else than this page."""
    if ended_by == BY_PROVIDER:
        title = Text("Phiên làm việc đã được kết thúc", "Your session has been ended")
        body = Text(
            "Phiên làm việc của Quý công dân tại dịch vụ này đã được kết thúc từ trang tài khoản hoặc từ một "
            "dịch vụ khác. "
            "Muốn tiếp tục, xin đăng nhập lại.",
            "Your session at this service has been ended from the account page or from another service. "
            "To go on, please sign in again.",
        )
    else:
        title = Text("Phiên làm việc đã hết hạn", "Your session has expired")
        body = Text(
            "Vì lý do an toàn, xin đăng nhập lại để tiếp tục.", "To keep you safe, please sign in again to go on."
        )
    return message_page(title, body, (Way(sign_in, _SIGN_IN), HOME), kind="info")


def signed_out_here() -> flask.Response:
    """Only this service's session has ended."""
    return message_page(
        Text("Đã thoát khỏi dịch vụ này", "You have left this service"),
        Text(
            "Phiên đăng nhập chung vẫn còn: các dịch vụ khác của thành phố không bị ảnh hưởng.",
            "Your shared sign-in goes on: the city's other services are not affected.",
        ),
        (_AGAIN, HOME),
    )


def signed_out_everywhere(issuer: str) -> flask.Response:
    """The provider's session has ended too."""
    return message_page(
        Text("Đã đăng xuất khỏi mọi dịch vụ", "You are signed out everywhere"),
        Text("Quý công dân có thể đóng trình duyệt.", "You can close your browser."),
        (HOME, Way(issuer, Text("Đến trang Ấn Tín", "To Ấn Tín"))),
    )


def sign_in_declined() -> flask.Response:
    """The person said no on the consent page."""
    return message_page(
        Text("Chưa đăng nhập", "Not signed in"),
        Text(
            "Quý công dân đã không đồng ý chia sẻ thông tin với dịch vụ này. Không có thông tin nào được chuyển đi.",
            "You chose not to share your information with this service. Nothing was passed on.",
        ),
        (_AGAIN, HOME),
        kind="info",
    )


def sign_in_expired() -> flask.Response:
    """The answer does not belong to a sign-in of this browser, or comes too late."""
    return message_page(
        Text("Lần đăng nhập này đã hết hạn", "This sign-in has expired"),
        Text(
            "Lần đăng nhập đã quá lâu hoặc được bắt đầu từ một trình duyệt khác. Xin đăng nhập lại.",
            "It took too long or was begun in another browser. Please sign in again.",
        ),
        (_AGAIN, HOME),
        kind="warning",
        status=400,
    )


def sign_in_failed() -> flask.Response:
    """The provider's answer does not hold."""
    return message_page(
        Text("Đăng nhập không thành công", "Sign-in failed"),
        Text(
            "Câu trả lời của hệ thống đăng nhập không hợp lệ nên đã bị từ chối. Xin đăng nhập lại.",
            "The answer of the sign-in system did not hold and was refused. Please sign in again.",
        ),
        (_AGAIN, HOME),
        kind="error",
        status=400,
    )


def provider_silent() -> flask.Response:
    """The provider does not answer."""
    return message_page(
        Text("Hệ thống đăng nhập tạm thời không phản hồi", "The sign-in system does not answer"),
        Text("Xin thử lại sau ít phút.", "Please try again in a few minutes."),
        (_AGAIN, HOME),
        kind="warning",
        status=503,
    )
