"""
The one JOSE door: signing and verifying JSON Web Tokens. The only file that imports PyJWT.

PyJWT's algorithm objects do the cryptography and read JWKs; taking tokens apart and judging headers and claims is ours
(compact.py, token_claims.py), because what PyJWT accepts there is wider than what we want.

Source: RFC 7515, RFC 7518 §3, RFC 8037 §3.1, RFC 8725 (best practices), RFC 9864, RFC 9964.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm, RSAPSSAlgorithm
from jwt.exceptions import PyJWTError

from keys.akp import KINDS, ML_DSA, MlDsaAlgorithm
from keys.algorithms import Algorithm
from keys.compact import (
    MAX_TOKEN_CHARACTERS,
    PRIVATE_MEMBERS,
    Header,
    Unverified,
    media_type,
    read_header,
    split,
    strict_object,
)
from keys.der import INTEGER, sequence, wrapped
from keys.errors import JoseError
from keys.handles import ProvenKey
from keys.weaknesses import weakness_of

MOST_KEYS_IN_A_SET = 100
_KEY_MEMBERS = frozenset({"kty", "crv", "x", "y", "n", "e"})
_AKP_MEMBERS = frozenset({"kty", "alg", "pub"})
_SMALL_ORDER = frozenset(
    bytes.fromhex(y)
    for y in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)
"""The Ed25519 points whose multiples are few, without their sign bit: with such a key anybody can sign anything."""
_ALGORITHMS: Mapping[Algorithm, Any] = {
    Algorithm.ES256: ECAlgorithm(SHA256, ec.SECP256R1),
    Algorithm.RS256: RSAAlgorithm(SHA256),
    Algorithm.PS256: RSAPSSAlgorithm(SHA256),
    Algorithm.EDDSA: OKPAlgorithm(),
    Algorithm.ES384: ECAlgorithm(SHA384, ec.SECP384R1),
    Algorithm.ES512: ECAlgorithm(SHA512, ec.SECP521R1),
    **{algorithm: MlDsaAlgorithm(algorithm) for algorithm in ML_DSA},
}
_ECDSA = ec.ECDSA(SHA256())
_KEY_TYPES: Mapping[Algorithm, str] = {
    Algorithm.ES256: "EC",
    Algorithm.ES384: "EC",
    Algorithm.ES512: "EC",
    Algorithm.RS256: "RSA",
    Algorithm.PS256: "RSA",
    Algorithm.EDDSA: "OKP",
    **dict.fromkeys(ML_DSA, "AKP"),
}
_CURVES: Mapping[Algorithm, type[ec.EllipticCurve]] = {
    Algorithm.ES256: ec.SECP256R1,
    Algorithm.ES384: ec.SECP384R1,
    Algorithm.ES512: ec.SECP521R1,
}
_COORDINATE_BYTES: Mapping[Algorithm, int] = {Algorithm.ES256: 32, Algorithm.ES384: 48, Algorithm.ES512: 66}
_URL_LETTERS = bytes.maketrans(b"+/", b"-_")


class TokenSigner:
    """
    Signs tokens with one key: a header made once per type, orjson for the claims.

    sign_message: the signature as the key's back end gives it (keys/algorithms.py).
    """

    def __init__(self, kid: str, algorithm: Algorithm, sign_message: Callable[[bytes], bytes]) -> None:
        self.kid = kid
        self.algorithm = algorithm
        self._raw = _joined(sign_message, algorithm) if algorithm in _CURVES else sign_message
        self._headers: dict[str, bytes] = {}

    def sign(self, claims: Mapping[str, Any], typ: str) -> str:
        """The compact form. Raises: JoseError("too_long"): longer than what anybody would accept from us."""
        header = self._headers.get(typ) or self._headers.setdefault(typ, self._header(typ))
        body = claims if isinstance(claims, dict) else dict(claims)
        signing_input = header + _segment(orjson.dumps(body))
        token = signing_input + b"." + _segment(self._raw(signing_input))
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise JoseError("too_long", f"{len(token)} characters to be signed")
        return token.decode("ascii")

    def sign_bytes(self, message: bytes) -> bytes:
        """The signature as it stands in a token, for the self-test."""
        return self._raw(message)

    def _header(self, typ: str) -> bytes:
        return header_segment(self.kid, self.algorithm, typ) + b"."


def header_segment(kid: str, algorithm: Algorithm, typ: str) -> bytes:
    """The first segment of the tokens that this key signs, byte for byte."""
    return _segment(orjson.dumps({"alg": algorithm, "kid": kid, "typ": typ}))


def _segment(raw: bytes) -> bytes:
    """base64url without padding; one C call less than base64.urlsafe_b64encode, which shows at this rate."""
    return b2a_base64(raw, newline=False).translate(_URL_LETTERS, b"=")


def _joined(sign_message: Callable[[bytes], bytes], algorithm: Algorithm) -> Callable[[bytes], bytes]:
    """ECDSA-Sig-Value in DER → r ‖ s, each as long as the order of the curve (RFC 7518 §3.4)."""
    size = _COORDINATE_BYTES[algorithm]

    def sign_p256(message: bytes) -> bytes:
        """Both lengths fit one byte for P-256; this is half of what a token costs beside its signature."""
        der = sign_message(message)
        length = der[3]
        r, s = der[4 : 4 + length], der[6 + length :]
        return r[-32:].rjust(32, b"\0") + s[-32:].rjust(32, b"\0")

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(sign_message(message))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    return sign_p256 if algorithm is Algorithm.ES256 else sign


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key, pinned to one algorithm."""

    kid: str
    algorithm: Algorithm
    key: Any

    def check(self, unverified: Unverified) -> None:
        """Raises: JoseError("signature_invalid")."""
        if self.algorithm is Algorithm.ES256:
            _check_es256(self.key, unverified)
        elif not _ALGORITHMS[self.algorithm].verify(unverified.signing_input, self.key, unverified.signature):
            raise JoseError("signature_invalid")

    def as_jwk(self) -> dict[str, Any]:
        """The public JWK (RFC 7517) with kid, use and alg."""
        jwk: dict[str, Any] = _ALGORITHMS[self.algorithm].to_jwk(self.key, as_dict=True)
        jwk.pop("key_ops", None)
        if PRIVATE_MEMBERS & jwk.keys():
            raise AssertionError("a private key was about to be published")
        return {**jwk, "kid": self.kid, "use": "sig", "alg": str(self.algorithm)}


def _check_es256(key: Any, unverified: Unverified) -> None:
    """As PyJWT does it, without its detour through big integers: this is half of every introspection."""
    raw = unverified.signature
    if len(raw) != 64:
        raise JoseError("signature_invalid")
    try:
        key.verify(sequence(_der_integer(raw[:32]), _der_integer(raw[32:])), unverified.signing_input, _ECDSA)
    except InvalidSignature as error:
        raise JoseError("signature_invalid") from error


def _der_integer(big_endian: bytes) -> bytes:
    shortest = big_endian.lstrip(b"\0") or b"\0"
    return wrapped(INTEGER, b"\0" + shortest if shortest[0] & 0x80 else shortest)


def own_key(kid: str, algorithm: Algorithm, public_key: bytes) -> VerificationKey:
    """The verification key of a key in custody. public_key: SubjectPublicKeyInfo, DER."""
    return VerificationKey(kid, algorithm, load_der_public_key(public_key))


Types = str | Sequence[str | None] | None
"""The `typ` a caller expects: one, one of several (None among them: a token without), or any (None)."""


def check_header(header: Header, algorithm: str, typ: Types) -> None:
    """
    The header must name the algorithm its key is pinned to, and the type the caller expects.

    Raises: JoseError("alg_refused" | "typ_refused").
    """
    if header.alg != algorithm:
        raise JoseError("alg_refused", header.alg[:20])
    if typ is None:
        return
    wanted = (typ,) if isinstance(typ, str) else typ
    if header.typ not in [None if one is None else media_type(one) for one in wanted]:
        raise JoseError("typ_refused")


def verify_with(token: str, jwks: Mapping[str, Any], *, algs: Sequence[str], typ: Types) -> dict[str, Any]:
    """
    Check somebody else's signature with the key set given; times, issuer and audience are still to be judged.

    Raises: JoseError.

    1. Size, shape, header; the algorithm must be one the caller allows and one of ours, so never `none` or HMAC.
    2. One key of the set: by `kid`, or the only one that fits. Keys are never taken from the token.
    3. The signature; then the payload as strict JSON.
    """
    unverified = split(token)
    header = read_header(unverified.header_segment)
    if header.alg not in algs or header.alg not in set(Algorithm):
        raise JoseError("alg_refused", header.alg[:20])
    key = _choose(jwks, header)
    check_header(header, key.algorithm, typ)
    key.check(unverified)
    return strict_object(unverified.unverified_payload, "claims_malformed")


def verify_possession(token: str, *, algs: Sequence[str], typ: str) -> ProvenKey:
    """
    Check that a token was signed with the very key it brings along. Nothing else is shown by it.

    Raises: JoseError: also for a private key, a key of another kind than `alg`, and a `typ` that is missing or another.
    Source: RFC 9449 §4.3 (5 to 7).
    """
    unverified = split(token)
    header = read_header(unverified.header_segment, brings_key=True)
    if header.alg not in algs or header.alg not in set(Algorithm):
        raise JoseError("alg_refused", header.alg[:20])
    check_header(header, header.alg, typ)
    if not isinstance(header.jwk, dict):
        raise JoseError("key_unknown", "no jwk")
    key = foreign_key(header.jwk, Algorithm(header.alg))
    key.check(unverified)
    return ProvenKey(thumbprint(key.as_jwk()), strict_object(unverified.unverified_payload, "claims_malformed"))


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """
    SHA-256 over the members that make the key, in their one spelling.

    Source: RFC 7638 §3; RFC 8037 §2; RFC 9964 §6 (of an AKP key `alg` is one of them).
    """
    wanted = _AKP_MEMBERS if jwk.get("kty") == "AKP" else _KEY_MEMBERS
    members = {name: jwk[name] for name in sorted(wanted & jwk.keys())}
    return _segment(sha256(orjson.dumps(members)).digest()).decode()


def _choose(jwks: Mapping[str, Any], header: Header) -> VerificationKey:
    """Raises: JoseError("key_unknown" | "key_refused")."""
    members = jwks.get("keys")
    if not isinstance(members, list):
        raise JoseError("key_unknown", "no key set")
    fitting = [jwk for jwk in members[:MOST_KEYS_IN_A_SET] if isinstance(jwk, dict) and _fits(jwk, header)]
    if header.kid is None and len(fitting) > 1:
        raise JoseError("key_unknown", "no kid, several keys")
    if not fitting:
        raise JoseError("key_unknown")
    return foreign_key(fitting[0], Algorithm(header.alg))


def _fits(jwk: Mapping[str, Any], header: Header) -> bool:
    """Whether the key claims to be for this: kid, kty, use, alg, key_ops (RFC 7517 §4)."""
    operations = jwk.get("key_ops")
    return (
        (header.kid is None or jwk.get("kid") == header.kid)
        and jwk.get("kty") == _KEY_TYPES[Algorithm(header.alg)]
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", header.alg) == header.alg
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
    )


def foreign_key(jwk: Mapping[str, Any], algorithm: Algorithm) -> VerificationKey:
    """
    A public key that somebody else published, pinned to one algorithm.

    Raises: JoseError("key_refused"): private, malformed, on another curve, a weak RSA key (keys/weaknesses), an Ed25519
            point of small order.
    """
    if PRIVATE_MEMBERS & jwk.keys():
        raise JoseError("key_refused", "not a public key")
    try:
        key = _ALGORITHMS[algorithm].from_jwk(dict(jwk))
    except (PyJWTError, ValueError, TypeError, AttributeError) as error:
        raise JoseError("key_refused", "malformed") from error
    if not _strong_enough(key, algorithm):
        raise JoseError("key_refused", "wrong curve or too short")
    return VerificationKey(str(jwk.get("kid", "")), algorithm, key)


def _strong_enough(key: object, algorithm: Algorithm) -> bool:
    if algorithm in _CURVES:
        return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES[algorithm])
    if algorithm in ML_DSA:
        return isinstance(key, KINDS[algorithm])
    if algorithm is Algorithm.EDDSA:
        return isinstance(key, ed25519.Ed25519PublicKey) and not _has_small_order(key.public_bytes_raw())
    return isinstance(key, rsa.RSAPublicKey) and not weakness_of(key)


def _has_small_order(point: bytes) -> bool:
    return point[:31] + bytes((point[31] & 0x7F,)) in _SMALL_ORDER


def verify_own(
    token: str, segments: Mapping[str, tuple[VerificationKey, str]], keys: Mapping[str, VerificationKey], *, typ: str
) -> dict[str, Any]:
    """
    Check one of our own signatures; times and issuer are still to be judged.

    segments: the header segments we write, by their letters: a token that bears one of them needs no header parsing.
    Raises: JoseError; "key_unknown" when the `kid` is not (or not any more) ours.
    """
    unverified = split(token)
    known = segments.get(unverified.header_segment)
    if known is None:
        header = read_header(unverified.header_segment)
        key = keys.get(header.kid or "")
        if key is None:
            raise JoseError("alg_refused" if header.alg not in set(Algorithm) else "key_unknown")
        check_header(header, key.algorithm, typ)
    else:
        key, found = known
        if found != typ:
            raise JoseError("typ_refused")
    key.check(unverified)
    # Only we can have written this, so it is the JSON of orjson: no member twice, not too deep.
    claims: dict[str, Any] = orjson.loads(unverified.unverified_payload)
    return claims
