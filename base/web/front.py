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
    Text(  # no-break spaces keep words that belong together on one line
        "Một\u00a0lần đăng\u00a0nhập, một\u00a0chữ\u00a0ký, ai\u00a0cũng kiểm\u00a0tra\u00a0được",
        "One login, one\u00a0signature, checked\u00a0by\u00a0anyone",
    ),
    Text(
        "Ấn Tín là dịch vụ đăng nhập và ký số dùng chung cho các cơ quan nhà nước.",
        "Ấn Tín is the shared login and document-signing service of public agencies.",
    ),
)


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
