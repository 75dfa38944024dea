"""
Error and message pages, always with a way on; the same facts as JSON for programs.

Three audiences (base/errors.py): the sentence is for the person, the hint for the developer of a client; the debug text
goes to the log and never into an answer.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence

import flask
from werkzeug.exceptions import HTTPException

from base.errors import AntinError
from base.texts import Text
from base.web.ways import HOME, Way, local_path

__all__ = ["Way", "error_page", "here", "message_page", "mount", "wants_json"]

log = logging.getLogger("antin.web")
_KNOWN: dict[int, tuple[Text, Text]] = {
    400: (
        Text("Yêu cầu chưa đúng", "The request is not right"),
        Text(
            "Máy chủ không hiểu yêu cầu này. Hãy quay lại trang trước và thử lại.",
            "The server does not understand this request. Go back to the previous page and try again.",
        ),
    ),
    401: (
        Text("Cần đăng nhập", "Sign-in needed"),
        Text("Trang này chỉ mở sau khi đăng nhập.", "This page opens only after signing in."),
    ),
    403: (
        Text("Không được phép", "Not allowed"),
        Text("Bạn không có quyền mở trang này.", "You are not allowed to open this page."),
    ),
    404: (
        Text("Không có trang này", "There is no such page"),
        Text(
            "Địa chỉ có thể đã gõ sai, hoặc trang đã được chuyển đi.",
            "The address may be mistyped, or the page has moved.",
        ),
    ),
    405: (
        Text("Không mở được theo cách này", "This page does not open this way"),
        Text(
            "Địa chỉ này chỉ nhận dữ liệu gửi từ biểu mẫu hoặc từ phần mềm.",
            "This address only takes what a form or a program sends.",
        ),
    ),
    413: (
        Text("Tệp quá lớn", "The file is too large"),
        Text(
            "Dữ liệu gửi lên vượt quá giới hạn của máy chủ. Hãy chọn tệp nhỏ hơn.",
            "What was sent is over the limit of this server. Choose a smaller file.",
        ),
    ),
    429: (
        Text("Quá nhiều lần thử", "Too many attempts"),
        Text("Hãy đợi một lát rồi thử lại.", "Wait a moment, then try again."),
    ),
    500: (
        Text("Máy chủ gặp lỗi", "The server failed"),
        Text(
            "Lỗi đã được ghi lại. Dữ liệu của bạn không bị thay đổi một nửa. Hãy thử lại sau ít phút.",
            "The failure was recorded. Nothing was left half done. Try again in a few minutes.",
        ),
    ),
    503: (
        Text("Máy chủ chưa sẵn sàng", "The server is not ready"),
        Text("Hãy thử lại sau ít phút.", "Try again in a few minutes."),
    ),
}


def here() -> str:
    """The address of this page for coming back to it by GET; the front page where that cannot be."""
    request = flask.request
    path = request.full_path if request.query_string else request.path
    if request.method != "GET":
        adapter = flask.current_app.create_url_adapter(request)
        if adapter is None or not adapter.test(request.path, "GET"):
            return "/"
    return local_path(path)


def error_page(
    status: int, title: Text, body: Text, ways: Sequence[Way] = (HOME,), *, note: str = ""
) -> flask.Response:
    """A page that says what went wrong and where to go; `note` is a reference or a hint in small print."""
    html = flask.render_template(
        "error.html", status=status, title=title, body=body, ways=tuple(ways) or (HOME,), note=note
    )
    return flask.Response(html, status=status, mimetype="text/html")


def message_page(
    title: Text, body: Text, ways: Sequence[Way] = (HOME,), *, kind: str = "success", status: int = 200
) -> flask.Response:
    """A page that reports a result: `kind` is info, success, warning or error."""
    html = flask.render_template("message.html", title=title, body=body, ways=tuple(ways) or (HOME,), kind=kind)
    return flask.Response(html, status=status, mimetype="text/html")


def wants_json() -> bool:
    """Whether the client prefers JSON to a page."""
    accepted = flask.request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def error_answer(status: int, code: str, title: Text, body: Text, *, note: str = "", hint: str = "") -> flask.Response:
    """The page, or for a client that prefers it the JSON object {error, error_description}."""
    if not wants_json():
        return error_page(status, title, body, _ways_on(), note=note)
    answer = {"error": code, "error_description": body.en or hint or title.en}
    if note:
        answer["reference"] = note
    response = flask.jsonify(answer)
    response.status_code = status
    return response


def _ways_on() -> tuple[Way, ...]:
    """After a form that failed, its own page again; always the front page."""
    back = here()
    if flask.request.method == "GET" or back == "/":
        return (HOME,)
    return Way(back, Text("Mở lại trang trước", "Open the page again")), HOME


def mount(app: flask.Flask) -> None:
    """Every error of the app becomes a page or a JSON answer; an unforeseen one is logged under a reference."""

    @app.errorhandler(AntinError)
    def expected(error: AntinError) -> flask.Response:
        title, body = _KNOWN.get(error.status, _KNOWN[400])
        if error.debug or error.status >= 500:
            log.log(logging.ERROR if error.status >= 500 else logging.INFO, "%s, %s", error.code, error.debug)
        said = Text(error.vi or error.en or body.vi, error.en or body.en)
        answer = error_answer(error.status, error.code, title, said, hint=error.hint)
        if error.retry_seconds:
            answer.headers["Retry-After"] = str(error.retry_seconds)
        return answer

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> flask.Response:
        status = error.code or 500
        if error.response is not None or status < 400:
            return flask.make_response(error.get_response())
        title, body = _KNOWN.get(status, _KNOWN[400 if status < 500 else 500])
        answer = error_answer(status, (error.name or "error").lower().replace(" ", "_"), title, body)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def unforeseen(_error: Exception) -> flask.Response:
        reference = secrets.token_hex(4)
        log.exception("request failed, reference %s, endpoint %s", reference, flask.request.endpoint)
        title, body = _KNOWN[500]
        return error_answer(500, "server_error", title, body, note=reference)
