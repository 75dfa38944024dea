"""Only authorities are authorities, and the issuing one makes no further ones."""

from __future__ import annotations

from cryptography import x509

from keys.ca.lints.base import Lint, extension_of
from keys.ca.order import CertificateOrder, Profile

_WANTED = {Profile.ROOT: (True, 1), Profile.ISSUING: (True, 0)}


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    found = extension_of(certificate, x509.BasicConstraints)
    if found is None or not found.critical:
        return "must be present and critical"
    wanted = _WANTED.get(order.profile, (False, None))
    return "" if (found.value.ca, found.value.path_length) == wanted else f"must be CA, path length = {wanted}"


LINT = Lint("basic_constraints", "RFC 5280 §4.2.1.9", "2008-05-01", check)
