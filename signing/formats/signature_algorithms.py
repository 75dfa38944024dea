"""
How each kind of key signs in a CMS signature: the digest of the content, the algorithm identifiers, the longest value.

Source: RFC 5753 §2.1.1 (ECDSA), RFC 5754 §3.2 and RFC 4056 §3 (RSA), RFC 8419 §2.3, §3.1 (Ed25519), RFC 9882 §3 (ML-DSA
over the signed attributes, with an empty context, SHA-512 beside it, parameters absent).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from signing.errors import SignatureRefused
from signing.formats.der import NULL, integer, oid, sequence, tlv

_SHA256 = oid("2.16.840.1.101.3.4.2.1")
DIGEST_IDENTIFIERS: Mapping[str, bytes] = {
    "sha256": sequence(_SHA256),
    "sha384": sequence(oid("2.16.840.1.101.3.4.2.2")),
    "sha512": sequence(oid("2.16.840.1.101.3.4.2.3")),
}
"""AlgorithmIdentifier of each digest, without parameters (RFC 5754 §2), DER."""


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """
    digest: name of the hash of the content, also of the reference to the certificate. identifier: AlgorithmIdentifier
    of the signature, DER. most_bytes: the longest signature value; of RSA that with 4096 bits.
    """

    digest: str
    identifier: bytes
    most_bytes: int

    @property
    def digest_identifier(self) -> bytes:
        """AlgorithmIdentifier of the digest, DER."""
        return DIGEST_IDENTIFIERS[self.digest]


def _pss() -> bytes:
    sha256 = sequence(_SHA256, NULL)
    mask = sequence(oid("1.2.840.113549.1.1.8"), sha256)
    return sequence(tlv(0xA0, sha256), tlv(0xA1, mask), tlv(0xA2, integer(32)))


def _ml_dsa(last: int, most_bytes: int) -> SignatureAlgorithm:
    return SignatureAlgorithm("sha512", sequence(oid(f"2.16.840.1.101.3.4.3.{last}")), most_bytes)


ALGORITHMS: Mapping[str, SignatureAlgorithm] = {
    "ES256": SignatureAlgorithm("sha256", sequence(oid("1.2.840.10045.4.3.2")), 72),
    "ES384": SignatureAlgorithm("sha384", sequence(oid("1.2.840.10045.4.3.3")), 104),
    "ES512": SignatureAlgorithm("sha512", sequence(oid("1.2.840.10045.4.3.4")), 139),
    "RS256": SignatureAlgorithm("sha256", sequence(oid("1.2.840.113549.1.1.11"), NULL), 512),
    "PS256": SignatureAlgorithm("sha256", sequence(oid("1.2.840.113549.1.1.10"), _pss()), 512),
    "EdDSA": SignatureAlgorithm("sha512", sequence(oid("1.3.101.112")), 64),
    "ML-DSA-44": _ml_dsa(17, 2420),
    "ML-DSA-65": _ml_dsa(18, 3309),
    "ML-DSA-87": _ml_dsa(19, 4627),
}
"""By what keys call it (Credential.algorithm)."""


def algorithm_of(name: str) -> SignatureAlgorithm:
    """Raises: SignatureRefused("key_type"): no such algorithm."""
    if name not in ALGORITHMS:
        raise SignatureRefused(
            "key_type",
            vi="Loại khóa của chứng thư số này chưa được hỗ trợ.",
            en="The type of key in this certificate is not supported.",
            hint=name[:40],
        )
    return ALGORITHMS[name]
