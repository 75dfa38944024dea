"""
The known gaps of Authlib's server side, each shown on stock Authlib and closed here. A release that closes one makes
its test fail on the stock half: then the reason to go without that part is gone (idp/oauth/authlib_door.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import flask
import pytest
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload
from authlib.integrations.sqla_oauth2 import OAuth2ClientMixin, OAuth2TokenMixin
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceCodeGrant
from authlib.oauth2.rfc9101 import JWTAuthenticationRequest
from authlib.oauth2.rfc9207 import IssuerParameter
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select

from base.ids import hash_secret
from idp.models import clients
from idp.protocol.deferred import DEVICE_CODE
from tests.elsewhere import device_code, device_poll
from tests.proofs import ISSUER, HeldKey
from tests.provider import REDIRECT, Provider, Registered

KEY = HeldKey("PS256")


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client(trusted=True)


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


@dataclass
class Codes(grants.AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    """Stock grant over the hooks its documentation shows."""

    request: Any
    server: Any
    kept: dict[str, Any] = field(default_factory=dict)

    def query_authorization_code(self, code: str, _client: Any) -> Any:
        return self.kept.get(code)

    def delete_authorization_code(self, code: Any) -> None:
        self.kept.pop(code.code, None)

    def authenticate_user(self, _code: Any) -> Any:
        return SimpleNamespace(id="lan")

    def authenticate_token_endpoint_client(self) -> Any:
        return self.request.client


def test_a_code_is_spent_before_tokens_are_made(provider: Provider, client: Registered, cookie: str) -> None:
    """Stock: looked up, tokens saved, then deleted: of two requests at once both get tokens. It asks no clock."""
    saved: list[Any] = []
    old = SimpleNamespace(
        code="c1", get_redirect_uri=lambda: "", get_scope=lambda: "", is_expired=lambda: True, code_challenge=None
    )
    asking = SimpleNamespace(check_grant_type=lambda _kind: True, client_id="x", get_allowed_scope=lambda scope: scope)
    kept = {"c1": old}
    server = SimpleNamespace(
        save_token=lambda token, _request: saved.append(token),
        generate_token=lambda **_: {"access_token": str(len(saved))},
    )
    both = []
    for _ in range(2):
        payload = SimpleNamespace(redirect_uri=None, grant_type="authorization_code")
        request = SimpleNamespace(
            client=asking, form={"code": "c1"}, payload=payload, auth_method="none", user=None, authorization_code=None
        )
        both.append(Codes(request, server, kept))
    for stock in both:
        stock._hooks = {name: set() for name in ("before_validate_token_request", "after_validate_token_request")}
        stock._hooks |= {"before_create_token_response": set(), "after_create_token_response": set()}
        stock.validate_token_request()
    assert [stock.create_token_response()[0] for stock in both] == [200, 200]

    code = provider.code(client, cookie)
    first = provider.redeem(client, code)
    assert (first.status, provider.redeem(client, code).json["error"]) == (200, "invalid_grant")
    assert provider.userinfo(first.json["access_token"]).status == 401


def test_refresh_tokens_rotate(provider: Provider, client: Registered, cookie: str) -> None:
    assert grants.RefreshTokenGrant.INCLUDE_NEW_REFRESH_TOKEN is False
    first = provider.redeem(client, provider.code(client, cookie, scope="openid offline_access")).json
    token = first["refresh_token"]
    answer = provider.posted("/token", client, grant_type="refresh_token", refresh_token=token).json
    assert answer["refresh_token"] != token


def test_a_device_code_counts_once(provider: Provider, cookie: str) -> None:
    class Stock(DeviceCodeGrant):  # type: ignore[misc]  # Authlib has no types
        def query_device_credential(self, _code: str) -> Any:
            return SimpleNamespace(is_expired=lambda: False, get_user_code=lambda: "u", get_client_id=lambda: "c")

        def query_user_grant(self, _user_code: str) -> Any:
            return SimpleNamespace(id="lan"), True

    def validated() -> Any:
        payload = SimpleNamespace(data={"device_code": "d1"}, scope="")
        asking = SimpleNamespace(check_grant_type=lambda _kind: True, client_id="c", get_client_id=lambda: "c")
        stock = Stock(SimpleNamespace(client=asking, payload=payload, form={"device_code": "d1"}), None)
        stock.authenticate_token_endpoint_client = lambda: asking
        stock.validate_token_request()
        return stock.request.user

    assert validated() is not None
    assert validated() is not None

    device = provider.client(redirect_uris=None, grant_types=[DEVICE_CODE], scope="openid")
    code = device_code(provider, device, cookie)
    assert device_poll(provider, device, code).status == 200
    assert device_poll(provider, device, code).json["error"] == "invalid_grant"


def test_plain_challenges_are_refused(provider: Provider, client: Registered, cookie: str) -> None:
    assert CodeChallenge.DEFAULT_CODE_CHALLENGE_METHOD == "plain"
    for method in ("plain", None):
        reply = provider.authorize(client, cookie, code_challenge_method=method)
        assert reply.params["error"] == "invalid_request"


def test_iss_is_where_the_answer_is(provider: Provider, cookie: str) -> None:
    class Stock(IssuerParameter):  # type: ignore[misc]  # Authlib has no types
        def get_issuer(self) -> str:
            return ISSUER

    response = SimpleNamespace(location=f"{REDIRECT}#code=1")
    Stock().add_issuer_parameter(None, response)
    assert "iss=" not in urlsplit(response.location).fragment

    hybrid = provider.client(
        trusted=True,
        grant_types=["authorization_code", "implicit"],
        response_types=["code", "code id_token"],
        scope="openid",
    )
    location = provider.authorize(hybrid, cookie, response_type="code id_token", scope="openid").location
    assert "iss=" in urlsplit(location).fragment
    assert "iss=" not in urlsplit(location).query


def test_ps256_assertions_count_and_lists_of_audiences_do_not(provider: Provider) -> None:
    class Stock(JWTBearerClientAssertion):  # type: ignore[misc]  # Authlib has no types
        def get_audiences(self) -> list[str]:
            return [ISSUER]

        def validate_jti(self, _claims: Any, _jti: str) -> bool:
            return True

    key = RSAKey.generate_key(2048)
    claims = {"iss": "c", "sub": "c", "aud": [ISSUER, "https://elsewhere.example"], "exp": provider.now + 10**9}
    both = {alg: jwt.encode({"alg": alg}, {**claims, "jti": alg}, key, algorithms=[alg]) for alg in ("PS256", "RS256")}
    with pytest.raises(Exception, match=r"(?i)algorithm"):
        Stock().process_assertion_claims(both["PS256"], key)
    assert Stock().process_assertion_claims(both["RS256"], key)["aud"] == claims["aud"]

    own = provider.machine(token_endpoint_auth_method="private_key_jwt", jwks=KEY.jwks)
    for audience, status in ((ISSUER, 200), ([ISSUER, "https://elsewhere.example"], 401)):
        form = {"grant_type": "client_credentials", **KEY.assertion(own.id, provider.now, aud=audience)}
        assert provider.ask("/token", method="POST", form=form).status == status


def test_a_request_object_names_whom_it_is_for(provider: Provider, cookie: str) -> None:
    """Stock: an object without iss, aud and exp is as good as any."""
    key = RSAKey.generate_key(2048)

    class Stock(JWTAuthenticationRequest):  # type: ignore[misc]  # Authlib has no types
        def resolve_client_public_key(self, _client: Any) -> Any:
            return key

        def get_server_metadata(self) -> dict[str, Any]:
            return {}

    payload = SimpleNamespace(state=None, client_id="c")
    bare = jwt.encode({"alg": "RS256"}, {"client_id": "c", "scope": "openid"}, key)
    found = Stock()._decode_request_object(SimpleNamespace(payload=payload), SimpleNamespace(client_id="c"), bare)
    assert found.claims["scope"] == "openid"

    own = provider.client(trusted=True, jwks=KEY.jwks)
    reply = provider.authorize(own, cookie, request=KEY.sign({"client_id": own.id, "scope": "openid"}))
    assert reply.params["error"] == "invalid_request_object"


def test_the_token_endpoint_reads_no_query(provider: Provider, client: Registered, cookie: str) -> None:
    with flask.Flask("stock").test_request_context("/token?client_id=from-the-query", method="POST"):
        assert FlaskOAuth2Payload(flask.request).data["client_id"] == "from-the-query"

    public = provider.client(trusted=True, token_endpoint_auth_method="none")
    form = {"grant_type": "authorization_code", "code": provider.code(public, cookie), "redirect_uri": REDIRECT}
    reply = provider.ask("/token", method="POST", query={"client_id": public.id}, form=form)
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


def test_secrets_are_kept_as_hashes(provider: Provider, client: Registered) -> None:
    """Stock: columns in clear, and too short for a JWT."""
    assert OAuth2TokenMixin.access_token.type.length == 255
    kept = SimpleNamespace(client_secret="in clear")
    assert OAuth2ClientMixin.check_client_secret(kept, "in clear")

    with provider.services.base.db.read() as connection:
        stored = connection.execute(select(clients.c.secret_hash).where(clients.c.client_id == client.id)).scalar()
    assert stored == hash_secret(client.secret)
    assert client.secret not in str(stored)


def test_an_unknown_hint_is_ignored(provider: Provider, client: Registered, cookie: str) -> None:
    class Stock(RevocationEndpoint):  # type: ignore[misc]  # Authlib has no types
        def query_token(self, *_: Any) -> None:
            return None

    asked = SimpleNamespace(form={"token": "x", "token_type_hint": "of_another_kind"})
    with pytest.raises(Exception, match="unsupported_token_type"):
        Stock(None).check_params(asked, None)

    token = provider.redeem(client, provider.code(client, cookie)).json["access_token"]
    assert provider.posted("/revoke", client, token=token, token_type_hint="of_another_kind").status == 200
    assert provider.userinfo(token).status == 401
