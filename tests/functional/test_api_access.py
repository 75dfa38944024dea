"""
Who may call the API: real tokens of the real identity provider, in every form, bound in every way. Nothing is replaced
but the network between the two, which is a function call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import flask
import pytest
from werkzeug.test import TestResponse

import signing.web.api.mount
import wsgi
from base.http import Answer
from base.services import BaseServices
from base.web.edge import CERTIFICATE
from base.web.shell import make_app
from signing.services import SigningServices, open_signing
from signing.settings import SigningSettings
from tests.api_caller import Application, code_of
from tests.certificates import self_signed
from tests.desk_papers import decision
from tests.proofs import HeldKey
from tests.provider import SETTINGS, Provider, Registered, open_provider

RESOURCE = "http://localhost:8000/api/signatures"
VERIFY = "/api/signatures/verifications"
PAPER = decision()


@dataclass
class Wire:
    """The way to the provider: what is sent reaches its hot edge."""

    provider: Provider

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        return self._answer(self.provider.ask(urlsplit(url).path, headers=headers))

    def post(self, url: str, data: Mapping[str, str], *, headers: Mapping[str, str]) -> Answer:
        return self._answer(self.provider.ask(urlsplit(url).path, method="POST", form=data, headers=headers))

    @staticmethod
    def _answer(reply: Any) -> Answer:
        return Answer(reply.status, reply.headers.get("Content-Type", ""), reply.body)


@dataclass
class Both:
    """Provider and API."""

    provider: Provider
    services: SigningServices
    app: flask.Flask

    def token(self, client: Registered, *, scope: str = "signatures:verify", proof: str | None = None) -> str:
        reply = self.provider.posted(
            "/token", client, proof=proof, grant_type="client_credentials", scope=scope, resource=RESOURCE
        )
        assert reply.status == 200, reply.body
        return str(reply.json["access_token"])

    def agency(self, **metadata: Any) -> Registered:
        words = "signatures:create signatures:verify signatures:extend"
        return self.provider.machine(**{"scope": words, "resources": [RESOURCE]} | metadata)

    def call(self, token: str, *, scheme: str = "Bearer", **headers: str) -> TestResponse:
        return Application(self.app.test_client(), token, scheme).post("/verifications", PAPER, headers=headers)


@pytest.fixture
def both(make_base: Callable[..., BaseServices]) -> Both:
    base = make_base(*SETTINGS, SigningSettings())
    provider = open_provider(base)
    keys = provider.services.keys
    services = open_signing(replace(base, http=Wire(provider)), keys)  # type: ignore[arg-type]  # it has what is used
    for _ in range(2):  # at every start; the second time changes nothing
        wsgi.register_api(wsgi.Services(base, keys, provider.services, services))
    app = make_app(base, name="Ấn Tín", roads=(), cookie_key=bytes(32))
    signing.web.api.mount.mount(app, services)
    return Both(provider, services, app)


def challenge(answer: TestResponse) -> str:
    return str(answer.headers["WWW-Authenticate"])


@pytest.mark.parametrize("opaque", [False, True], ids=["jwt", "opaque"])
def test_a_token_for_this_place_opens_what_its_scope_says(both: Both, opaque: bool) -> None:
    client = both.agency(opaque_access_tokens=True) if opaque else both.agency()
    assert both.call(both.token(client)).status_code == 200
    answer = both.call(both.token(client, scope="signatures:create"))
    assert code_of(answer) == (403, "insufficient_scope")
    assert 'scope="signatures:verify"' in challenge(answer)


def test_a_token_for_another_place_opens_nothing(both: Both) -> None:
    elsewhere = "https://records.example"
    client = both.agency(resource=elsewhere, resources=[elsewhere, RESOURCE])
    reply = both.provider.posted("/token", client, grant_type="client_credentials", scope="signatures:verify")
    token = reply.json["access_token"]
    answer = both.call(token)
    assert code_of(answer) == (401, "invalid_token")
    metadata = "http://localhost:8000/.well-known/oauth-protected-resource/api/signatures"
    assert f'resource_metadata="{metadata}"' in challenge(answer)
    found = json.loads(both.app.test_client().get(urlsplit(metadata).path).data)
    assert (found["resource"], found["authorization_servers"]) == (RESOURCE, ["http://localhost:8000"])


def test_a_revoked_token_opens_nothing_from_that_moment(both: Both) -> None:
    client = both.agency()
    token = both.token(client)
    assert both.call(token).status_code == 200
    assert both.provider.posted("/revoke", client, token=token).status == 200
    assert code_of(both.call(token)) == (401, "invalid_token")


@pytest.mark.parametrize("token", ["x", "at.x", "a.b.c", "x" * 9000, "a b"])
def test_what_is_no_token(both: Both, token: str) -> None:
    assert code_of(both.call(token)) == (401, "invalid_token")


def test_a_token_bound_to_a_key(both: Both) -> None:
    key, thief = HeldKey(), HeldKey()
    now = both.provider.now
    client = both.agency(dpop_bound_access_tokens=True)
    token = both.token(client, proof=key.proof("/token", now))
    good = key.proof(VERIFY, now, token=token)
    assert both.call(token, scheme="DPoP", DPoP=good).status_code == 200
    refused = {
        "used": good,
        "another key": thief.proof(VERIFY, now, token=token),
        "another token": key.proof(VERIFY, now, token=token + "x"),
        "no token": key.proof(VERIFY, now),
        "another address": key.proof("/api/signatures/extensions", now, token=token),
        "another method": key.proof(VERIFY, now, token=token, method="GET"),
        "old": key.proof(VERIFY, now - 61, token=token),
        "of the future": key.proof(VERIFY, now + 61, token=token),
        "no jti": key.proof(VERIFY, now, token=token, jti=None),
        "two": f"{key.proof(VERIFY, now, token=token)}, {key.proof(VERIFY, now, token=token)}",
    }
    for why, proof in refused.items():
        answer = both.call(token, scheme="DPoP", DPoP=proof)
        assert code_of(answer) == (401, "invalid_dpop_proof"), why
        assert challenge(answer).startswith('DPoP realm="antin", algs="'), why
    assert code_of(both.call(token, scheme="DPoP")) == (401, "invalid_dpop_proof")
    answer = both.call(token)  # stolen, and shown as if it were bound to nothing
    assert code_of(answer) == (401, "invalid_token")
    assert challenge(answer).startswith("DPoP ")
    free = both.token(both.agency())
    assert code_of(both.call(free, scheme="DPoP", DPoP=key.proof(VERIFY, now, token=free))) == (401, "invalid_token")


def test_nonces_where_they_are_asked_for(both: Both) -> None:
    key, now = HeldKey(), both.provider.now
    client = both.agency(dpop_bound_access_tokens=True)
    token = both.token(client, proof=key.proof("/token", now))
    plain = both.call(token, scheme="DPoP", DPoP=key.proof(VERIFY, now, token=token))
    assert (plain.status_code, "DPoP-Nonce" in plain.headers) == (200, False)

    def asked(*, strict: bool, **claims: Any) -> TestResponse:
        app = make_app(both.services.base, name="Ấn Tín", roads=(), cookie_key=bytes(32))
        settings = replace(both.services.settings, api_dpop_nonce_required=strict)
        signing.web.api.mount.mount(app, replace(both.services, settings=settings))
        caller = Application(app.test_client(), token, "DPoP")
        return caller.post("/verifications", PAPER, headers={"DPoP": key.proof(VERIFY, now, token=token, **claims)})

    refused = asked(strict=True)
    assert code_of(refused) == (401, "use_dpop_nonce")
    assert 'error="use_dpop_nonce"' in challenge(refused)
    nonce = refused.headers["DPoP-Nonce"]
    answer = asked(strict=True, nonce=nonce)
    assert (answer.status_code, answer.headers["DPoP-Nonce"]) == (200, nonce)
    for wrong in ("x" * 43, "", 7):
        assert code_of(asked(strict=True, nonce=wrong)) == (401, "use_dpop_nonce")
        assert code_of(asked(strict=False, nonce=wrong)) == (401, "use_dpop_nonce")
    assert asked(strict=False, nonce=nonce).status_code == 200


def test_a_token_bound_to_a_certificate(both: Both) -> None:
    own, other = self_signed("CN=Cổng"), self_signed("CN=Cổng")
    token = both.token(both.agency())
    known = both.services.keys.read_peer(own.der).thumbprint
    answers = {"active": True, "aud": RESOURCE, "scope": "signatures:verify", "client_id": "x"}
    wire = both.services.base.http
    real = wire.post

    def bound(url: str, data: Mapping[str, str], *, headers: Mapping[str, str]) -> Answer:
        if url.endswith("/introspect"):
            body = {**answers, "cnf": {"x5t#S256": known}}
            return Answer(200, "application/json", json.dumps(body).encode())
        return real(url, data, headers=headers)

    wire.post = bound  # type: ignore[method-assign, assignment]  # an answer that this provider has no proxy for

    def with_certificate(shown: tuple[str, str] | None) -> TestResponse:
        environ = {} if shown is None else {CERTIFICATE: shown}
        headers = {"Authorization": f"Bearer {token}"}
        return both.app.test_client().post(VERIFY, headers=headers, environ_overrides=environ)

    assert code_of(with_certificate((own.header, ""))) == (415, "unsupported_media_type")  # admitted, and then read
    for shown in (None, (other.header, ""), ("rubbish", ""), (":" + "A" * 20_000 + ":", "")):
        assert code_of(with_certificate(shown)) == (401, "invalid_token")


def test_a_provider_that_is_away_is_said(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    token = both.token(both.agency())
    monkeypatch.setattr(Wire, "post", lambda *_args, **_more: Answer(503, "", b"{}"))
    answer = both.call(token)
    assert code_of(answer) == (503, "provider_unreachable")
    assert answer.headers["Retry-After"]


def test_what_the_api_itself_is_registered_for_opens_nothing(both: Both) -> None:
    """Its client may ask about tokens; none that it gets is good for anything here."""
    settings = both.services.settings
    client = both.provider.services.clients.get(settings.api_client_id)
    assert client is not None
    assert (client.scope, client.grant_types) == (frozenset(), frozenset({"client_credentials"}))
