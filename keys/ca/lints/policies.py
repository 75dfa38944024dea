"""End certificates name the policy they were issued under; authorities' own need none here."""

from __future__ import annotations

from cryptography import x509

from keys.ca.lints.base import Lint, extension_of
from keys.ca.order import CertificateOrder, Profile


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    found = extension_of(certificate, x509.CertificatePolicies)
    if order.profile in (Profile.ROOT, Profile.ISSUING):
        return ""
    if found is None or found.critical or len(found.value) != 1:
        return "exactly one policy, not critical"
    oid = found.value[0].policy_identifier.dotted_string
    return "" if oid == order.policy_oid and oid != "2.5.29.32.0" else f"is {oid}"


LINT = Lint("policies", "ETSI EN 319 412-2 §4.3.3; RFC 5280 §4.2.1.4", check)
