"""The algorithms of keys in custody. A key has exactly one of them, for life: to sign with, or to decrypt with."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from keys.errors import KeyRefused
from keys.handles import KeyManagement


class Algorithm(StrEnum):
    """
    Names of RFC 7518 §3.1, RFC 8037 §3.1 and RFC 9964 §3.

    What `sign` gives: ES256, ES384, ES512 an ECDSA-Sig-Value in DER over SHA-256 on P-256, SHA-384 on P-384, SHA-512 on
    P-521; RS256 and PS256 the raw RSA signature (PSS with a salt as long as the digest); EdDSA the 64 bytes of Ed25519;
    ML-DSA the signature of FIPS 204 over the message itself, with an empty context.
    """

    ES256 = "ES256"
    RS256 = "RS256"
    PS256 = "PS256"
    EDDSA = "EdDSA"
    ES384 = "ES384"
    ES512 = "ES512"
    ML_DSA_44 = "ML-DSA-44"
    ML_DSA_65 = "ML-DSA-65"
    ML_DSA_87 = "ML-DSA-87"


DIGEST_BYTES: Mapping[Algorithm, int] = {
    Algorithm.ES256: 32,
    Algorithm.RS256: 32,
    Algorithm.PS256: 32,
    Algorithm.ES384: 48,
    Algorithm.ES512: 64,
}
"""How long a digest is that such a key signs; the others sign messages only, since they hash in a way of their own."""

MOST_SIGNATURE_BYTES: Mapping[Algorithm, int] = {
    Algorithm.ES256: 72,
    Algorithm.RS256: 512,
    Algorithm.PS256: 512,
    Algorithm.ES384: 104,
    Algorithm.ES512: 139,
    Algorithm.EDDSA: 64,
    Algorithm.ML_DSA_44: 2420,
    Algorithm.ML_DSA_65: 3309,
    Algorithm.ML_DSA_87: 4627,
}
"""The longest signature, of RSA that with 4096 bits. Source: SEC 1 §C.5; FIPS 204 table 2."""
CMS_DIGESTS: Mapping[Algorithm, str] = {
    Algorithm.ES256: "sha256",
    Algorithm.RS256: "sha256",
    Algorithm.PS256: "sha256",
    Algorithm.ES384: "sha384",
    Algorithm.ES512: "sha512",
    Algorithm.EDDSA: "sha512",
    Algorithm.ML_DSA_44: "sha512",
    Algorithm.ML_DSA_65: "sha512",
    Algorithm.ML_DSA_87: "sha512",
}
"""
The digest of the content beside such a signature in a SignerInfo.

Source: RFC 5753 §2.1.1 and RFC 4056 §3 (that of the signature), RFC 8419 §3.1 (Ed25519: SHA-512), RFC 9882 §3.3
(ML-DSA: SHA-512 is what everybody has).
"""

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


def check_digest(algorithm: Algorithm, digest: bytes) -> None:
    """Raises: KeyRefused("wrong_algorithm"): such a key signs no digests, or none of this length."""
    if DIGEST_BYTES.get(algorithm) != len(digest):
        raise KeyRefused("wrong_algorithm", debug=f"digest of {len(digest)} bytes for {algorithm}")
