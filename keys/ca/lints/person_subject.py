"""The subject of a person: country, name with its parts, and a serialNumber that tells namesakes apart; no title."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import NameOID

from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder, Profile

_NEEDED = {NameOID.COUNTRY_NAME, NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.SERIAL_NUMBER}
_PARTS = {NameOID.GIVEN_NAME, NameOID.SURNAME}


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    if order.profile is not Profile.PERSON:
        return ""
    kinds = {attribute.oid for attribute in certificate.subject}
    if not kinds & _PARTS or kinds - _PARTS != _NEEDED:
        return "must be C, O, CN, serialNumber and givenName or surname"
    return "" if extension_free_of_names(certificate) else "subject alternative names are not used"


def extension_free_of_names(certificate: x509.Certificate) -> bool:
    """Whether no mail address, host or other name hides in an extension."""
    return not any(isinstance(one.value, x509.SubjectAlternativeName) for one in certificate.extensions)


LINT = Lint(
    "person_subject", "ETSI EN 319 412-2 §4.2.4; Decree 68/2024/ND-CP (the title is not certified)", "2024-08-15", check
)
