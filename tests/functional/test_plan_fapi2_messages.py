"""
The official plan fapi2-message-signing-final, module by module: what it adds to the plan of the security profile
(test_plan_fapi2_security.py): requests that are signed and responses that are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest
from jwt import PyJWK

from base.web.edge import FallThrough
from tests.fapi import CITY, VARIANTS, Party, any_alg, party
from tests.functional.idp_site import CALLBACK, Site
from tests.functional.idp_site import PASSWORD as SITE_PASSWORD
from tests.proofs import ISSUER, HeldKey
from tests.provider import REDIRECT, Provider, Reply

MINUTE = 60


@pytest.fixture
def provider(provider: Provider) -> Provider:
    return provider.with_mtls(CITY)


@pytest.fixture(params=VARIANTS, ids="-".join)
def client(request: pytest.FixtureRequest, provider: Provider) -> Party:
    return party(provider, *request.param, require_signed_request_object=True)


@pytest.fixture
def simple(provider: Provider) -> Party:
    return party(provider, "private_key_jwt", "dpop", require_signed_request_object=True)


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


def error(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["error"]


def answer(client: Party, cookie: str, request: str, **beside: str) -> Reply:
    """Push a signed request and begin with it; beside: in the address, where it counts for nothing."""
    pushed = client.push_object(request)
    assert pushed.status == 201, pushed.body
    return client.provider.begin(client.registered, pushed.json["request_uri"], cookie, **beside)


def opened(client: Party, reply: Reply) -> dict[str, Any]:
    """What a signed response says, once its signature, issuer and audience hold."""
    assert reply.params.keys() == {"response"}
    token = reply.params["response"]
    header = jwt.get_unverified_header(token)
    assert header["alg"] in ("PS256", "ES256", "EdDSA")
    keys = client.provider.ask("/jwks").json["keys"]
    key = PyJWK(next(key for key in keys if key["kid"] == header["kid"]))
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[header["alg"]],
        audience=client.id,
        issuer=ISSUER,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert 0 < claims["exp"] - client.now <= 10 * MINUTE
    return claims


def test_happy_flow(client: Party, cookie: str) -> None:
    reply = answer(client, cookie, client.request_object())
    assert reply.params["iss"] == ISSUER
    token = client.redeem(reply.params["code"]).json["access_token"]
    assert client.resource(token).status == 200


def test_happy_flow_with_jarm(client: Party, cookie: str) -> None:
    reply = answer(client, cookie, client.request_object(response_mode="jwt"))
    claims = opened(client, reply)
    assert claims["state"] == "xyz"
    assert client.redeem(claims["code"]).status == 200


@pytest.mark.parametrize("alg", ["PS256", "ES256", "EdDSA"])
def test_happy_flow_in_every_algorithm(provider: Provider, cookie: str, alg: str) -> None:
    key = HeldKey(alg)
    client = party(provider, "private_key_jwt", "dpop", require_signed_request_object=True, jwks=key.jwks)
    client = replace(client, signing=key, registered=replace(client.registered, key=key))
    assert "code" in answer(client, cookie, client.request_object()).params


def test_happy_flow_of_a_second_client(client: Party, cookie: str) -> None:
    """It adds iat, a media type in the header, and a state of 128 characters."""
    request = client.request_object(
        None, {"kid": "k1", "typ": "oauth-authz-req+jwt"}, iat=client.now, state="s" * 128, response_mode="jwt"
    )
    assert opened(client, answer(client, cookie, request))["state"] == "s" * 128


def test_ensure_server_accepts_request_object_with_multiple_aud(simple: Party, cookie: str) -> None:
    request = simple.request_object(aud=[ISSUER, "https://other.example.vn"])
    assert "code" in answer(simple, cookie, request).params


def test_ensure_request_object_with_nbf_8_seconds_in_the_future_is_accepted(simple: Party, cookie: str) -> None:
    request = simple.request_object(nbf=simple.now + 8, exp=simple.now + 300)
    assert "code" in answer(simple, cookie, request).params


def test_ensure_authorization_request_without_state_success(simple: Party, cookie: str) -> None:
    assert "state" not in opened(simple, answer(simple, cookie, simple.request_object(state=None, response_mode="jwt")))


def test_ensure_authorization_request_without_nonce_success(simple: Party, cookie: str) -> None:
    code = answer(simple, cookie, simple.request_object(nonce=None)).params["code"]
    assert simple.redeem(code).status == 200


@pytest.mark.parametrize("name", ["state", "nonce"])
def test_ensure_different_state_inside_and_outside_request_object(simple: Party, cookie: str, name: str) -> None:
    """And ensure_different_nonce_inside_and_outside_request_object: what is inside counts, at both endpoints."""
    request = simple.request_object()
    pushed = simple.push_object(request, **{name: "outside"})
    if pushed.status == 201:
        address = pushed.json["request_uri"]
        reply = simple.provider.begin(simple.registered, address, cookie, **{name: "outside"})
        assert reply.params["state"] == "xyz"
        claims = jwt.decode(simple.redeem(reply.params["code"]).json["id_token"], options={"verify_signature": False})
        assert claims["nonce"] == "n-1"
    else:
        assert error(pushed)[1] in ("invalid_request", "invalid_request_object")


def test_state_only_outside_request_object_not_used(simple: Party, cookie: str) -> None:
    reply = answer(simple, cookie, simple.request_object(state=None), state="outside")
    assert "code" in reply.params
    assert "state" not in reply.params


@pytest.mark.parametrize("length", [64, 384])
def test_ensure_authorization_request_with_long_nonce(simple: Party, cookie: str, length: int) -> None:
    request = simple.request_object(nonce="n" * length, state="s" * length)
    reply = answer(simple, cookie, request)
    assert reply.params["state"] == "s" * length
    token = simple.redeem(reply.params["code"]).json["id_token"]
    assert jwt.decode(token, options={"verify_signature": False})["nonce"] == "n" * length


OTHER = HeldKey("PS256")
BROKEN: dict[str, Callable[[Party], str]] = {
    "without exp": lambda one: one.request_object(exp=None),
    "without nbf": lambda one: one.request_object(nbf=None),
    "without redirect_uri": lambda one: one.request_object(redirect_uri=None),
    "expired": lambda one: one.request_object(nbf=one.now - 600, exp=one.now - 300),
    "bad aud": lambda one: one.request_object(aud="https://example.com"),
    "no aud": lambda one: one.request_object(aud=None),
    "exp over 60 minutes": lambda one: one.request_object(exp=one.now + 70 * MINUTE),
    "nbf over 60 minutes": lambda one: one.request_object(nbf=one.now - 70 * MINUTE),
    "nbf 70 seconds ahead": lambda one: one.request_object(nbf=one.now + 70),
    "RS256": lambda one: one.request_object(HeldKey("RS256", one.signing.key)),
    "alg none": lambda one: _unsigned(one),
    "invalid signature": lambda one: one.request_object()[:-8] + "AAAAAAAA",
    "foreign key": lambda one: one.request_object(OTHER),
    "foreign key in its header": lambda one: one.request_object(OTHER, {"kid": "k1", "jwk": OTHER.jwk}),
    "another client's": lambda one: one.request_object(client_id="somebody"),
    "another issuer": lambda one: one.request_object(iss="somebody"),
    "another type": lambda one: one.request_object(None, {"kid": "k1"}, sub=one.id),
    "with a request_uri": lambda one: one.request_object(request_uri="urn:x"),
}


def _unsigned(one: Party) -> str:
    claims = jwt.decode(one.request_object(), options={"verify_signature": False})
    return jwt.encode(claims, "", algorithm="none")


@pytest.mark.parametrize("what", BROKEN)
def test_ensure_request_object_that_is_wrong_fails(simple: Party, what: str) -> None:
    """
    ensure_request_object_without_exp_fails, …_without_nbf_fails, …_without_redirect_uri_fails, …_with_bad_aud_fails,
    …_with_exp_over_60_fails, …_with_nbf_over_60_fails, ensure_expired_request_object_fails,
    ensure_signed_request_object_with_rs256_fails, ensure_request_object_signature_algorithm_is_not_none,
    …_with_invalid_signature_fails, ensure_matching_key_in_authorization_request.
    """
    status, code = error(simple.push_object(BROKEN[what](simple)))
    assert status == 400
    allowed = {"invalid_request_object"} | ({"invalid_request"} if what == "without redirect_uri" else set())
    assert code in allowed


def test_ensure_signed_request_object_with_rs256_fails(provider: Provider) -> None:
    key, more = HeldKey("PS256"), {"require_signed_request_object": True}
    client = party(provider, "private_key_jwt", "dpop", jwks=any_alg(key), **more)
    client = replace(client, signing=key, registered=replace(client.registered, key=key))
    assert client.push_object(client.request_object()).status == 201
    reply = client.push_object(client.request_object(HeldKey("RS256", key.key)))
    assert error(reply) == (400, "invalid_request_object")


def test_ensure_unsigned_request_at_par_endpoint_fails(client: Party) -> None:
    assert error(client.push()) == (400, "invalid_request")


def test_ensure_unsigned_authorization_request_without_using_par_fails(simple: Party, cookie: str) -> None:
    assert simple.provider.authorize(simple.registered, cookie).params["error"] == "invalid_request"


def test_a_signed_request_without_par_fails_too(simple: Party, cookie: str) -> None:
    query = {"client_id": simple.id, "request": simple.request_object()}
    reply = simple.provider.ask("/authorize", query=query, cookies={"antin_session": cookie})
    assert reply.params["error"] == "invalid_request"


def test_par_reject_request_uri_in_par_authorization_request(simple: Party, cookie: str) -> None:
    """In the form beside the object, and inside it."""
    first = simple.push_object(simple.request_object()).json["request_uri"]
    assert simple.push_object(simple.request_object(), request_uri=first).status == 400
    assert simple.push_object(simple.request_object(request_uri=first)).status == 400


@pytest.mark.parametrize("wanted", ["code id_token", "token"])
def test_ensure_response_type_code_idtoken_fails(simple: Party, wanted: str) -> None:
    status, code = error(simple.push_object(simple.request_object(response_type=wanted)))
    assert status == 400
    assert code in ("unsupported_response_type", "invalid_request", "unauthorized_client")


def test_ensure_registered_redirect_uri(simple: Party) -> None:
    status, code = error(simple.push_object(simple.request_object(redirect_uri=REDIRECT + "/x")))
    assert status == 400
    assert code in ("invalid_request", "invalid_request_object")


def test_par_ensure_pkce_required(simple: Party) -> None:
    for changes in ({"code_challenge": None, "code_challenge_method": None}, {"code_challenge_method": "plain"}):
        assert error(simple.push_object(simple.request_object(**changes))) == (400, "invalid_request")


def test_par_attempt_reuse_request_uri(simple: Party, cookie: str) -> None:
    address = simple.push_object(simple.request_object()).json["request_uri"]
    assert "code" in simple.provider.begin(simple.registered, address, cookie).params
    with pytest.raises(FallThrough):
        simple.provider.begin(simple.registered, address, cookie)


def test_user_rejects_authentication_with_jarm(site: Site) -> None:
    """The refusal is signed as well: nothing but `response` in the address."""
    site.add_user("hong")
    provider = Provider(site.services).with_mtls(CITY)
    client = party(
        provider,
        "private_key_jwt",
        "dpop",
        require_signed_request_object=True,
        trusted=False,
        redirect_uris=[CALLBACK],
    )
    pushed = client.push_object(client.request_object(redirect_uri=CALLBACK, response_mode="jwt"))
    browser = site.browser()
    browser.get(f"/authorize?client_id={client.id}&request_uri={pushed.json['request_uri']}")
    browser.submit("/login", username="hong", password=SITE_PASSWORD)
    found = browser.submit("/consent", decision="deny")
    claims = opened(client, Reply(found.status_code, dict(found.headers), b""))
    assert (claims["error"], claims["state"]) == ("access_denied", "xyz")
