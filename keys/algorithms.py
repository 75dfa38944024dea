"""The algorithms of keys in custody. A key has exactly one of them, for life: to sign with, or to decrypt with."""

from __future__ import annotations

from enum import StrEnum

from keys.errors import KeyRefused
from keys.handles import KeyManagement


class Algorithm(StrEnum):
    """
    Names of RFC 7518 §3.1 and RFC 8037 §3.1.

    What `sign` gives: ES256 an ECDSA-Sig-Value in DER over SHA-256 on P-256; RS256 and PS256 the raw RSA signature
    (PSS with a salt as long as the digest); EdDSA the 64 bytes of Ed25519.
    """

    ES256 = "ES256"
    RS256 = "RS256"
    PS256 = "PS256"
    EDDSA = "EdDSA"


KeyAlgorithm = Algorithm | KeyManagement


def key_algorithm(name: str) -> KeyAlgorithm:
    """Raises: KeyRefused("wrong_algorithm"): none of ours."""
    found: dict[str, KeyAlgorithm] = {str(one): one for one in (*Algorithm, *KeyManagement)}
    if name not in found:
        raise KeyRefused("wrong_algorithm", en="There is no such algorithm.", debug=name[:40], status=422)
    return found[name]


def to_sign_with(algorithm: KeyAlgorithm) -> Algorithm:
    """Raises: KeyRefused("wrong_algorithm"): a key that decrypts never signs."""
    if not isinstance(algorithm, Algorithm):
        raise KeyRefused("wrong_algorithm", debug=f"{algorithm} does not sign")
    return algorithm


def to_decrypt_with(algorithm: KeyAlgorithm) -> KeyManagement:
    """Raises: KeyRefused("wrong_algorithm"): a key that signs never decrypts."""
    if not isinstance(algorithm, KeyManagement):
        raise KeyRefused("wrong_algorithm", debug=f"{algorithm} does not decrypt")
    return algorithm
