"""
Whoever is not a root says where its issuer's certificate is, and where its status is found: in a revocation list and,
if it is no authority, at a responder. A responder's own status is not asked for (id-pkix-ocsp-nocheck).
"""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from keys.ca.lints.base import Lint, extension_of
from keys.ca.order import CertificateOrder, Profile

_WITHOUT_LIST = {Profile.OCSP}
_WITHOUT_RESPONDER = {Profile.OCSP, Profile.ISSUING}


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    points = extension_of(certificate, x509.CRLDistributionPoints)
    places = extension_of(certificate, x509.AuthorityInformationAccess)
    if order.issuer is None:
        return "must be absent from a root" if points or places else ""
    if (points is None) is not (order.profile in _WITHOUT_LIST) or places is None:
        return "authority information must be present, a CRL distribution point for all but responders"
    if places.critical or (points is not None and points.critical):
        return "must not be critical"
    names = [name for point in points.value for name in point.full_name or ()] if points else []
    methods = {place.access_method: place.access_location for place in places.value}
    wanted = {AuthorityInformationAccessOID.CA_ISSUERS}
    wanted |= set() if order.profile in _WITHOUT_RESPONDER else {AuthorityInformationAccessOID.OCSP}
    if set(methods) != wanted:
        return "must name where the issuer's certificate is, and a responder if it is neither authority nor responder"
    if not all(
        isinstance(name, x509.UniformResourceIdentifier) and _is_web(name.value) for name in (*names, *methods.values())
    ):
        return "addresses must be http or https"
    return ""


def _is_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))


LINT = Lint("revocation_address", "ETSI EN 319 412-2 §4.3.11, §4.4.1; RFC 5280 §4.2.1.13", "2008-05-01", check)
