"""The framework-free edge: strict forms, and the same answer as in Flask."""

from __future__ import annotations

import io
from typing import Any

import flask
import orjson
import pytest

from base.web.edge import BadForm, EdgeRequest, EdgeResponse, as_view, dispatcher, parse_parameters

FORM = "application/x-www-form-urlencoded"


def environ(body: bytes = b"", content_type: str = FORM, **more: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/token",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **more,
    }


def call(application: Any, given: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
    seen: list[Any] = []
    body = b"".join(application(given, lambda status, headers: seen.append((status, dict(headers)))))
    return seen[0][0], seen[0][1], body


def test_empty_values_are_absent() -> None:
    assert parse_parameters(b"a=1&b=&c=%E1%BA%A5n") == {"a": "1", "c": "ấn"}


@pytest.mark.parametrize("raw", [b"a=1&a=2", b"a=&a=1", b"a=%ff", b"&".join(b"p%d=1" % i for i in range(300))])
def test_twice_not_utf8_and_too_many_are_refused(raw: bytes) -> None:
    with pytest.raises(BadForm):
        parse_parameters(raw)


@pytest.mark.parametrize(
    "given",
    [
        environ(b"{}", "application/json"),
        environ(b"a=1", CONTENT_LENGTH="999999999"),
        environ(b"a=1", CONTENT_LENGTH="x"),
        environ(b"a" * 70_000, HTTP_TRANSFER_ENCODING="chunked"),
    ],
)
def test_odd_bodies_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(BadForm):
        EdgeRequest(given).form()


def test_form_and_headers_are_read() -> None:
    request = EdgeRequest(environ(b"a=1", f"{FORM}; charset=utf-8", HTTP_COOKIE="x=1; y=2", HTTP_X_A="b"))
    assert request.form() == {"a": "1"}
    assert (request.cookie("y"), request.cookie("z"), request.header("X-A")) == ("2", None, "b")


def echo(request: EdgeRequest) -> EdgeResponse:
    return EdgeResponse(200, (("Content-Type", "text/plain"), ("Cache-Control", "no-store")), request.body)


def forms_only(request: EdgeRequest) -> EdgeResponse:
    return EdgeResponse(200, (), orjson.dumps(request.form()))


def broken(_request: EdgeRequest) -> EdgeResponse:
    raise RuntimeError("inner detail")


def fallback(given: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("404 NOT FOUND", [])
    return [given["PATH_INFO"].encode()]


def test_the_dispatcher_answers_as_flask_does() -> None:
    app = flask.Flask(__name__)
    app.add_url_rule("/token", view_func=as_view(echo), methods=["POST"])
    hot = call(dispatcher({"/token": echo}, app.wsgi_app), environ(b"a=1"))
    cold = app.test_client().post("/token", data=b"a=1", content_type=FORM)
    assert hot[0] == cold.status
    assert hot[2] == cold.data
    assert hot[1] == dict(cold.headers.items())


def test_a_head_request_has_no_body() -> None:
    status, headers, body = call(dispatcher({"/token": echo}, fallback), environ(b"a=1", REQUEST_METHOD="HEAD"))
    assert (status, headers["Content-Length"], body) == ("200 OK", "3", b"")


def test_failures_are_json_and_say_nothing_of_the_inside() -> None:
    application = dispatcher({"/token": broken, "/form": forms_only}, fallback)
    status, _, body = call(application, environ())
    assert status.startswith("500")
    assert orjson.loads(body)["error"] == "server_error"
    assert b"inner" not in body
    status, _, body = call(application, environ(b"a=1&a=2", PATH_INFO="/form"))
    assert status.startswith("400")
    assert orjson.loads(body)["error"] == "invalid_request"


def test_other_paths_fall_through() -> None:
    assert call(dispatcher({"/token": echo}, fallback), environ(PATH_INFO="/else"))[2] == b"/else"
