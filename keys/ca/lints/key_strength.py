"""The certified key: one that signs, strong enough, and not the key of the issuer."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from keys.ca.drafting import SIGNING_KEYS
from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder

CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
RSA_BITS = range(2048, 4096 + 1)


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey) and not isinstance(key.curve, CURVES):
        return "must be on P-256, P-384 or P-521"
    if isinstance(key, rsa.RSAPublicKey) and (key.key_size not in RSA_BITS or key.public_numbers().e < 65_537):
        return "must have 2048 to 4096 bits and an exponent of at least 65537"
    if not isinstance(key, SIGNING_KEYS):
        return "is of a kind that is not certified"
    if order.issuer is not None and key == order.issuer.certificate.public_key():
        return "is the key of the issuer"
    return ""


LINT = Lint(
    "key_strength", "ETSI TS 119 312 §6.2.2; NIST SP 800-186 (binary curves refused); FIPS 204", "2022-12-01", check
)
