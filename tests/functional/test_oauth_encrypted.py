"""What is signed and encrypted for a client, and what a client encrypts to us; real keys on both sides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from base.clock import FixedClock
from base.web.edge import FallThrough
from idp.errors import UnsafeToRedirect
from idp.flows.authorize import Incoming, authorize
from idp.flows.logout_delivery import logout_claims
from idp.flows.protect import protect
from keys.api import TokenType
from tests.proofs import ISSUER, HeldKey
from tests.provider import BROWSER, REQUEST, Provider, Registered, Reply
from tests.readers import ALGORITHMS, CONTENTS, Published, ReadingKey, published_keys, sealed_for

SIGNING = HeldKey("ES256")
READING = {alg: ReadingKey(alg, f"e{number}") for number, alg in enumerate(ALGORITHMS)}
JWKS = {"keys": [*SIGNING.jwks["keys"], *(key.jwk for key in READING.values())]}


def encrypting(
    provider: Provider, message: str, alg: str = "ECDH-ES", enc: str | None = None, **more: Any
) -> Registered:
    names = {f"{message}_encrypted_response_alg": alg, f"{message}_encrypted_response_enc": enc}
    return provider.client(trusted=True, **{"jwks": JWKS} | names | more)


def verified(provider: Provider, token: str, client: Registered, typ: str, alg: str = "ES256") -> dict[str, Any]:
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"]) == (alg, typ)
    key = next(key for key in jwks_of(provider)["keys"] if key["kid"] == header["kid"])
    assert (key["alg"], key["use"]) == (alg, "sig")
    options: Any = {"verify_exp": False, "verify_iat": False}
    found: dict[str, Any] = jwt.decode(token, jwt.PyJWK(key), [alg], audience=client.id, issuer=ISSUER, options=options)
    return found


def jwks_of(provider: Provider) -> dict[str, Any]:
    return provider.ask("/jwks").json


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


# ── ID tokens ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("alg", ALGORITHMS)
@pytest.mark.parametrize("enc", [None, *CONTENTS])
def test_an_encrypted_id_token(provider: Provider, cookie: str, alg: str, enc: str | None) -> None:
    client = encrypting(provider, "id_token", alg, enc)
    tokens = provider.redeem(client, provider.code(client, cookie)).json
    inside = READING[alg].token(tokens["id_token"], enc or "A128CBC-HS256")
    assert verified(provider, inside, client, "JWT")["nonce"] == "n-1"


def test_every_id_token_and_logout_token_of_the_client_is_encrypted(provider: Provider, cookie: str) -> None:
    client = encrypting(provider, "id_token", id_token_signed_response_alg="PS256")
    tokens = provider.redeem(client, provider.code(client, cookie, scope="openid offline_access")).json
    again = provider.refresh(client, tokens["refresh_token"]).json
    verified(provider, READING["ECDH-ES"].token(again["id_token"]), client, "JWT", "PS256")
    assert tokens["access_token"].count(".") == 2  # for us, not for the client
    services = provider.services
    claims = logout_claims(services, client.client, sid="s", user_id="usr_x")
    sent = protect(services, client.client, claims, message="id_token", typ=TokenType.LOGOUT, alg="PS256")
    assert verified(provider, READING["ECDH-ES"].token(sent), client, "logout+jwt", "PS256")["sid"] == "s"


def test_the_client_may_encrypt_its_hint_to_us(provider: Provider, cookie: str) -> None:
    client = encrypting(provider, "id_token")
    token = READING["ECDH-ES"].token(provider.redeem(client, provider.code(client, cookie)).json["id_token"])
    hint = sealed_for(jwks_of(provider), "RSA-OAEP-256", token)
    assert "code" in provider.authorize(client, cookie, id_token_hint=hint, prompt="none").params
    broken = hint[:-2] + ("AA" if not hint.endswith("AA") else "BB")
    assert provider.authorize(client, cookie, id_token_hint=broken).params["error"] == "invalid_request"


# ── Userinfo ─────────────────────────────────────────────────────────────────────────────────────────────────────


def ask_userinfo(provider: Provider, client: Registered, cookie: str) -> Reply:
    tokens = provider.redeem(client, provider.code(client, cookie, scope="openid email")).json
    reply = provider.userinfo(tokens["access_token"])
    assert reply.status == 200, reply.body
    assert reply.headers["Cache-Control"] == "no-store"
    return reply


def test_plain_userinfo_stays_json(provider: Provider, cookie: str) -> None:
    reply = ask_userinfo(provider, provider.client(trusted=True), cookie)
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json.keys() == {"sub", "email", "email_verified"}


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256", "EdDSA"])
def test_signed_userinfo(provider: Provider, cookie: str, alg: str) -> None:
    client = provider.client(trusted=True, userinfo_signed_response_alg=alg)
    reply = ask_userinfo(provider, client, cookie)
    assert reply.headers["Content-Type"] == "application/jwt"
    claims = verified(provider, reply.body.decode(), client, "userinfo+jwt", alg)
    assert claims.keys() == {"iss", "aud", "sub", "email", "email_verified"}


def test_signed_and_encrypted_userinfo(provider: Provider, cookie: str) -> None:
    client = encrypting(provider, "userinfo", "RSA-OAEP-256", "A256GCM", userinfo_signed_response_alg="ES256")
    reply = ask_userinfo(provider, client, cookie)
    assert reply.headers["Content-Type"] == "application/jwt"
    inside = READING["RSA-OAEP-256"].token(reply.body.decode(), "A256GCM")
    assert verified(provider, inside, client, "userinfo+jwt")["email"] == "lan@example.vn"


def test_encrypted_userinfo_alone(provider: Provider, cookie: str) -> None:
    client = encrypting(provider, "userinfo", "ECDH-ES+A256KW", "A128GCM")
    header, content = READING["ECDH-ES+A256KW"].read(ask_userinfo(provider, client, cookie).body.decode())
    assert "cty" not in header
    assert json.loads(content)["email"] == "lan@example.vn"


# ── Responses of the authorization endpoint ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_an_encrypted_response(provider: Provider, cookie: str, alg: str) -> None:
    client = encrypting(provider, "authorization", alg, authorization_signed_response_alg="EdDSA")
    response = provider.authorize(client, cookie, response_mode="jwt").params["response"]
    claims = verified(provider, READING[alg].token(response), client, "oauth-authz-resp+jwt", "EdDSA")
    assert provider.redeem(client, claims["code"]).status == 200
    refused = provider.authorize(client, cookie, response_mode="jwt", scope=None).params["response"]
    assert "error" in verified(provider, READING[alg].token(refused), client, "oauth-authz-resp+jwt", "EdDSA")
    assert "code" in provider.authorize(client, cookie).params  # a mode that does not sign does not encrypt


# ── Introspection ────────────────────────────────────────────────────────────────────────────────────────────────

AS_TOKEN = {"Accept": "application/token-introspection+jwt"}


def introspected(provider: Provider, client: Registered, token: str, accept: dict[str, str] = AS_TOKEN) -> Reply:
    headers = {"Authorization": client.basic} | accept
    return provider.ask("/introspect", method="POST", form={"token": token}, headers=headers)


def test_a_signed_introspection_answer(provider: Provider, cookie: str) -> None:
    client = provider.client(trusted=True, introspection_signed_response_alg="PS256")
    token = provider.redeem(client, provider.code(client, cookie)).json["access_token"]
    reply = introspected(provider, client, token)
    assert reply.headers["Content-Type"] == "application/token-introspection+jwt"
    claims = verified(provider, reply.body.decode(), client, "token-introspection+jwt", "PS256")
    assert claims.keys() == {"iss", "aud", "iat", "token_introspection"}
    plain = introspected(provider, client, token, {})
    assert plain.headers["Content-Type"] == "application/json"
    assert claims["token_introspection"] == plain.json
    assert plain.json["active"] is True
    foreign = verified(
        provider, introspected(provider, client, "x.y.z").body.decode(), client, "token-introspection+jwt", "PS256"
    )
    assert foreign["token_introspection"] == {"active": False}


def test_its_algorithm_where_none_is_named(provider: Provider) -> None:
    client = provider.machine()
    reply = introspected(provider, client, provider.token(client, grant_type="client_credentials").json["access_token"])
    verified(provider, reply.body.decode(), client, "token-introspection+jwt", "RS256")  # RFC 9701 §6


def test_an_encrypted_introspection_answer(provider: Provider, cookie: str) -> None:
    client = encrypting(
        provider, "introspection", "ECDH-ES+A128KW", "A256CBC-HS512", introspection_signed_response_alg="ES256"
    )
    token = provider.redeem(client, provider.code(client, cookie)).json["access_token"]
    inside = READING["ECDH-ES+A128KW"].token(introspected(provider, client, token).body.decode(), "A256CBC-HS512")
    assert verified(provider, inside, client, "token-introspection+jwt")["token_introspection"]["active"] is True


@pytest.mark.parametrize(
    ("accept", "signed"),
    [
        ("application/token-introspection+jwt", True),
        ("application/json, Application/Token-Introspection+JWT;q=0.5", True),
        ("application/token-introspection+jwt;q=0", False),
        ("application/token-introspection+jwt; q=0.000", False),
        ("application/token-introspection+jwtx", False),
        ("application/json", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_only_who_asks_for_it_gets_a_token(provider: Provider, accept: str, signed: bool) -> None:
    client = provider.machine()
    reply = introspected(provider, client, "x", {"Accept": accept})
    assert reply.headers["Content-Type"] == f"application/{'token-introspection+jwt' if signed else 'json'}"


def test_errors_stay_json(provider: Provider) -> None:
    reply = provider.ask("/introspect", method="POST", form={"token": "x"}, headers=AS_TOKEN)
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


# ── Keys at an address ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def keys_of_client() -> Iterator[Published]:
    with published_keys() as published:
        yield published


def by_address(provider: Provider, published: Published, message: str, **more: Any) -> Registered:
    return encrypting(provider, message, jwks=None, jwks_uri=published.address, **more)


def test_keys_are_fetched_and_fetched_anew(provider: Provider, keys_of_client: Published, clock: FixedClock) -> None:
    first, second = ReadingKey("ECDH-ES", "a"), ReadingKey("ECDH-ES", "b")
    keys_of_client.keys = [SIGNING.jwks["keys"][0], {"kty": "EC", "x": 7}, first.jwk]
    client = by_address(provider, keys_of_client, "id_token")
    cookie = provider.session(provider.person())
    first.token(provider.redeem(client, provider.code(client, cookie)).json["id_token"])
    asked = keys_of_client.asked
    first.token(provider.redeem(client, provider.code(client, cookie)).json["id_token"])
    assert keys_of_client.asked == asked  # kept for a while
    keys_of_client.keys = [second.jwk]
    clock.move(301)
    second.token(provider.redeem(client, provider.code(client, cookie)).json["id_token"])


def test_a_missing_key_spends_no_code(provider: Provider, keys_of_client: Published, clock: FixedClock) -> None:
    client = by_address(provider, keys_of_client, "id_token")
    code = provider.code(client, provider.session(provider.person()))
    told = provider.redeem(client, code)
    assert (told.status, told.json["error"]) == (400, "invalid_request")
    assert "ECDH-ES" in told.json["error_description"]
    reading = ReadingKey("ECDH-ES", "late")
    keys_of_client.keys = [reading.jwk]
    clock.move(31)
    answer = provider.redeem(client, code)
    assert answer.status == 200, answer.body
    reading.token(answer.json["id_token"])


def test_a_missing_key_at_userinfo_and_introspection(provider: Provider, keys_of_client: Published) -> None:
    cookie = provider.session(provider.person())
    for message in ("userinfo", "introspection"):
        client = by_address(provider, keys_of_client, message)
        token = provider.redeem(client, provider.code(client, cookie)).json["access_token"]
        told = provider.userinfo(token) if message == "userinfo" else introspected(provider, client, token)
        assert (told.status, told.json["error"]) == (400, "invalid_request")


def test_a_response_that_cannot_be_encrypted_is_told_to_the_person(
    provider: Provider, keys_of_client: Published
) -> None:
    """Nothing is granted then, and nothing travels in clear."""
    client = by_address(provider, keys_of_client, "authorization")
    cookie = provider.session(provider.person())
    for changes in ({}, {"scope": None}):
        with pytest.raises(FallThrough):
            provider.authorize(client, cookie, response_mode="jwt", **changes)
    query = "&".join(
        f"{name}={value}" for name, value in {"client_id": client.id, "response_mode": "jwt", **REQUEST}.items()
    )
    with pytest.raises(UnsafeToRedirect):
        authorize(provider.services, Incoming(query.encode(), BROWSER, cookie))
    with provider.services.base.db.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM grants").scalar() == 0


@pytest.mark.parametrize("response_type", ["id_token", "code id_token"])
def test_an_id_token_through_the_browser_is_encrypted_or_not_sent(
    provider: Provider, keys_of_client: Published, clock: FixedClock, response_type: str
) -> None:
    """Without a key the client is told so, and nothing is granted."""
    grants = ["implicit", "authorization_code"] if "code" in response_type else ["implicit"]
    more = {"response_types": [response_type], "grant_types": grants, "scope": "openid"}
    client = by_address(provider, keys_of_client, "id_token", **more)
    cookie = provider.session(provider.person())
    told = provider.authorize(client, cookie, response_type=response_type).params
    assert told["error"] == "invalid_request"
    with provider.services.base.db.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM grants").scalar() == 0
    reading = ReadingKey("ECDH-ES", "late")
    keys_of_client.keys = [reading.jwk]
    clock.move(31)
    sent = provider.authorize(client, cookie, response_type=response_type).params
    assert verified(provider, reading.token(sent["id_token"]), client, "JWT")["nonce"] == "n-1"
