"""
The official plan fapi-ciba-id1, module by module: signed requests, tokens bound to a certificate (and, as we allow, to
a key). What a signed request must hold is in test_ciba.py, the ping itself in test_ciba_ping.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from base.clock import FixedClock
from base.ids import new_id
from idp.protocol.deferred import CIBA
from keys.api import TokenType
from tests.elsewhere import answer_person
from tests.fapi import CITY, VARIANTS, Party, error, party
from tests.proofs import ISSUER, HeldKey
from tests.provider import Provider, Reply

BACKCHANNEL = "/backchannel_authentication"


@pytest.fixture
def provider(provider: Provider) -> Provider:
    return provider.with_mtls(CITY)


def ciba_party(provider: Provider, auth: str, bind: str, **metadata: Any) -> Party:
    return party(
        provider,
        auth,
        bind,
        **{
            "grant_types": [CIBA, "refresh_token"],
            "redirect_uris": None,
            "backchannel_authentication_request_signing_alg": "PS256",
        }
        | metadata,
    )


@pytest.fixture(params=VARIANTS, ids="-".join)
def client(request: pytest.FixtureRequest, provider: Provider) -> Party:
    return ciba_party(provider, *request.param)


@pytest.fixture
def simple(provider: Provider) -> Party:
    """Where the variant makes no difference."""
    return ciba_party(provider, "private_key_jwt", "mtls")


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


def signed(one: Party, key: HeldKey | None = None, **changes: Any) -> str:
    now = one.now
    claims: dict[str, Any] = {
        "iss": one.id,
        "aud": ISSUER,
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": new_id("j"),
        "scope": "openid profile",
        "login_hint": "lan",
        "binding_message": "1234",
    }
    return (key or one.signing).sign(claims, **changes)


def ask(one: Party, **changes: Any) -> Reply:
    return one.provider.posted(
        BACKCHANNEL, one.registered, proof=one.proof(BACKCHANNEL), request=signed(one, **changes)
    )


def asked(one: Party, **changes: Any) -> str:
    reply = ask(one, **changes)
    assert reply.status == 200, reply.body
    return str(reply.json["auth_req_id"])


def poll(one: Party, auth_req_id: str, **form: str) -> Reply:
    sent = {"grant_type": CIBA, "auth_req_id": auth_req_id, **form}
    return one.provider.posted("/token", one.registered, proof=one.proof("/token"), **sent)


def test_two_clients(provider: Provider, client: Party, cookie: str) -> None:
    """fapi-ciba-id1: the second asks for a level and a time; its token is nothing in the hands of the first."""
    other = ciba_party(provider, client.auth, client.bind)
    first = asked(client)
    answer_person(provider, cookie)
    assert client.resource(poll(client, first).json["access_token"]).status == 200
    second = asked(other, acr_values="urn:vn:xt:1", requested_expiry=300)
    assert error(poll(other, second)) == (400, "authorization_pending")
    answer_person(provider, cookie)
    tokens = poll(other, second).json
    claims = provider.services.keys.verify_own_jwt(tokens["id_token"], typ=TokenType.ID, issuer=ISSUER)
    assert (claims["acr"], claims["aud"]) == ("urn:vn:xt:1", other.id)
    assert not {"nonce", "c_hash", "s_hash"} & claims.keys()
    assert client.resource(tokens["access_token"]).status == 401
    assert other.resource(tokens["access_token"]).status == 200
    assert error(poll(other, second)) == (400, "invalid_grant")


def test_a_refresh_token_goes_along_and_stays(provider: Provider, client: Party, cookie: str) -> None:
    found = asked(client)
    answer_person(provider, cookie)
    tokens = poll(client, found).json
    for _ in range(2):
        refreshed = client.refresh(tokens["refresh_token"])
        assert refreshed.status == 200, refreshed.body
    assert client.resource(refreshed.json["access_token"]).status == 200


def test_user_rejects_authentication(provider: Provider, simple: Party, cookie: str) -> None:
    found = asked(simple)
    answer_person(provider, cookie, yes=False)
    assert error(poll(simple, found)) == (400, "access_denied")


@pytest.mark.parametrize("expiry", [30, "30"])
def test_auth_req_id_expired(simple: Party, cookie: str, clock: FixedClock, expiry: Any) -> None:
    """Also requested-expiry-as-string."""
    assert cookie
    reply = ask(simple, requested_expiry=expiry)
    assert reply.json["expires_in"] == 30
    clock.move(30)
    assert error(poll(simple, reply.json["auth_req_id"])) == (400, "expired_token")


def test_multiple_call_to_token_endpoint(simple: Party, cookie: str) -> None:
    assert cookie
    found = asked(simple)
    assert {poll(simple, found).json["error"] for _ in range(20)} == {"authorization_pending", "slow_down"}


def test_wrong_auth_req_id_and_wrong_client(provider: Provider, client: Party, cookie: str) -> None:
    """wrong-auth-req-id-in-token-endpoint-request, wrong-client-id-in-…: and the owner can still use it."""
    other = ciba_party(provider, client.auth, client.bind)
    found = asked(client)
    answer_person(provider, cookie)
    assert error(poll(other, found)) == (400, "invalid_grant")
    for path, form in (
        ("/token", {"grant_type": CIBA, "auth_req_id": found}),
        (BACKCHANNEL, {"request": signed(client)}),
    ):
        if client.auth == "private_key_jwt":
            form |= client.signing.assertion(client.id, client.now)
        sent = form | {"client_id": other.id}
        assert provider.ask(path, method="POST", form=sent, certificate=client.certificate).status in (400, 401)
    assert poll(client, found).status == 200


def test_different_client_id_and_issuer(provider: Provider, simple: Party, cookie: str) -> None:
    """different-client-id-and-issuer, request-object-signed-by-other-client."""
    assert cookie
    other = ciba_party(provider, "private_key_jwt", "mtls")
    assert error(ask(simple, iss=other.id)) == (400, "invalid_request")
    assert error(ask(simple, key=other.signing)) == (400, "invalid_request")


def test_holder_of_key_required(provider: Provider, cookie: str) -> None:
    """mtls-holder-of-key-required: no token without the certificate that it is to be bound to."""
    one = ciba_party(provider, "private_key_jwt", "mtls")
    found = asked(one)
    answer_person(provider, cookie)
    bare = replace(one, registered=replace(one.registered, certificate=None))
    assert poll(bare, found).status == 400
    assert poll(one, found).status == 200


def test_other_scope_order_succeeds(simple: Party, cookie: str) -> None:
    assert cookie
    assert ask(simple, scope="profile openid").status == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id_token_hint": "x"}, "invalid_request"),
        ({"binding_message": "𝒜😀 " + "1234 !@£$%^&*() " * 20}, "invalid_binding_message"),
        ({"exp": 70 * 60}, "invalid_request"),
        ({"nbf": 600}, "invalid_request"),
        ({"nbf": -70 * 60}, "invalid_request"),
        ({"exp": -300}, "invalid_request"),
        ({"aud": "https://example.com"}, "invalid_request"),
    ],
    ids=str,
)
def test_requests_that_fail(simple: Party, cookie: str, changes: dict[str, Any], code: str) -> None:
    """multiple-hints, potentially-bad-binding-message, exp-is-70-minutes-in-future, nbf-…, expired-exp, bad-aud."""
    assert cookie
    given = {name: simple.now + value if isinstance(value, int) else value for name, value in changes.items()}
    assert error(ask(simple, **given)) == (400, code)


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_another_algorithm_than_the_registered_one(provider: Provider, simple: Party, cookie: str, alg: str) -> None:
    """request-object-signature-algorithm-is-RS256, -is-bad."""
    assert cookie
    assert error(ask(simple, key=HeldKey(alg))) == (400, "invalid_request")


def test_unsigned_requests(provider: Provider, simple: Party, cookie: str) -> None:
    """backchannel-authorization-request-without-request, signature-algorithm-is-none."""
    assert cookie
    plain = {"scope": "openid", "login_hint": "lan"}
    assert error(provider.posted(BACKCHANNEL, simple.registered, **plain)) == (400, "invalid_request")
    header, body, _ = signed(simple).split(".")
    assert header
    none = f"eyJhbGciOiJub25lIn0.{body}."
    assert error(provider.posted(BACKCHANNEL, simple.registered, request=none)) == (400, "invalid_request")


@pytest.mark.parametrize("path", [BACKCHANNEL, "/token"])
def test_client_assertions_that_fail(provider: Provider, simple: Party, cookie: str, path: str) -> None:
    """client-assertion-signature-algorithm-is-RS256, without-client-assertion, invalid-client-assertions."""
    assert cookie
    form = {"request": signed(simple), "grant_type": CIBA, "auth_req_id": "x"}
    certificate = simple.certificate
    wrong = [
        {"client_id": simple.id},
        HeldKey("RS256").assertion(simple.id, simple.now),
        simple.signing.assertion(simple.id, simple.now, exp=simple.now - 300),
        simple.signing.assertion(simple.id, simple.now, sub="somebody"),
        simple.signing.assertion(simple.id, simple.now, aud="https://example.com"),
    ]
    for assertion in wrong:
        reply = provider.ask(path, method="POST", form=form | assertion, certificate=certificate)
        assert error(reply) == (401, "invalid_client")


def test_discovery_endpoint_verification(provider: Provider) -> None:
    found = provider.ask("/.well-known/openid-configuration").json
    assert found["backchannel_authentication_endpoint"] == ISSUER + BACKCHANNEL
    assert found["backchannel_token_delivery_modes_supported"] == ["poll", "ping"]
    assert found["backchannel_user_code_parameter_supported"] is False
    assert {"PS256", "ES256"} <= set(found["backchannel_authentication_request_signing_alg_values_supported"])
    assert CIBA in found["grant_types_supported"]
    assert found["tls_client_certificate_bound_access_tokens"] is True


def test_the_address_for_certificates_may_be_the_audience(provider: Provider, cookie: str) -> None:
    """The suite names the alias of the token endpoint, since that is what it calls."""
    assert cookie
    alias = "https://mtls.example.vn"
    behind = provider.with_settings(mtls_address=alias)
    one = ciba_party(behind, "private_key_jwt", "mtls")
    aliases = behind.ask("/.well-known/openid-configuration").json["mtls_endpoint_aliases"]
    assert aliases["backchannel_authentication_endpoint"] == alias + BACKCHANNEL
    found = asked(one)
    for audience, status in ((aliases["token_endpoint"], "authorization_pending"), (alias + "/par", "invalid_client")):
        form = {"grant_type": CIBA, "auth_req_id": found, **one.signing.assertion(one.id, one.now, aud=audience)}
        reply = behind.ask("/token", method="POST", form=form, certificate=one.certificate)
        assert reply.json["error"] == status
