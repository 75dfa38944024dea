"""The time-stamping unit has exactly one extended usage, critical; nobody else may make time stamps."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys.ca.lints.base import Lint, extension_of
from keys.ca.order import CertificateOrder, Profile


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    found = extension_of(certificate, x509.ExtendedKeyUsage)
    if order.profile is not Profile.TSU:
        return "must be absent" if found is not None else ""
    if found is None or not found.critical or list(found.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        return "must be timeStamping alone, critical"
    return ""


LINT = Lint("extended_key_usage", "RFC 3161 §2.3; ETSI EN 319 422 §6.1", check)
