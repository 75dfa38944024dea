"""Tokens that bring their key along: what is shown by them, and every way to get it wrong."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from keys.errors import JoseError
from keys.handles import TokenType
from keys.jose import thumbprint, verify_possession
from tests.proofs import HeldKey
from tests.provider import Provider

ALGORITHMS = ("ES256", "PS256", "EdDSA")
KEY = HeldKey()


def verify(token: str) -> Any:
    return verify_possession(token, algs=ALGORITHMS, typ="dpop+jwt")


def code_of(token: str) -> str:
    with pytest.raises(JoseError) as caught:
        verify(token)
    return caught.value.code


def with_header(**changes: Any) -> str:
    header = {"typ": "dpop+jwt", "jwk": KEY.jwk} | changes
    return KEY.sign({"jti": "1"}, {name: value for name, value in header.items() if value is not None})


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_key_is_proven(alg: str) -> None:
    held = HeldKey(alg)
    proven = verify(held.sign({"jti": "1"}, {"typ": "dpop+jwt", "jwk": held.jwk}))
    assert proven.thumbprint == held.thumbprint
    assert proven.claims == {"jti": "1"}


def test_thumbprints_of_the_standards() -> None:
    """RFC 7638 §3.1 and RFC 8037 appendix A.3."""
    rsa_key = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjB"
        "ZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8"
        "KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_"
        "xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    }
    assert thumbprint(rsa_key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    okp = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert thumbprint(okp) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize("typ", [None, "JWT", "dpop", "at+jwt"])
def test_the_type_is_required(typ: str | None) -> None:
    # PyJWT writes a type of its own where none is given
    assert code_of(with_header(typ=typ or "")) == "typ_refused"


def test_the_key_is_required_and_public() -> None:
    assert code_of(with_header(jwk=None)) == "key_unknown"
    assert code_of(with_header(jwk="x")) == "key_unknown"
    assert code_of(with_header(jwk=KEY.private_jwk)) == "key_refused"


def test_the_key_is_the_one_that_signed() -> None:
    assert code_of(with_header(jwk=HeldKey().jwk)) == "signature_invalid"


@pytest.mark.parametrize("header", ["jku", "x5u", "x5c", "crit", "epk"])
def test_keys_from_elsewhere_are_refused(header: str) -> None:
    assert code_of(with_header(**{header: "x"})) == "header_refused"


def test_algorithms() -> None:
    weak = HeldKey("RS256")
    assert code_of(weak.sign({}, {"typ": "dpop+jwt", "jwk": weak.jwk})) == "alg_refused"
    symmetric = {"typ": "dpop+jwt", "jwk": {"kty": "oct", "k": "eA"}}
    assert code_of(jwt.encode({}, "x" * 32, algorithm="HS256", headers=symmetric)) == "alg_refused"
    unsigned = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "none", "typ": "dpop+jwt", "jwk": KEY.jwk}, {"jti": "1"})
    ]
    assert code_of(".".join([*unsigned, ""])) == "alg_refused"
    rsa_key = HeldKey("PS256")
    assert code_of(with_header(jwk=rsa_key.jwk)) == "key_refused"


def test_weak_keys() -> None:
    small = HeldKey("PS256", rsa.generate_private_key(65_537, 1024))
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        token = small.sign({}, {"typ": "dpop+jwt", "jwk": small.jwk})
    assert code_of(token) == "key_refused"
    elsewhere = HeldKey("ES256", ec.generate_private_key(ec.SECP256R1()))
    assert code_of(with_header(jwk={**elsewhere.jwk, "crv": "P-384"})) == "key_refused"


def test_two_proofs_in_one_header() -> None:
    one = with_header()
    assert code_of(f"{one},{one}") == "malformed"


def test_a_key_in_the_header_is_still_refused_everywhere_else(provider: Provider) -> None:
    keys = provider.services.keys
    with pytest.raises(JoseError, match="header_refused"):
        keys.verify_own_jwt(with_header(), typ=TokenType.ACCESS, issuer="x")
    with pytest.raises(JoseError, match="header_refused"):
        keys.verify_jwt_with(with_header(), KEY.jwks, algs=["ES256"], typ=None, issuer="x", audience="x")
