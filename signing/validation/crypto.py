"""
Verify a signature value with a public key; raise when it does not hold.

Source: RFC 5652 §5.4, §5.6; RFC 5753; RFC 4056; RFC 8419; RFC 9882; algorithm list of Circular 15/2025, Appendix I.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, padding, rsa

from signing.validation.certificates import load
from signing.validation.cms import CmsFacts


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
_WITHOUT_PARAMETERS = 13
"""Bytes of an AlgorithmIdentifier that is an identifier of that arc and nothing else."""
_192_BITS = frozenset(("sha384", "sha512", "sha3_384", "sha3_512"))
ML_DSA: Mapping[str, MlDsa] = {
    "2.16.840.1.101.3.4.3.17": MlDsa(mldsa.MLDSA44PublicKey, _192_BITS | {"sha256", "sha3_256"}),
    "2.16.840.1.101.3.4.3.18": MlDsa(mldsa.MLDSA65PublicKey, _192_BITS),
    "2.16.840.1.101.3.4.3.19": MlDsa(mldsa.MLDSA87PublicKey, frozenset(("sha512", "sha3_512"))),
}
STRONG_DIGESTS = frozenset(("sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"))


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


def verify_signature(facts: CmsFacts, certificate: bytes) -> None:
    """
    Check the signature value over the signed attributes.

    Raises: SignatureWrong; AlgorithmUnknown. The digest inside the signature algorithm must be the signer's digest.
    """
    key = load(certificate).public_key()
    if facts.signature_parameters["algorithm"].dotted in ML_DSA:
        _verify_ml_dsa(facts, key)
        return
    parameters = facts.signature_parameters
    try:
        scheme = parameters.signature_algo
        digest_name = (
            facts.digest_algorithm if scheme in ("rsassa_pkcs1v15", "ed25519", "ed448") else parameters.hash_algo
        )
    except ValueError as error:
        raise AlgorithmUnknown(facts.signature_algorithm) from error
    if scheme == "rsassa_pkcs1v15" and facts.signature_algorithm != "rsassa_pkcs1v15":
        digest_name = parameters.hash_algo
    if scheme not in ("ed25519", "ed448") and digest_name != facts.digest_algorithm:
        raise SignatureWrong("the digest of the signature algorithm is not the digest of the signer")
    if digest_name not in DIGESTS:
        raise AlgorithmUnknown(digest_name)
    digest = DIGESTS[digest_name]
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and scheme == "ecdsa":
            key.verify(facts.signature, facts.attributes, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey) and scheme == "rsassa_pkcs1v15":
            key.verify(facts.signature, facts.attributes, padding.PKCS1v15(), digest)
        elif isinstance(key, rsa.RSAPublicKey) and scheme == "rsassa_pss":
            salt = parameters["parameters"]["salt_length"].native
            pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=salt)
            key.verify(facts.signature, facts.attributes, pss, digest)
        elif isinstance(key, ed25519.Ed25519PublicKey) and scheme == "ed25519" and facts.digest_algorithm != "sha512":
            raise SignatureWrong("Ed25519 goes with SHA-512")  # RFC 8419 §3.1
        elif isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)) and scheme in ("ed25519", "ed448"):
            key.verify(facts.signature, facts.attributes)
        else:
            raise SignatureWrong(f"a key of {type(key).__name__} does not make {facts.signature_algorithm}")
    except InvalidSignature as error:
        raise SignatureWrong("the signature value does not fit the signed attributes") from error


def _verify_ml_dsa(facts: CmsFacts, key: object) -> None:
    """
    Pure ML-DSA over the signed attributes, with an empty context; the algorithm written without parameters.

    Source: RFC 9882 §3.1 to §3.3; FIPS 204 §5.3.
    """
    rule = ML_DSA[facts.signature_parameters["algorithm"].dotted]
    if not isinstance(key, rule.kind):
        raise SignatureWrong(f"a key of {type(key).__name__} does not make {facts.signature_algorithm}")
    if len(facts.signature_parameters.dump()) != _WITHOUT_PARAMETERS:
        raise SignatureWrong("ML-DSA with parameters")
    if facts.digest_algorithm not in rule.digests:
        raise AlgorithmUnknown(f"{facts.digest_algorithm} with {rule.kind.__name__}")
    try:
        key.verify(facts.signature, facts.attributes)  # type: ignore[attr-defined]  # all three kinds have it
    except InvalidSignature as error:
        raise SignatureWrong("the signature value does not fit the signed attributes") from error
