"""
The rest of the known gaps of Authlib's server side: response modes, prompt, what stands in an ID token, introspection,
revocation, and two grants under one name. As in test_authlib_gaps.py, each is shown on stock Authlib first.
"""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from authlib.oauth2.drafts.id_jag import IDJAGGrant
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7523 import JWTBearerGrant
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oidc.core import OpenIDCode, UserInfo
from authlib.oidc.core.grants.util import validate_request_prompt
from joserfc import jwt
from joserfc.jwk import RSAKey

from idp.flows.assertions import trust
from keys.api import TokenType
from tests.assertions import assertion, trusting
from tests.provider import REDIRECT, Provider, Registered

SCOPE = "openid profile offline_access"


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client(trusted=True, grant_types=["authorization_code", "refresh_token"], scope=SCOPE)


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


def test_a_code_is_posted_where_that_is_asked(provider: Provider, client: Registered, cookie: str) -> None:
    """Stock: response_mode=form_post goes unheard, the code stands in the address."""

    class Codes(grants.AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
        def save_authorization_code(self, *_: Any) -> None:
            return None

    payload = SimpleNamespace(state="s", data={"response_mode": "form_post"})
    asked = SimpleNamespace(payload=payload, user=None, client=None)
    status, _, headers = Codes(asked, SimpleNamespace()).create_authorization_response(REDIRECT, "lan")
    assert status == 302
    assert "code=" in dict(headers)["Location"]

    reply = provider.authorize(client, cookie, response_mode="form_post")
    assert (reply.status, reply.location) == (200, "")
    assert 'name="code"' in reply.body.decode()


def test_no_prompt_does_not_jump_over_consent(provider: Provider, cookie: str) -> None:
    """Stock: prompt=none asks whether somebody is signed in, and nothing else."""
    payload = SimpleNamespace(data={"prompt": "none"})
    grant = SimpleNamespace(request=SimpleNamespace(payload=payload, user="lan"), prompt=None)
    assert validate_request_prompt(grant, REDIRECT) is grant

    stranger = provider.client(scope=SCOPE)
    assert provider.authorize(stranger, cookie, prompt="none").params["error"] == "consent_required"


def test_an_id_token_names_the_session_and_not_the_person(provider: Provider, client: Registered, cookie: str) -> None:
    """Stock: all claims of the scopes go into the ID token, and it has no sid to sign out with."""
    key = RSAKey.generate_key(2048)

    class Stock(OpenIDCode):  # type: ignore[misc]  # Authlib has no types
        def get_client_claims(self, _client: Any) -> dict[str, Any]:
            return {"iss": "i", "aud": ["c"], "exp": int(time.time()) + 60}

        def resolve_client_private_key(self, _client: Any) -> Any:
            return key

        def generate_user_info(self, _user: Any, _scope: str) -> UserInfo:
            return UserInfo(sub="lan", name="Nguyễn Thị Lan")

    request = SimpleNamespace(client=SimpleNamespace(get_client_id=lambda: "c"), user="lan", authorization_code=None)
    made = jwt.decode(Stock().encode_id_token({"scope": SCOPE}, request), key).claims
    assert made["name"] == "Nguyễn Thị Lan"
    assert "sid" not in made

    tokens = provider.redeem(client, provider.code(client, cookie, scope=SCOPE)).json
    claims = provider.services.keys.verify_own_jwt(
        tokens["id_token"], typ=TokenType.ID, issuer=provider.services.issuer
    )
    assert claims["sid"]
    assert not {"name", "given_name", "family_name", "preferred_username"} & claims.keys()
    assert "name" in provider.userinfo(tokens["access_token"]).json


def test_introspection_asks_whose_token_it_is(provider: Provider, client: Registered, cookie: str) -> None:
    """Stock: no audience is looked at, and there is no signed answer (RFC 9701)."""

    class Stock(IntrospectionEndpoint):  # type: ignore[misc]  # Authlib has no types
        def authenticate_endpoint_client(self, _request: Any) -> str:
            return "another"

        def query_token(self, *_: Any) -> Any:
            return SimpleNamespace(aud="c", is_expired=lambda: False, is_revoked=lambda: False)

        def check_permission(self, *_: Any) -> bool:
            return True

        def introspect_token(self, token: Any) -> dict[str, Any]:
            return {"aud": token.aud}

    asked = SimpleNamespace(form={"token": "t"}, headers={"Accept": "application/token-introspection+jwt"})
    _, body, headers = Stock(None).create_endpoint_response(asked)
    assert body["active"] is True
    assert dict(headers)["Content-Type"] == "application/json"

    token = provider.redeem(client, provider.code(client, cookie)).json["access_token"]
    assert provider.posted("/introspect", provider.machine(), token=token).json == {"active": False}
    wanted = {"Authorization": client.basic, "Accept": "application/token-introspection+jwt"}
    signed = provider.ask("/introspect", method="POST", form={"token": token}, headers=wanted)
    assert signed.headers["Content-Type"] == "application/token-introspection+jwt"


def test_what_is_revoked_takes_its_family_along(provider: Provider, client: Registered, cookie: str) -> None:
    """Stock: one token is handed to the application, the rest of its grant is not spoken of."""
    revoked: list[str] = []

    class Stock(RevocationEndpoint):  # type: ignore[misc]  # Authlib has no types
        def authenticate_endpoint_client(self, _request: Any) -> Any:
            return "c"

        def query_token(self, token: str, _hint: str | None) -> Any:
            return SimpleNamespace(value=token, check_client=lambda _client: True)

        def revoke_token(self, token: Any, _request: Any) -> None:
            revoked.append(token.value)

    Stock(SimpleNamespace(send_signal=lambda *_, **__: None))(SimpleNamespace(form={"token": "refresh"}))
    assert revoked == ["refresh"]

    first = provider.redeem(client, provider.code(client, cookie, scope=SCOPE)).json
    second = provider.refresh(client, first["refresh_token"]).json
    assert provider.posted("/revoke", client, token=second["refresh_token"]).status == 200
    for token in (first["access_token"], second["access_token"]):
        assert provider.userinfo(token).status == 401


def test_two_kinds_of_assertion_do_not_meet_in_one_grant(provider: Provider) -> None:
    """Stock: both go by one name, of which a server holds one. Here a grant reads one type of assertion alone."""
    assert IDJAGGrant.GRANT_TYPE == JWTBearerGrant.GRANT_TYPE

    client = provider.machine(grant_types=[JWTBearerGrant.GRANT_TYPE], scope="records.read")
    trust(provider.services, trusting(client.id))
    provider.person()
    for typ, status in (("JWT", 200), ("oauth-id-jag+jwt", 400)):
        given = assertion(provider.now, header={"kid": "k1", "typ": typ})
        assert provider.token(client, grant_type=JWTBearerGrant.GRANT_TYPE, assertion=given).status == status
