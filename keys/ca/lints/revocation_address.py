"""Whoever is not a root says where its revocation list and its issuer's certificate are."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from keys.ca.lints.base import Lint, extension_of
from keys.ca.order import CertificateOrder


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    points = extension_of(certificate, x509.CRLDistributionPoints)
    places = extension_of(certificate, x509.AuthorityInformationAccess)
    if order.issuer is None:
        return "must be absent from a root" if points or places else ""
    if points is None or places is None or points.critical or places.critical:
        return "CRL distribution point and authority information must be present and not critical"
    names = [name for point in points.value for name in point.full_name or ()]
    methods = {place.access_method: place.access_location for place in places.value}
    names.append(methods.get(AuthorityInformationAccessOID.CA_ISSUERS, x509.RFC822Name("absent@invalid")))
    if not all(isinstance(name, x509.UniformResourceIdentifier) and _is_web(name.value) for name in names):
        return "addresses must be http or https"
    return ""


def _is_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))


LINT = Lint("revocation_address", "ETSI EN 319 412-2 §4.3.11, §4.4.1; RFC 5280 §4.2.1.13", check)
