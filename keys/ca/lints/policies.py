"""Whoever is not a root names the one policy it was issued under; a root names none."""

from __future__ import annotations

from cryptography import x509

from keys.ca.lints.base import Lint, extension_of
from keys.ca.order import CertificateOrder, Profile

ANY_POLICY = "2.5.29.32.0"


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    found = extension_of(certificate, x509.CertificatePolicies)
    if order.profile is Profile.ROOT:
        return "must be absent from a root" if found is not None else ""
    if found is None or found.critical or len(found.value) != 1:
        return "exactly one policy, not critical"
    oid = found.value[0].policy_identifier.dotted_string
    any_allowed = order.profile is Profile.ISSUING  # ours issue under every policy of ours
    return "" if oid == order.policy_oid and (any_allowed or oid != ANY_POLICY) else f"is {oid}"


LINT = Lint("policies", "ETSI EN 319 412-2 §4.3.3; EN 319 411-1 §5.3; RFC 5280 §4.2.1.4", "2008-05-01", check)
