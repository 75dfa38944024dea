"""
Verify a signature value with a public key; raise when it does not hold.

Source: FIPS 186-5; RFC 8017 §8; FIPS 204 §5.3 (pure, with an empty context); algorithm list of
Circular 15/2025, Appendix I.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, padding, rsa

from signing.validation.certificates import load
from signing.validation.signed import Scheme


@dataclass(frozen=True, slots=True)
class MlDsa:
    """One parameter set. digests: those that are no weaker than it (RFC 9882 §3.3, table 1)."""

    kind: type[object]
    digests: frozenset[str]


DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303  # read only: judged as too weak by check_algorithms
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
    "sha3_256": hashes.SHA3_256(),
    "sha3_384": hashes.SHA3_384(),
    "sha3_512": hashes.SHA3_512(),
}
_192_BITS = frozenset(("sha384", "sha512", "sha3_384", "sha3_512"))
ML_DSA: Mapping[str, MlDsa] = {
    "2.16.840.1.101.3.4.3.17": MlDsa(mldsa.MLDSA44PublicKey, _192_BITS | {"sha256", "sha3_256"}),
    "2.16.840.1.101.3.4.3.18": MlDsa(mldsa.MLDSA65PublicKey, _192_BITS),
    "2.16.840.1.101.3.4.3.19": MlDsa(mldsa.MLDSA87PublicKey, frozenset(("sha512", "sha3_512"))),
}


class SignatureWrong(ValueError):
    """The value was not made by this key over these bytes."""


class AlgorithmUnknown(ValueError):
    """We cannot tell: the algorithm is not one we verify."""


def digest_of(algorithm: str, content: bytes) -> bytes:
    """The digest of bytes. Raises: AlgorithmUnknown."""
    if algorithm not in DIGESTS:
        raise AlgorithmUnknown(algorithm)
    return hashlib.new(algorithm, content).digest()


def given_digest(algorithm: str, digest: bytes) -> bytes:
    """A digest that somebody else computed. Raises: AlgorithmUnknown: it is not one of that algorithm."""
    if algorithm not in DIGESTS or DIGESTS[algorithm].digest_size != len(digest):
        raise AlgorithmUnknown(algorithm)
    return digest


def verify_value(scheme: Scheme, message: bytes, signature: bytes, certificate: bytes) -> None:
    """
    Check a signature value over a message with the key of a certificate (DER).

    Raises: SignatureWrong; AlgorithmUnknown: a digest we do not know.
    """
    key = load(certificate).public_key()
    if scheme.digest and scheme.digest not in DIGESTS:
        raise AlgorithmUnknown(scheme.digest)
    try:
        if scheme.name in ML_DSA:
            if not isinstance(key, ML_DSA[scheme.name].kind):
                raise _other_key(key, scheme)
            key.verify(signature, message)  # type: ignore[union-attr, call-arg]  # all three kinds have it
        elif isinstance(key, ec.EllipticCurvePublicKey) and scheme.name == "ecdsa":
            if scheme.curve not in ("", key.curve.name):
                raise SignatureWrong(f"a key on {key.curve.name} is not for this algorithm")
            key.verify(signature, message, ec.ECDSA(DIGESTS[scheme.digest]))
        elif isinstance(key, rsa.RSAPublicKey) and scheme.name == "rsassa_pkcs1v15":
            key.verify(signature, message, padding.PKCS1v15(), DIGESTS[scheme.digest])
        elif isinstance(key, rsa.RSAPublicKey) and scheme.name == "rsassa_pss":
            digest = DIGESTS[scheme.digest]
            pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=scheme.salt)
            key.verify(signature, message, pss, digest)
        elif (isinstance(key, ed25519.Ed25519PublicKey) and scheme.name == "ed25519") or (
            isinstance(key, ed448.Ed448PublicKey) and scheme.name == "ed448"
        ):
            key.verify(signature, message)
        else:
            raise _other_key(key, scheme)
    except InvalidSignature as error:
        raise SignatureWrong("the signature value does not fit what is signed") from error


def _other_key(key: object, scheme: Scheme) -> SignatureWrong:
    return SignatureWrong(f"a key of {type(key).__name__} does not make {scheme.name}")
