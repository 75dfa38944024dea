"""Our own tokens: what we sign others can read, and we take back only what is exactly ours."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest

from base.clock import FixedClock
from base.services import BaseServices
from keys.api import Keys, TokenType
from keys.errors import JoseError, KeysUnavailable
from tests.unit.keys.conftest import ISSUER


def verify(held: Keys, token: str, typ: TokenType = TokenType.ID, **more: Any) -> dict[str, Any]:
    return held.verify_own_jwt(token, typ=typ, issuer=ISSUER, **more)


def refusal(held: Keys, token: str, typ: TokenType = TokenType.ID, **more: Any) -> str:
    with pytest.raises(JoseError) as refused:
        verify(held, token, typ, **more)
    return refused.value.code


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256", "EdDSA"])
@pytest.mark.parametrize("typ", list(TokenType))
def test_pyjwt_reads_what_we_sign(held: Keys, claims: dict[str, Any], alg: str, typ: TokenType) -> None:
    token = held.sign_jwt(claims, typ=typ, alg=alg)
    head = jwt.get_unverified_header(token)
    assert head["typ"] == str(typ)
    key = jwt.PyJWKSet.from_dict(json.loads(held.jwks()))[head["kid"]]
    options: Any = {"verify_exp": False, "verify_iat": False}
    assert jwt.decode(token, key, algorithms=[alg], audience="client", issuer=ISSUER, options=options) == claims
    assert verify(held, token, typ) == claims


def test_signature_integers_keep_their_width(held: Keys, claims: dict[str, Any]) -> None:
    """r or s is shorter than 32 bytes once in 128 signatures: all of 600 must verify."""
    for count in range(600):
        assert verify(held, held.sign_jwt({**claims, "n": count}, typ=TokenType.ID))["n"] == count


def test_other_purpose_is_refused(held: Keys, claims: dict[str, Any]) -> None:
    token = held.sign_jwt(claims, typ=TokenType.ACCESS)
    assert refusal(held, token, TokenType.ID) == "typ_refused"
    assert refusal(held, token, TokenType.LOGOUT) == "typ_refused"


def test_expiry(held: Keys, claims: dict[str, Any], clock: FixedClock) -> None:
    token = held.sign_jwt(claims, typ=TokenType.ID)
    clock.at = claims["exp"] - 1
    verify(held, token)
    clock.at = claims["exp"]
    assert refusal(held, token) == "expired"
    assert verify(held, token, leeway=5)["sub"] == "u1"
    assert verify(held, token, allow_expired=True)["sub"] == "u1"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"exp": None}, "claims_malformed"),
        ({"exp": "4000000000"}, "claims_malformed"),
        ({"exp": True}, "claims_malformed"),
        ({"exp": 1e300}, "claims_malformed"),
        ({"exp": -1}, "claims_malformed"),
        ({"nbf": 3_900_000_000}, "not_yet_valid"),
        ({"iat": 3_900_000_000}, "not_yet_valid"),
        ({"iss": ISSUER + "/"}, "issuer_refused"),
        ({"iss": ISSUER[:-1]}, "issuer_refused"),
        ({"iss": [ISSUER]}, "issuer_refused"),
        ({"iss": None}, "issuer_refused"),
    ],
)
def test_claims_that_are_refused(held: Keys, claims: dict[str, Any], change: dict[str, Any], code: str) -> None:
    assert refusal(held, held.sign_jwt({**claims, **change}, typ=TokenType.ID)) == code


def test_missing_expiry_is_refused(held: Keys, claims: dict[str, Any]) -> None:
    del claims["exp"]
    assert refusal(held, held.sign_jwt(claims, typ=TokenType.ID), allow_expired=True) == "claims_malformed"


@pytest.mark.parametrize(
    ("audience", "accepted"),
    [
        ("client", True),
        (["client", "x"], True),
        ("client2", False),
        (["x"], False),
        ([], False),
        (None, False),
        ([["client"]], False),
        ({"client": 1}, False),
        ("", False),
    ],
)
def test_audience_of_others_tokens(held: Keys, claims: dict[str, Any], audience: Any, accepted: bool) -> None:
    token = held.sign_jwt({**claims, "aud": audience}, typ=TokenType.ID)
    jwks = json.loads(held.jwks())

    def check() -> dict[str, Any]:
        return held.verify_jwt_with(token, jwks, algs=["ES256"], typ="JWT", issuer=ISSUER, audience="client")

    if accepted:
        assert check()["sub"] == "u1"
    else:
        with pytest.raises(JoseError, match="audience_refused"):
            check()


def test_every_letter_counts(held: Keys, claims: dict[str, Any]) -> None:
    token = held.sign_jwt(claims, typ=TokenType.ID)
    for at in range(0, len(token), 3):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(JoseError):
            verify(held, changed)


def test_unknown_kid(held: Keys, claims: dict[str, Any]) -> None:
    stranger = jwt.encode(claims, "k" * 32, "HS256", headers={"kid": "key_x", "typ": "JWT"})
    assert refusal(held, stranger) == "alg_refused"
    assert refusal(held, "eyJhbGciOiJFUzI1NiIsImtpZCI6IngiLCJ0eXAiOiJKV1QifQ.e30.AAAA") == "key_unknown"


def test_key_set_is_public(held: Keys) -> None:
    whole = json.loads(held.jwks())["keys"]
    keys = [key for key in whole if key["use"] == "sig"]
    # Active and next of each; the next RSA keys come a moment after the start.
    assert sorted(key["alg"] for key in keys) == ["ES256", "ES256", "EdDSA", "EdDSA", "PS256", "RS256"]
    encrypting = sorted(key["alg"] for key in whole if key["use"] == "enc")
    assert encrypting == ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW", "RSA-OAEP-256"]
    assert not any({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"} & key.keys() for key in whole)
    assert {key["kty"] for key in whole} == {"EC", "OKP", "RSA"}
    assert len({key["kid"] for key in whole}) == len(whole)
    assert len({key.get("n") or key["x"] for key in whole}) == len(whole), "a key serves one algorithm"


def test_too_long_to_be_accepted_is_not_signed(held: Keys, claims: dict[str, Any]) -> None:
    with pytest.raises(JoseError, match="too_long"):
        held.sign_jwt({**claims, "pad": "x" * 16_384}, typ=TokenType.ID)


def test_algorithm_without_key(held: Keys, claims: dict[str, Any]) -> None:
    for alg in ("none", "HS256", "RS384"):
        with pytest.raises(KeysUnavailable):
            held.sign_jwt(claims, typ=TokenType.ID, alg=alg)


def test_services_are_ready(held: Keys, services: BaseServices) -> None:
    assert held.ready()
    assert len(held.derive_cookie_key()) == 32
