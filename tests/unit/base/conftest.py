"""A small application on the web shell, for the tests of the shell itself."""

from __future__ import annotations

from collections.abc import Callable

import flask
import pytest
from flask.testing import FlaskClient

from base.errors import AntinError
from base.services import BaseServices
from base.settings import BaseSettings
from base.texts import Text
from base.web.csrf import browser_id, csrf_exempt
from base.web.headers import allow_form_action
from base.web.shell import Road, make_app

ROADS = (Road("/verify", Text("Mọi người", "Everyone"), Text("Kiểm tra.", "Check."), Text("Mở", "Open")),)
PAGE = '{% extends "layout.html" %}{% block content %}<h1>x</h1>{{ csrf_field() }}{% endblock %}'


def build(services: BaseServices) -> flask.Flask:
    app = make_app(services, name="Ấn Tín", roads=ROADS, cookie_key=b"k" * 32)

    @app.route("/form", methods=["GET", "POST"])
    def form() -> str:
        return "accepted" if flask.request.method == "POST" else flask.render_template_string(PAGE)

    @app.post("/program")
    @csrf_exempt
    def program() -> str:
        return "accepted"

    @app.get("/browser")
    def browser() -> str:
        return browser_id()

    @app.get("/away")
    def away() -> str:
        allow_form_action(flask.request.args["to"])
        return flask.render_template_string(PAGE)

    @app.get("/refused")
    def refused() -> str:
        raise AntinError("taken", vi="Tên đã có người dùng.", en="The name is taken.", debug="row 7", status=409)

    @app.get("/boom")
    def boom() -> str:
        raise RuntimeError("inner detail")

    return app


@pytest.fixture
def app(make_base: Callable[..., BaseServices]) -> flask.Flask:
    return build(make_base())


@pytest.fixture
def client(app: flask.Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def https_client(make_base: Callable[..., BaseServices], monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The same application as people reach it by https."""
    monkeypatch.setattr(BaseSettings, "secure", True)
    return build(make_base()).test_client()
