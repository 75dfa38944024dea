"""No certificate lives longer than the policy of its kind lets it."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509

from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder, Profile

_YEARS = {
    Profile.ROOT: 20,
    Profile.ISSUING: 20,
    Profile.TSU: 5,
    Profile.OCSP: 1,
    Profile.TRUST_LIST: 5,
    Profile.PERSON: 5,
    Profile.LEGAL_PERSON: 5,
    Profile.TLS_CLIENT: 1,
}
_GRACE = timedelta(minutes=5)
"""A certificate begins a minute before it is made, for clocks that are behind."""


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    most = _YEARS[order.profile]
    return "" if life <= timedelta(days=365 * most) + _GRACE else f"lives longer than {most} years"


LINT = Lint("longest_life", "Decree 68/2024/ND-CP (20 and 5 years); ETSI EN 319 411-1 §6.3.3", "2024-08-15", check)
