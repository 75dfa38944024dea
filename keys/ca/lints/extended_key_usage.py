"""
Time stamping, OCSP answers, trust lists and TLS connections each have one extended usage of their own; nobody else may
do them.

That of time stamping is critical, because every reader of a stamp must know it; the others are not.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys.ca.lints.base import Lint, extension_of
from keys.ca.order import CertificateOrder, Profile

_WANTED = {
    Profile.TSU: (ExtendedKeyUsageOID.TIME_STAMPING, True),
    Profile.OCSP: (ExtendedKeyUsageOID.OCSP_SIGNING, False),
    Profile.TRUST_LIST: (x509.ObjectIdentifier("0.4.0.2231.3.0"), False),
    Profile.TLS_CLIENT: (ExtendedKeyUsageOID.CLIENT_AUTH, False),
}


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    found = extension_of(certificate, x509.ExtendedKeyUsage)
    wanted = _WANTED.get(order.profile)
    if wanted is None:
        return "must be absent" if found is not None else ""
    purpose, critical = wanted
    if found is None or found.critical is not critical or list(found.value) != [purpose]:
        return f"must be {purpose.dotted_string} alone, {'critical' if critical else 'not critical'}"
    return ""


LINT = Lint(
    "extended_key_usage", "RFC 3161 §2.3; RFC 6960 §4.2.2.2; EN 319 422 §6.1; TS 119 612 §5.7.1", "2016-03-01", check
)
