"""The front page, which says in one screen what this is, and the language switch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import flask
from werkzeug.wrappers import Response

from base.texts import Text
from base.web.cookies import set_cookie
from base.web.texts import LANG_COOKIE, known_lang
from base.web.ways import Road, local_path

LANG_COOKIE_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Lead:
    """Heading and opening sentence of a front page."""

    title: Text
    body: Text


LEAD = Lead(
    Text("Một lần đăng nhập, một chữ ký, ai cũng kiểm tra được", "One login, one signature, anyone can check"),
    Text(
        "Ấn Tín là cổng đăng nhập và ký số dùng chung: công dân đăng nhập một lần cho mọi dịch vụ, cán bộ ký văn bản "
        "bằng khóa của mình, và bất kỳ ai cũng kiểm tra được chữ ký.",
        "Ấn Tín is a shared login and signing service: citizens sign in once for every service, officials sign "
        "documents with keys of their own, and anyone can check a signature.",
    ),
)


def here() -> str:
    """The address of this page for coming back to it by GET; the front page where that cannot be."""
    request = flask.request
    path = request.full_path if request.query_string else request.path
    if request.method != "GET":
        adapter = flask.current_app.create_url_adapter(request)
        if adapter is None or not adapter.test(request.path, "GET"):
            return "/"
    return local_path(path)


def mount(app: flask.Flask, roads: Sequence[Road], lead: Lead) -> None:
    """GET / and GET /language/<code>?next=<path>."""

    @app.get("/")
    def front() -> str:
        return flask.render_template("front.html", roads=roads, lead=lead)

    @app.get("/language/<code>")
    def language(code: str) -> Response:
        lang = known_lang(code)
        if lang is None:
            flask.abort(404)
        response = flask.redirect(local_path(flask.request.args.get("next")), 303)
        set_cookie(response, LANG_COOKIE, lang, LANG_COOKIE_SECONDS)
        return response
