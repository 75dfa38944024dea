"""
The official plan fapi2-security-profile-final: its modules about DPoP proofs (see test_plan_fapi2_security.py).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest

from tests.fapi import Party, error
from tests.functional.plan_fapi2 import client, cookie, provider, simple
from tests.proofs import HeldKey
from tests.provider import Provider

__all__ = ["client", "cookie", "provider", "simple"]


@pytest.mark.parametrize(
    "changes",
    [
        {"iat": -10},
        {"iat": 10},
        {"nbf": 0, "exp": 300},
        {"nbf": 8, "exp": 300},
        {"htu": "HTTP://LOCALHOST:8000/userinfo"},
        {"htu": "http://localhost:8000/userinfo?a=b#c"},
        {"extra": "x"},
        {"header": {"extra": "x"}},
    ],
    ids=str,
)
def test_check_dpop_proof_nbf_exp(simple: Party, cookie: str, changes: dict[str, Any]) -> None:
    """
    And ensure_dpop_proof_with_iat_10seconds_before_succeeds, …_after_succeeds, and the proofs of dpop_negative_tests
    that must be accepted.
    """
    token = simple.tokens(cookie)["access_token"]
    moved = {name: value + simple.now if isinstance(value, int) else value for name, value in changes.items()}
    assert simple.resource(token, proof=simple.proof("/userinfo", method="GET", token=token, **moved)).status == 200


def test_default_ports_in_htu_are_the_same(provider: Provider) -> None:
    """Part of dpop_negative_tests: normalisation by scheme."""
    on_443 = Provider(replace(provider.services, issuer="https://op.example.vn")).with_settings()
    machine = on_443.machine(dpop_bound_access_tokens=True)
    for htu in ("https://op.example.vn:443/token", "https://OP.example.vn/token"):
        proof = HeldKey().proof("/token", on_443.now, htu=htu)
        assert on_443.posted("/token", machine, proof=proof, grant_type="client_credentials").status == 200


HOUR = 3600
FOREIGN = HeldKey()
BROKEN: dict[str, Callable[[Party, str], str]] = {
    "no typ": lambda one, token: _proof(one, token, header={"typ": None}),
    "another typ": lambda one, token: _proof(one, token, header={"typ": "JWT"}),
    "no alg": lambda one, token: _without_alg(_proof(one, token)),
    "no jwk": lambda one, token: _proof(one, token, header={"jwk": None}),
    "private jwk": lambda one, token: _proof(one, token, header={"jwk": one.proving.private_jwk}),
    "jti missing": lambda one, token: _proof(one, token, jti=None),
    "htm missing": lambda one, token: _proof(one, token, htm=None),
    "htm of another method": lambda one, token: _proof(one, token, htm="PUT"),
    "htu missing": lambda one, token: _proof(one, token, htu=None),
    "htu of another address": lambda one, token: _proof(one, token, htu="https://example.com/userinfo"),
    "iat missing": lambda one, token: _proof(one, token, iat=None),
    "iat an hour ahead": lambda one, token: _proof(one, token, iat=one.now + HOUR),
    "iat an hour ago": lambda one, token: _proof(one, token, iat=one.now - HOUR),
    "ath missing": lambda one, token: _proof(one, token, ath=None),
    "ath of another token": lambda one, token: _proof(one, token, ath="x" * 43),
    "bad signature": lambda one, token: _proof(one, token)[:-8] + "AAAAAAAA",
    "another key": lambda one, token: FOREIGN.proof("/userinfo", one.now, method="GET", token=token),
    "another key's jwk": lambda one, token: _proof(one, token, header={"jwk": FOREIGN.jwk}),
    "no JWT": lambda one, token: "x" + _proof(one, token).replace(".", "!"),
    "alg none": lambda one, token: _unsigned(one, token),
    "two proofs": lambda one, token: f"{_proof(one, token)}, {_proof(one, token)}",
}


def _proof(one: Party, token: str, **changes: Any) -> str:
    made = one.proof("/userinfo", method="GET", token=token, **changes)
    assert made is not None
    return made


def _unsigned(one: Party, token: str) -> str:
    claims = jwt.decode(_proof(one, token), options={"verify_signature": False})
    return jwt.encode(claims, "", algorithm="none", headers={"typ": "dpop+jwt", "jwk": one.proving.jwk})


def _without_alg(proof: str) -> str:
    header, _, rest = proof.partition(".")
    named = json.loads(base64.urlsafe_b64decode(header + "=="))
    del named["alg"]
    return base64.urlsafe_b64encode(json.dumps(named).encode()).rstrip(b"=").decode() + "." + rest


@pytest.mark.parametrize("what", BROKEN)
def test_dpop_negative_tests(simple: Party, cookie: str, what: str) -> None:
    token = simple.tokens(cookie)["access_token"]
    reply = simple.resource(token, proof=BROKEN[what](simple, token))
    assert reply.status in (400, 401)
    assert "DPoP" in reply.headers["WWW-Authenticate"]
    assert simple.resource(token).status == 200


def test_dpop_negative_tests_rs256(provider: Provider, simple: Party, cookie: str) -> None:
    weak = replace(simple, proving=HeldKey("RS256"))
    reply = weak.redeem(simple.answer(cookie)["code"])
    assert error(reply) == (400, "invalid_dpop_proof")


def test_dpop_negative_tests_jti_used_twice(simple: Party, cookie: str) -> None:
    token = simple.tokens(cookie)["access_token"]
    proof = _proof(simple, token)
    assert [simple.resource(token, proof=proof).status for _ in range(2)] == [200, 401]


def test_dpop_negative_tests_bearer_is_no_way_around(simple: Party, cookie: str) -> None:
    token = simple.tokens(cookie)["access_token"]
    assert simple.resource(token, scheme="Bearer").status == 401


def test_ensure_mismatched_dpop_jkt_fails(simple: Party) -> None:
    reply = simple.push(proof=simple.proof("/par"), dpop_jkt=HeldKey().thumbprint)
    assert reply.status == 400
    assert reply.json["error"] in ("invalid_request", "invalid_dpop_proof")


def test_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(simple: Party, cookie: str) -> None:
    pushed = simple.push(proof=simple.proof("/par")).json["request_uri"]
    code = simple.provider.begin(simple.registered, pushed, cookie).params["code"]
    assert error(replace(simple, proving=HeldKey()).redeem(code)) == (400, "invalid_grant")


def test_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(simple: Party, cookie: str) -> None:
    code = simple.answer(cookie, dpop_jkt=HeldKey().thumbprint)["code"]
    assert error(simple.redeem(code)) == (400, "invalid_grant")


def test_ensure_dpop_auth_code_binding_success(simple: Party, cookie: str) -> None:
    """And ensure_dpop_proof_at_par_endpoint_binding_success."""
    assert simple.tokens(cookie, dpop_jkt=simple.proving.thumbprint)["token_type"] == "DPoP"
    pushed = simple.push(proof=simple.proof("/par"), dpop_jkt=simple.proving.thumbprint).json["request_uri"]
    code = simple.provider.begin(simple.registered, pushed, cookie).params["code"]
    assert simple.redeem(code).status == 200


def test_nonces_at_every_endpoint(simple: Party, cookie: str) -> None:
    """A server that wants nonces says so at the token endpoint and at the resource, and the client comes again."""
    strict = replace(simple, provider=simple.provider.with_settings(dpop_nonce_required=True))
    bare = strict.push(proof=strict.proof("/par"))
    assert error(bare) == (400, "use_dpop_nonce")
    nonce = bare.headers["DPoP-Nonce"]
    pushed = strict.push(proof=strict.proof("/par", nonce=nonce)).json["request_uri"]
    code = strict.provider.begin(strict.registered, pushed, cookie).params["code"]
    assert error(strict.redeem(code)) == (400, "use_dpop_nonce")
    tokens = strict.redeem(code, proof=strict.proof("/token", nonce=nonce))
    assert tokens.status == 200
    token = tokens.json["access_token"]
    asked = strict.resource(token)
    assert error(asked) == (401, "use_dpop_nonce")
    assert 'error="use_dpop_nonce"' in asked.headers["WWW-Authenticate"]
    again = strict.proof("/userinfo", method="GET", token=token, nonce=asked.headers["DPoP-Nonce"])
    assert strict.resource(token, proof=again).status == 200
