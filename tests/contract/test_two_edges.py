"""The hot edge and Flask answer alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
import orjson
import pytest

from base.services import BaseServices
from base.texts import Text
from base.web.edge import FallThrough, dispatcher
from base.web.shell import make_app
from idp.web import oauth
from keys.errors import KeysUnavailable
from tests.provider import CHALLENGE, REDIRECT, SETTINGS, Provider, environ_for, open_provider

IGNORED = {"Content-Length", "Date", "Set-Cookie", "Strict-Transport-Security"}


@pytest.fixture
def base(make_base: Callable[..., BaseServices]) -> BaseServices:
    return make_base(*SETTINGS)


@pytest.fixture
def provider(base: BaseServices) -> Provider:
    return open_provider(base)


@pytest.fixture
def app(base: BaseServices, provider: Provider) -> flask.Flask:
    made = make_app(base, name=Text("Ấn Tín", "Ấn Tín"), roads=(), cookie_key=b"k" * 32)
    oauth.mount(made, provider.services)
    return made


def answer_of(application: Any, environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    seen: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        seen.extend((int(status.split()[0]), dict(headers)))

    body = b"".join(application(environ, start_response))
    return seen[0], {name: value for name, value in seen[1].items() if name not in IGNORED}, body


def requests_of(provider: Provider) -> list[dict[str, Any]]:
    machine, public = provider.machine(), provider.client(token_endpoint_auth_method="none")
    token = provider.token(machine, grant_type="client_credentials").json["access_token"]
    basic = {"Authorization": machine.basic}
    authorize = {
        "client_id": public.id,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "openid",
        "prompt": "none",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return [
        {"path": "/jwks"},
        {"path": "/jwks", "method": "POST"},
        {"path": "/.well-known/openid-configuration"},
        {"path": "/.well-known/openid-configuration", "method": "HEAD"},
        {"path": "/.well-known/oauth-authorization-server"},
        {"path": "/token"},
        {"path": "/token", "method": "PUT"},
        {"path": "/token", "method": "OPTIONS", "headers": {"Origin": "https://x.test"}},
        {"path": "/token", "method": "POST", "form": {}},
        {"path": "/token", "method": "POST", "form": "a=1&a=2", "headers": basic},
        {"path": "/token", "method": "POST", "form": "a=%ff", "headers": basic},
        {"path": "/token", "method": "POST", "form": "x" * 70_000, "headers": basic},
        {"path": "/token", "method": "POST", "form": "{}", "headers": {"Content-Type": "application/json"}},
        {"path": "/token", "method": "POST", "form": {"grant_type": "password"}, "headers": basic},
        {"path": "/par"},
        {"path": "/par", "method": "PUT"},
        {"path": "/par", "method": "POST", "form": authorize | {"redirect_uri": "https://evil.test"}},
        {"path": "/device_authorization"},
        {"path": "/device_authorization", "method": "POST", "form": {"scope": "openid"}, "headers": basic},
        {"path": "/backchannel_authentication"},
        {"path": "/backchannel_authentication", "method": "POST", "form": {"scope": "openid"}, "headers": basic},
        {"path": "/introspect", "method": "POST", "form": {"token": token}, "headers": basic},
        {"path": "/introspect", "method": "POST", "form": {"token": "a.b.c"}, "headers": basic},
        {"path": "/revoke", "method": "POST", "form": {"token": "x", "client_id": public.id}},
        {"path": "/userinfo"},
        {"path": "/userinfo", "headers": {"Authorization": f"Bearer {token}"}},
        {"path": "/userinfo", "method": "POST", "form": {"access_token": "x.y.z"}},
        {"path": "/whoami", "headers": {"Authorization": f"Bearer {token}", "x-fapi-interaction-id": "a-1"}},
        {"path": "/whoami", "headers": {"Authorization": "Bearer x.y.z"}},
        {"path": "/whoami", "method": "OPTIONS"},
        {"path": "/authorize", "query": authorize},
        {"path": "/authorize", "query": authorize | {"response_mode": "form_post", "state": "ế"}},
        {"path": "/authorize", "query": authorize | {"redirect_uri": "https://evil.test"}},
        {"path": "/authorize", "method": "POST", "form": authorize},
        {"path": "/authorize"},
    ]


def test_both_edges_answer_alike(provider: Provider, app: flask.Flask) -> None:
    in_front = dispatcher(provider.table, app.wsgi_app)
    for request in requests_of(provider):
        given = dict(request)
        path = given.pop("path")
        hot = answer_of(in_front, environ_for(path, **given))
        flasks = answer_of(app.wsgi_app, environ_for(path, **given))
        # Flask's shell adds headers of its own to every answer; what the hot edge says must be there unchanged.
        assert hot[0] == flasks[0], request
        assert hot[2] == flasks[2], request
        for name, value in hot[1].items():
            assert flasks[1].get(name) == value, (request, name)


def test_both_edges_say_when_keys_are_away(
    provider: Provider, app: flask.Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = provider.machine()

    def away(*_given: object, **_more: object) -> str:
        raise KeysUnavailable("The signing device does not answer.", debug="for the operator")

    monkeypatch.setattr(provider.services.keys, "sign_jwt", away)
    request = environ_for(
        "/token",
        method="POST",
        form={"grant_type": "client_credentials"},
        headers={"Authorization": machine.basic, "Accept": "text/html"},
    )
    hot = answer_of(dispatcher(provider.table, app.wsgi_app), dict(request))
    request["wsgi.input"].seek(0)
    flasks = answer_of(app.wsgi_app, request)
    for status, headers, body in (hot, flasks):
        assert (status, headers["Retry-After"]) == (503, "2")
        assert orjson.loads(body)["error"] == "temporarily_unavailable"
        assert b"operator" not in body


def test_a_page_says_when_keys_are_away(app: flask.Flask) -> None:
    @app.get("/sign-something")
    def sign() -> str:
        raise KeysUnavailable("The signing device does not answer.", debug="for the operator")

    answer = app.test_client().get("/sign-something", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "Dịch vụ khóa chưa sẵn sàng" in answer.text
    assert "operator" not in answer.text


def test_a_page_is_left_to_flask(provider: Provider, app: flask.Flask) -> None:
    with pytest.raises(FallThrough):
        provider.ask("/authorize")
    status, headers, body = answer_of(dispatcher(provider.table, app.wsgi_app), environ_for("/authorize"))
    assert status == 400
    assert headers["Content-Type"].startswith("text/html")
    assert "chưa đăng ký" in body.decode()
