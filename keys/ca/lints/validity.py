"""The validity: not empty, and inside that of the issuer."""

from __future__ import annotations

from cryptography import x509

from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if begin >= end:
        return "ends before it begins"
    if order.issuer is None:
        return ""
    above = order.issuer.certificate
    if begin < above.not_valid_before_utc or end > above.not_valid_after_utc:
        return "reaches beyond the validity of the issuer"
    return ""


LINT = Lint("validity", "ETSI EN 319 411-1 §6.3.3; RFC 5280 §4.1.2.5", "2008-05-01", check)
