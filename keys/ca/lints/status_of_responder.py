"""A responder says that its own status is not asked for, and lives briefly for that; nobody else says so."""

from __future__ import annotations

from cryptography import x509

from keys.ca.lints.base import Lint, extension_of
from keys.ca.order import CertificateOrder, Profile

LONGEST_DAYS = 92


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    found = extension_of(certificate, x509.OCSPNoCheck)
    if order.profile is not Profile.OCSP:
        return "id-pkix-ocsp-nocheck must be absent" if found else ""
    if found is None or found.critical:
        return "id-pkix-ocsp-nocheck must be present and not critical"
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return "" if life.days <= LONGEST_DAYS else f"lives longer than {LONGEST_DAYS} days unchecked"


LINT = Lint("status_of_responder", "RFC 6960 §4.2.2.2.1", "2013-06-01", check)
