"""ML-DSA and the longer curves in tokens: names and thumbprints of RFC 9964, and what is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from keys.algorithms import Algorithm
from keys.backends.software import SoftwareBackend
from keys.compact import split
from keys.errors import JoseError
from keys.handles import KeyHandle
from keys.jose import TokenSigner, foreign_key, own_key, thumbprint, verify_with
from keys.sealing import MasterKey
from keys.settings import KeysSettings

BACKEND = SoftwareBackend(MasterKey(b"m" * 32), KeysSettings(rsa_key_bits=2048))
NEW = (Algorithm.ES384, Algorithm.ES512, Algorithm.ML_DSA_44, Algorithm.ML_DSA_65, Algorithm.ML_DSA_87)
ML_DSA = NEW[2:]
CLAIMS = {"sub": "u1"}
MADE = {one: BACKEND.generate(KeyHandle(f"key_{one}"), one) for one in NEW}
SIGNERS = {
    one: TokenSigner(made.handle, one, BACKEND.open(made.handle, one, made.stored).sign) for one, made in MADE.items()
}


def jwk_of(algorithm: Algorithm) -> dict[str, Any]:
    made = MADE[algorithm]
    return own_key(made.handle, algorithm, made.public_key).as_jwk()


def verify(token: str, algorithm: Algorithm, jwk: dict[str, Any] | None = None) -> dict[str, Any]:
    return verify_with(token, {"keys": [jwk or jwk_of(algorithm)]}, algs=[str(algorithm)], typ="JWT")


@pytest.mark.parametrize("algorithm", NEW)
def test_what_is_signed_verifies_with_what_is_published(algorithm: Algorithm) -> None:
    token = SIGNERS[algorithm].sign(CLAIMS, "JWT")
    assert verify(token, algorithm) == CLAIMS
    head, payload, signature = token.split(".")
    changed = ("A" if signature[0] != "A" else "B") + signature[1:]
    with pytest.raises(JoseError, match="signature_invalid"):
        verify(f"{head}.{payload}.{changed}", algorithm)


@pytest.mark.parametrize("algorithm", NEW[:2])
def test_pyjwt_reads_the_longer_curves(algorithm: Algorithm) -> None:
    """Sixteen of each: r or s is short now and then, and must keep its width."""
    key = jwt.PyJWK.from_dict(jwk_of(algorithm))
    for count in range(16):
        token = SIGNERS[algorithm].sign({"n": count}, "JWT")
        assert jwt.decode(token, key, algorithms=[str(algorithm)]) == {"n": count}


@pytest.mark.parametrize("algorithm", ML_DSA)
def test_a_published_key_has_the_members_of_rfc_9964(algorithm: Algorithm) -> None:
    jwk = jwk_of(algorithm)
    assert set(jwk) == {"kty", "alg", "pub", "kid", "use"}
    assert (jwk["kty"], jwk["alg"]) == ("AKP", str(algorithm))
    raw = base64.urlsafe_b64decode(jwk["pub"] + "==")
    key = load_der_public_key(MADE[algorithm].public_key)
    assert isinstance(key, (mldsa.MLDSA44PublicKey, mldsa.MLDSA65PublicKey, mldsa.MLDSA87PublicKey))
    assert raw == key.public_bytes_raw()


@pytest.mark.parametrize(
    ("algorithm", "private", "start", "name"),
    [
        (Algorithm.ML_DSA_44, mldsa.MLDSA44PrivateKey, "unH59k4RuutY", "T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o"),
        (Algorithm.ML_DSA_65, mldsa.MLDSA65PrivateKey, "QksvJn5Y1bO0", "Suiu29qbfuaBaR4Ats-c6XQBePB_OpAxAwcTR_0KXVM"),
    ],
)
def test_the_examples_of_rfc_9964(algorithm: Algorithm, private: Any, start: str, name: str) -> None:
    """Appendix A.1: the keys of a seed of 32 zero bytes; their `kid` is the thumbprint."""
    public = private.from_seed_bytes(bytes(32)).public_key()
    pub = base64.urlsafe_b64encode(public.public_bytes_raw()).rstrip(b"=").decode()
    assert pub.startswith(start)
    assert thumbprint({"kty": "AKP", "alg": str(algorithm), "pub": pub, "kid": "x"}) == name
    assert foreign_key({"kty": "AKP", "alg": str(algorithm), "pub": pub}, algorithm).key == public


REFUSED: dict[str, dict[str, Any]] = {
    "no_alg": {"alg": None},
    "other_alg": {"alg": "ML-DSA-87"},
    "other_kty": {"kty": "OKP"},
    "no_pub": {"pub": None},
    "pub_is_a_list": {"pub": ["AA"]},
    "pub_empty": {"pub": ""},
    "pub_too_short": {"pub": "AAAA"},
    "private": {"priv": "A" * 43},
    "pub_not_canonical": {"pub": base64.urlsafe_b64encode(bytes(1952)).decode()},
    "pub_in_another_alphabet": {"pub": base64.b64encode(b"\xff" * 1952).decode().rstrip("=")},
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_keys_that_are_refused(change: dict[str, Any]) -> None:
    jwk = {name: value for name, value in (jwk_of(Algorithm.ML_DSA_65) | change).items() if value is not None}
    with pytest.raises(JoseError, match="key_refused"):
        foreign_key(jwk, Algorithm.ML_DSA_65)


def test_no_signature_of_another_kind_passes() -> None:
    """One parameter set for another, a cut one, an empty one, one with a context."""
    token = SIGNERS[Algorithm.ML_DSA_65].sign(CLAIMS, "JWT")
    head, payload, signature = token.split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    foreign = mldsa.MLDSA65PrivateKey.generate()
    jwk = {"kty": "AKP", "alg": "ML-DSA-65", "kid": MADE[Algorithm.ML_DSA_65].handle}
    jwk["pub"] = base64.urlsafe_b64encode(foreign.public_key().public_bytes_raw()).rstrip(b"=").decode()
    with_context = foreign.sign(f"{head}.{payload}".encode(), b"JWT")
    for wrong in (b"", raw[:-1], raw + b"\0", bytes(len(raw)), with_context):
        forged = f"{head}.{payload}." + base64.urlsafe_b64encode(wrong).rstrip(b"=").decode()
        with pytest.raises(JoseError, match="signature_invalid"):
            verify(forged, Algorithm.ML_DSA_65, jwk)
    plain = base64.urlsafe_b64encode(foreign.sign(f"{head}.{payload}".encode())).rstrip(b"=").decode()
    assert verify(f"{head}.{payload}.{plain}", Algorithm.ML_DSA_65, jwk) == CLAIMS  # so it was the context, above


@pytest.mark.parametrize("algorithm", NEW)
def test_only_where_a_caller_allows_it(algorithm: Algorithm) -> None:
    token = SIGNERS[algorithm].sign(CLAIMS, "JWT")
    with pytest.raises(JoseError, match="alg_refused"):
        verify_with(token, {"keys": [jwk_of(algorithm)]}, algs=["ES256", "PS256", "EdDSA", "RS256"], typ="JWT")
    assert json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["alg"] == str(algorithm)
    assert split(token).unverified_payload == json.dumps(CLAIMS, separators=(",", ":")).encode()
