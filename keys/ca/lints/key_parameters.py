"""
How the key's algorithm is written: ML-DSA and Ed25519 without parameters, RSA with NULL, elliptic curves by name.

A reader that meets other parameters may refuse the key, or read another key.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder

_WRITTEN = tuple(
    bytes.fromhex(one)
    for one in (
        "301306072a8648ce3d020106082a8648ce3d030107",  # P-256
        "301006072a8648ce3d020106052b81040022",  # P-384
        "301006072a8648ce3d020106052b81040023",  # P-521
        "300d06092a864886f70d0101010500",  # RSA
        "300506032b6570",  # Ed25519
        "300b0609608648016503040311",  # ML-DSA-44
        "300b0609608648016503040312",  # ML-DSA-65
        "300b0609608648016503040313",  # ML-DSA-87
    )
)


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key not in certificate.tbs_certificate_bytes:
        return "the key is not written as it is read"
    start = 2 + (key[1] & 0x7F if key[1] & 0x80 else 0)  # after the outer tag and its length
    return "" if key[start:].startswith(_WRITTEN) else "the algorithm of the key is written in another way"


LINT = Lint("key_parameters", "RFC 9881 §4; RFC 8410 §3; RFC 5480 §2.1.1; RFC 3279 §2.3.1", "2025-10-01", check)
