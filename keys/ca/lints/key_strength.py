"""The certified key: P-256, and not the key of the issuer."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return "must be on P-256"
    if order.issuer is not None and key == order.issuer.certificate.public_key():
        return "is the key of the issuer"
    return ""


LINT = Lint("key_strength", "ETSI TS 119 312 §6.2.2.4; NIST SP 800-186 (binary curves refused)", check)
