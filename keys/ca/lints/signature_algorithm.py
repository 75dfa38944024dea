"""The signature algorithm: ECDSA with SHA-256, nothing weaker."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import SignatureAlgorithmOID

from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    found = certificate.signature_algorithm_oid
    return "" if found == SignatureAlgorithmOID.ECDSA_WITH_SHA256 else f"is {found.dotted_string}"


LINT = Lint("signature_algorithm", "ETSI TS 119 312 §5, §6; OWASP ASVS 5.0 §11.4.1", check)
