"""A page in front of Flask: what it reads and sends, and what it leaves to Flask, which answers the same."""

from __future__ import annotations

import re
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient

from base.errors import AntinError
from base.texts import spoken_lang
from base.web.edge import EdgeResponse, dispatcher
from base.web.texts import t
from base.web.visit import Visit, as_page, on_edge, shell_of

TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
TEMPLATE = (
    '{% extends "layout.html" %}{% block content %}<h1>{{ word }}</h1><form method="post">{{ csrf_field() }}</form>'
    "{% endblock %}"
)


class Counted:
    """A page that remembers how often it was asked, and says what it was told."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, visit: Visit) -> EdgeResponse:
        self.asked += 1
        if visit.request.method == "POST":
            visit.check_csrf()
        if visit.value("fail") == "expected":
            raise AntinError("taken", vi="Tên đã có người dùng.", en="The name is taken.", status=409)
        if visit.value("fail"):
            raise RuntimeError("inner detail")
        if visit.value("to"):
            visit.set_cookie("antin_seen", "1", None)
            return visit.redirect(visit.value("to"))
        visit.allow_form_action("https://portal.example.vn/callback")
        visit.speak_as_asked(visit.value("asked"))
        word = visit.value("word") or t("không", "nothing")
        return visit.page(visit.render("visit.html", back=visit.here, token=visit.csrf_token(), word=word))


@pytest.fixture
def page() -> Counted:
    return Counted()


@pytest.fixture
def both(app: flask.Flask, page: Counted) -> tuple[FlaskClient, FlaskClient]:
    """Who comes by the edge, and who comes by Flask alone."""
    loader: Any = app.jinja_env.loader
    sources = {"visit.html": TEMPLATE}
    get_source = loader.get_source
    loader.get_source = lambda env, name: (sources[name], None, None) if name in sources else get_source(env, name)
    app.add_url_rule("/visit", "visit", as_page(shell_of(app), page), methods=["GET", "POST"])
    behind = app.test_client()
    whole = app.wsgi_app
    in_front = dispatcher({"/visit": on_edge(shell_of(app), page)}, whole)

    class Edge(FlaskClient):
        def run_wsgi_app(self, environ: dict[str, Any], buffered: bool = False) -> Any:
            self.application.wsgi_app = in_front  # type: ignore[method-assign]  # as Flask means it
            try:
                return super().run_wsgi_app(environ, buffered)
            finally:
                self.application.wsgi_app = whole  # type: ignore[method-assign]  # as Flask means it

    return Edge(app, flask.Response), behind


def said(client: FlaskClient, **options: Any) -> tuple[int, dict[str, str], str]:
    """Status, headers and page of a GET, without what differs every time."""
    answer = client.get("/visit", **options)
    headers = {name: value for name, value in answer.headers.items() if name not in ("Set-Cookie", "Content-Length")}
    return answer.status_code, headers, TOKEN.sub("", answer.text)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"query_string": {"word": "<b>ế", "asked": "en"}},
        {"query_string": "word=a&word=b"},
        {"headers": {"Accept-Language": "en-GB"}},
        {"headers": {"Cookie": "antin_lang=en"}},
        {"query_string": {"ui_locales": "fr en"}},
        {"query_string": {"to": "/tài khoản"}},
        {"query_string": {"fail": "expected"}, "headers": {"Accept-Language": "en"}},
    ],
)
def test_both_ways_answer_alike(both: tuple[FlaskClient, FlaskClient], options: dict[str, Any]) -> None:
    edge, behind = both
    assert said(edge, **options) == said(behind, **options)
    assert spoken_lang.get() == "vi"


def test_a_form_is_taken_with_the_token_of_its_browser_alone(both: tuple[FlaskClient, FlaskClient]) -> None:
    for mine, other in (both, reversed(both)):
        foreign = TOKEN.search(other.get("/visit").text)
        own = TOKEN.search(mine.get("/visit").text)
        assert own
        assert foreign
        taken = mine.post("/visit", data={"csrf": own[1], "word": "một"})
        assert (taken.status_code, "<h1>một</h1>" in taken.text) == (200, True)
        for token in (foreign[1], "", own[1][:-2] + "AA"):
            refused = mine.post("/visit", data={"csrf": token})
            assert (refused.status_code, "Biểu mẫu đã cũ" in refused.text) == (403, True)
        crossed = mine.post("/visit", data={"csrf": own[1]}, headers={"Sec-Fetch-Site": "cross-site"})
        assert crossed.status_code == 403
        for client in (mine, other):
            client.delete_cookie("antin_browser")


def test_a_browser_without_a_cookie_is_given_one_and_keeps_it(both: tuple[FlaskClient, FlaskClient]) -> None:
    for client in both:
        first = client.get("/visit").headers.getlist("Set-Cookie")
        assert len(first) == 1
        assert re.match(r"antin_browser=[\w-]{43}; ", first[0])
        assert first[0].endswith("; Max-Age=31536000; HttpOnly; Path=/; SameSite=Lax")
        assert client.get("/visit").headers.getlist("Set-Cookie") == []
        client.set_cookie("antin_browser", "planted")
        assert len(client.get("/visit").headers.getlist("Set-Cookie")) == 1


def test_the_page_names_where_its_form_may_end(both: tuple[FlaskClient, FlaskClient]) -> None:
    for client in both:
        policy = client.get("/visit").headers["Content-Security-Policy"]
        assert "form-action 'self' https://portal.example.vn;" in policy


def test_what_fails_on_the_edge_is_not_done_again(both: tuple[FlaskClient, FlaskClient], page: Counted) -> None:
    edge, _ = both
    token = TOKEN.search(edge.get("/visit").text)
    assert token
    before = page.asked
    answer = edge.post("/visit", data={"csrf": token[1], "fail": "expected"})
    assert (answer.status_code, page.asked - before) == (409, 1)
    answer = edge.post("/visit", data={"csrf": token[1], "fail": "unforeseen"})
    assert (answer.status_code, page.asked - before) == (500, 2)
    assert "inner detail" not in answer.text
    assert "Máy chủ gặp lỗi" in answer.text


@pytest.mark.parametrize("kind", ["long", "multipart", "no form"])
def test_an_unusual_form_is_left_to_flask(both: tuple[FlaskClient, FlaskClient], kind: str) -> None:
    edge, _ = both
    token = TOKEN.search(edge.get("/visit").text)
    assert token
    fields: dict[str, Any] = {"csrf": token[1], "word": "một" if kind != "long" else "x" * 70_000}
    if kind == "no form":
        assert edge.post("/visit", json=fields).status_code == 403
        return
    options = {"content_type": "multipart/form-data"} if kind == "multipart" else {}
    answer = edge.post("/visit", data=fields, **options)
    assert (answer.status_code, f"<h1>{fields['word']}</h1>" in answer.text) == (200, True)


def test_other_methods_are_left_to_flask(both: tuple[FlaskClient, FlaskClient]) -> None:
    edge, _ = both
    assert edge.put("/visit").status_code == 405
    head = edge.head("/visit")
    assert (head.status_code, head.data) == (200, b"")
