"""Errors of the API: RFC 9457 problem details, the sentence in the language asked for and in both."""

from __future__ import annotations

import logging
import secrets

import flask
from werkzeug.exceptions import HTTPException

from base.errors import AntinError
from base.texts import Text
from base.web.texts import current_lang
from signing.errors import ApiRefused

log = logging.getLogger("antin.api")
MEDIA_TYPE = "application/problem+json"
BUSY_SECONDS = 5
_HTTP = {
    404: Text("Không có địa chỉ này.", "There is no such address."),
    405: Text("Địa chỉ này không nhận phương thức đó.", "This address does not take that method."),
    413: Text("Dữ liệu gửi lên vượt quá giới hạn.", "What was sent is over the limit."),
}
_OTHER = Text("Máy chủ không hiểu yêu cầu này.", "The server does not understand this request.")
_OURS = Text(
    "Máy chủ gặp lỗi; lỗi đã được ghi lại. Hãy thử lại sau ít phút.",
    "The server failed; the failure was recorded. Try again in a few minutes.",
)


def of_error(error: AntinError) -> flask.Response:
    """What we foresaw."""
    if error.debug or error.status >= 500:
        log.log(logging.ERROR if error.status >= 500 else logging.INFO, "%s, %s", error.code, error.debug)
    said = Text(error.vi or error.en or _OTHER.vi, error.en or error.hint or _OTHER.en)
    answer = problem(error.status, error.code, said, hint=error.hint)
    if isinstance(error, ApiRefused) and error.challenge:
        answer.headers["WWW-Authenticate"] = error.challenge
        if error.nonce:
            answer.headers["DPoP-Nonce"] = error.nonce
    wait = error.retry_seconds or (BUSY_SECONDS if error.status == 503 else 0)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def of_http(error: HTTPException) -> flask.Response:
    """What the framework found."""
    status = error.code or 500
    code = (error.name or "error").lower().replace(" ", "_")
    answer = problem(status, code, _HTTP.get(status, _OURS if status >= 500 else _OTHER))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def of_unforeseen(_error: Exception) -> flask.Response:
    """What nobody foresaw: logged under a reference, which is all that leaves."""
    reference = secrets.token_hex(4)
    log.exception("request failed, reference %s, endpoint %s", reference, flask.request.endpoint)
    return problem(500, "server_error", _OURS, reference=reference)


def problem(status: int, code: str, said: Text, *, hint: str = "", reference: str = "") -> flask.Response:
    """Source: RFC 9457 §3. `title` is the code in words for developers; `messages` is for people, in both languages."""
    body = {
        "type": f"urn:antin:problem:{code}",
        "title": hint or code.replace("_", " "),
        "status": status,
        "detail": said.within(current_lang()),
        "code": code,
        "messages": {"vi": said.vi, "en": said.en},
    }
    if reference:
        body["reference"] = reference
    answer = flask.jsonify(body)
    answer.status_code = status
    answer.content_type = MEDIA_TYPE
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Language"] = current_lang()
    return answer
