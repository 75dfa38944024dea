"""
How signature algorithms and digests are called in a JWS, and the form of their values.

Only what stands here is verified: no `none`, nothing with a shared secret. Each name of ECDSA goes with one curve.
Source: RFC 7518 §3.1, §3.4 (R and S beside each other), §3.5; RFC 8037 §3.1 and RFC 9864 §2 (Ed25519); RFC 9964 §3
(ML-DSA over the signing input, empty context); TS 119 182-1 §5.1.2, Annex E (names of digests).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from signing.validation.signed import Scheme


@dataclass(frozen=True, slots=True)
class JwsAlgorithm:
    """scheme: how a value is verified. digest: what the signature relies on. half: bytes of R and of S, in ECDSA."""

    scheme: Scheme
    digest: str
    half: int = 0

    def to_jws(self, value: bytes) -> bytes:
        """A value as keys make it (ECDSA in DER) as a JWS has it."""
        if not self.half:
            return value
        r, s = decode_dss_signature(value)
        return r.to_bytes(self.half, "big") + s.to_bytes(self.half, "big")

    def from_jws(self, value: bytes) -> bytes:
        """The other way round; a value of another length stays as it is and fits no key."""
        if not self.half or len(value) != 2 * self.half:
            return value
        return encode_dss_signature(
            int.from_bytes(value[: self.half], "big"), int.from_bytes(value[self.half :], "big")
        )


def _ecdsa(digest: str, curve: str, half: int) -> JwsAlgorithm:
    return JwsAlgorithm(Scheme("ecdsa", digest, curve=curve), digest, half)


def _rsa(name: str, digest: str, salt: int = 0) -> JwsAlgorithm:
    return JwsAlgorithm(Scheme(name, digest, salt), digest)


def _ml_dsa(last: int) -> JwsAlgorithm:
    return JwsAlgorithm(Scheme(f"2.16.840.1.101.3.4.3.{last}"), "sha512")


_ED25519 = JwsAlgorithm(Scheme("ed25519"), "sha512")
ALGORITHMS: Mapping[str, JwsAlgorithm] = {
    "ES256": _ecdsa("sha256", "secp256r1", 32),
    "ES384": _ecdsa("sha384", "secp384r1", 48),
    "ES512": _ecdsa("sha512", "secp521r1", 66),
    "PS256": _rsa("rsassa_pss", "sha256", 32),
    "PS384": _rsa("rsassa_pss", "sha384", 48),
    "PS512": _rsa("rsassa_pss", "sha512", 64),
    "RS256": _rsa("rsassa_pkcs1v15", "sha256"),
    "RS384": _rsa("rsassa_pkcs1v15", "sha384"),
    "RS512": _rsa("rsassa_pkcs1v15", "sha512"),
    "EdDSA": _ED25519,
    "Ed25519": _ED25519,
    "ML-DSA-44": _ml_dsa(17),
    "ML-DSA-65": _ml_dsa(18),
    "ML-DSA-87": _ml_dsa(19),
}
"""By the value of `alg`."""
NO_SIGNATURE = frozenset(("none", "HS256", "HS384", "HS512"))
"""What proves nothing about a certificate; some libraries take the public key for a shared secret."""
DIGEST_NAMES: Mapping[str, str] = {
    "sha256": "S256",
    "sha384": "S384",
    "sha512": "S512",
    "sha3_256": "S3-256",
    "sha3_384": "S3-384",
    "sha3_512": "S3-512",
}
"""What `digAlg` and `hashM` call each digest."""
_BY_NAME = {name: digest for digest, name in DIGEST_NAMES.items()}


def digest_named(name: str) -> str:
    """The digest with that name, or the name itself: then it is none that we know."""
    return _BY_NAME.get(name, name[:40])
