"""
The official plan fapi2-security-profile-final: its modules about client authentication and the token endpoint (see
test_plan_fapi2_security.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jwt
import pytest

from base.clock import FixedClock
from idp.errors import RegistrationRefused
from tests.fapi import Party, any_alg, error, party
from tests.functional.plan_fapi2 import client, cookie, provider, simple
from tests.proofs import ISSUER, HeldKey
from tests.provider import CHALLENGE, REDIRECT, REQUEST, Provider, Reply

__all__ = ["client", "cookie", "provider", "simple"]


def assertion(one: Party, path: str = "/par", **changes: Any) -> Reply:
    """A pushed or token request with an assertion that is not quite right."""
    outside = {name: changes.pop(name) for name in ("client_assertion_type",) if name in changes}
    made = changes.pop("key", one.signing).assertion(one.id, one.now, **changes) | outside
    return authenticated(one, {name: value for name, value in made.items() if value is not None}, path)


def authenticated(one: Party, form: dict[str, str], path: str) -> Reply:
    sent = dict(REQUEST) if path == "/par" else {"grant_type": "authorization_code", "code": "x"}
    proof = one.proof(path)
    assert proof is not None
    return one.provider.ask(path, method="POST", form=sent | form, headers={"DPoP": proof})


@pytest.mark.parametrize("path", ["/par", "/token"])
@pytest.mark.parametrize(
    "changes",
    [
        {"exp": -300},
        {"aud": "https://example.com"},
        {"aud": [ISSUER]},
        {"aud": ISSUER + "/par"},
        {"aud": [ISSUER + "/par"]},
        {"aud": ISSUER + "/token"},
        {"aud": [ISSUER, "https://other.example.vn"]},
        {"aud": None},
        {"sub": None},
        {"sub": "somebody"},
        {"iss": None},
        {"iss": "somebody"},
        {"client_assertion_type": None},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
        {"iat": 68, "nbf": 68},
    ],
    ids=str,
)
def test_ensure_client_assertion_with_wrong_aud_fails(simple: Party, path: str, changes: dict[str, Any]) -> None:
    """
    And ensure_invalid_client_assertions_fail, ensure_client_assertion_with_exp_is_5_minutes_in_past_fails,
    …_with_no_sub_fails, par_endpoint_as_array_audience_fails, par_endpoint_as_audience_fails,
    par_token_endpoint_as_audience_fails, par_ensure_jwt_client_assertion_iat_nbf_over_60_seconds_in_the_future_fails.
    """
    moved: dict[str, Any] = {
        name: value + simple.now if isinstance(value, int) else value for name, value in changes.items()
    }
    assert error(assertion(simple, path, **moved)) == (401, "invalid_client")


@pytest.mark.parametrize("path", ["/par", "/token"])
def test_ensure_invalid_client_assertions_fail(simple: Party, path: str) -> None:
    """Its cases that no claim makes: none at all, alg none, a signature that was touched."""
    form = simple.signing.assertion(simple.id, simple.now)
    header, body, signature = form["client_assertion"].split(".")
    for changed in (f"eyJhbGciOiJub25lIn0.{body}.", f"{header}.{body}.{signature[:-8]}AAAAAAAA"):
        reply = authenticated(simple, form | {"client_assertion": changed}, path)
        assert error(reply) == (401, "invalid_client")
    assert error(authenticated(simple, {"client_id": simple.id}, path)) == (401, "invalid_client")


def test_par_takes_no_certificate_where_an_assertion_says_who(provider: Provider, cookie: str) -> None:
    """The suite shows its certificate where tokens are bound, and not before."""
    client = party(provider, "private_key_jwt", "mtls")
    bare = replace(client, registered=replace(client.registered, certificate=None))
    address = bare.pushed()
    assert client.redeem(provider.begin(client.registered, address, cookie).params["code"]).status == 200


def test_par_ensure_jwt_client_assertion_iat_nbf_8_seconds_in_the_future_is_accepted(simple: Party) -> None:
    ahead = simple.now + 8
    assert assertion(simple, iat=ahead, nbf=ahead).status == 201


def test_ensure_signed_client_assertion_with_rs256_fails(provider: Provider) -> None:
    key = HeldKey("PS256")
    simple = replace(party(provider, "private_key_jwt", "dpop", jwks=any_alg(key)), signing=key)
    assert assertion(simple).status == 201
    same_key = HeldKey("RS256", key.key)
    assert error(assertion(simple, key=same_key)) == (401, "invalid_client")
    assert error(assertion(simple, "/token", key=same_key)) == (401, "invalid_client")


def test_ensure_client_assertion_in_token_endpoint(simple: Party, cookie: str) -> None:
    """Without its assertion the client is nobody."""
    code = simple.answer(cookie)["code"]
    anonymous = replace(simple, registered=replace(simple.registered, key=None))
    assert error(anonymous.redeem(code)) == (401, "invalid_client")
    assert simple.redeem(code).status == 200


def test_ensure_client_id_in_token_endpoint(provider: Provider, cookie: str) -> None:
    """A certificate alone names no client."""
    client = party(provider, "mtls", "mtls")
    form = {"grant_type": "authorization_code", "code": client.answer(cookie)["code"], "redirect_uri": REDIRECT}
    reply = provider.ask("/token", method="POST", form=form, certificate=client.certificate)
    assert error(reply) == (401, "invalid_client")


def test_ensure_holder_of_key_required(client: Party, cookie: str) -> None:
    code = client.answer(cookie)["code"]
    bare = client if client.bind == "dpop" else replace(client, registered=replace(client.registered, certificate=None))
    status, code_of_error = error(bare.redeem(code, proof=None))
    expected = (401, "invalid_client") if (client.auth, client.bind) == ("mtls", "mtls") else (400, "invalid_request")
    assert (status, code_of_error) == expected


def test_ensure_authorization_code_is_bound_to_client(provider: Provider, client: Party, cookie: str) -> None:
    code = client.answer(cookie)["code"]
    assert error(party(provider, client.auth, client.bind).redeem(code)) == (400, "invalid_grant")


def test_attempt_reuse_authorization_code_after_one_second(client: Party, cookie: str, clock: FixedClock) -> None:
    code = client.answer(cookie)["code"]
    token = client.redeem(code).json["access_token"]
    clock.move(1)
    assert error(client.redeem(code)) == (400, "invalid_grant")
    assert client.resource(token).status == 401


def test_attempt_to_use_expired_auth_code(simple: Party, cookie: str, clock: FixedClock) -> None:
    code = simple.answer(cookie)["code"]
    clock.move(62)
    assert error(simple.redeem(code)) == (400, "invalid_grant")


def test_par_ensure_pkce_required(simple: Party) -> None:
    assert error(simple.push(code_challenge=None, code_challenge_method=None)) == (400, "invalid_request")


def test_par_ensure_pkce_required_whatever_the_installation_says(provider: Provider) -> None:
    client = party(provider.with_settings(pkce_required=False), "private_key_jwt", "dpop")
    assert error(client.push(code_challenge=None, code_challenge_method=None)) == (400, "invalid_request")
    with pytest.raises(RegistrationRefused):
        party(provider, "private_key_jwt", "dpop", require_pkce=False)


@pytest.mark.parametrize("wanted", ["code id_token", "id_token", "code token"])
def test_no_client_of_the_profile_has_tokens_in_the_front_channel(provider: Provider, wanted: str) -> None:
    grants = ["authorization_code", "implicit"]
    with pytest.raises(RegistrationRefused):
        party(provider, "private_key_jwt", "dpop", response_types=[wanted], grant_types=grants)


def test_par_ensure_plain_pkce_rejected(simple: Party) -> None:
    for challenge in (CHALLENGE, "v" * 43):
        reply = simple.push(code_challenge=challenge, code_challenge_method="plain")
        assert error(reply) == (400, "invalid_request")
    assert error(simple.push(code_challenge_method=None)) == (400, "invalid_request")


@pytest.mark.parametrize("verifier", [None, "w" * 43, "", CHALLENGE])
def test_par_incorrect_pkce_code_verifier_rejected(simple: Party, cookie: str, verifier: str | None) -> None:
    """And par_ensure_pkce_code_verifier_required."""
    reply = simple.redeem(simple.answer(cookie)["code"], code_verifier=verifier)
    assert error(reply) == (400, "invalid_grant")


def test_refresh_token(provider: Provider, client: Party, cookie: str, clock: FixedClock) -> None:
    """It stays as it is, is of use with another proof key, and of none without a proof or to another client."""
    tokens = client.tokens(cookie, scope="openid offline_access")
    token = tokens["refresh_token"]
    clock.move(1)
    again = client.refresh(token)
    assert again.status == 200
    assert "refresh_token" not in again.json
    assert again.json["access_token"] != tokens["access_token"]
    renewed, first = (jwt.decode(t["id_token"], options={"verify_signature": False}) for t in (again.json, tokens))
    assert all(renewed[name] == first[name] for name in ("iss", "sub", "aud", "auth_time"))
    assert client.resource(again.json["access_token"]).status == 200
    other_key = replace(client, proving=HeldKey())
    assert other_key.resource(other_key.refresh(token).json["access_token"]).status == 200
    clock.move(30)
    assert client.refresh(token).status == 200
    bare = client if client.bind == "dpop" else replace(client, registered=replace(client.registered, certificate=None))
    status, code = error(bare.refresh(token, proof=None))
    assert (status, code) in ((400, "invalid_request"), (401, "invalid_client"))
    assert error(party(provider, client.auth, client.bind).refresh(token)) == (400, "invalid_grant")
    anonymous = {"grant_type": "refresh_token", "refresh_token": token, "scope": "openid offline_access"}
    assert provider.ask("/token", method="POST", form=anonymous, certificate=client.certificate).status == 401
    assert client.refresh(token).status == 200
