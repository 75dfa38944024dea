"""
The subject of an agency, of its machines and of our own services: country, name, and an identifier from a register.

Source: the identifier's form is that of EN 319 412-1 §5.1.4: three letters of a known register or two characters and a
colon of a national one, the country, a hyphen, the number.
"""

from __future__ import annotations

import re

from cryptography import x509
from cryptography.x509.oid import NameOID

from keys.ca.lints.base import Lint, extension_of
from keys.ca.order import CertificateOrder, Profile

_NEEDED = {NameOID.COUNTRY_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATION_IDENTIFIER, NameOID.COMMON_NAME}
_IDENTIFIER = re.compile(r"(?:(?:VAT|NTR|PSD)|[A-Z]{2}:)([A-Z]{2})-[0-9A-Za-z.\-]{1,50}|LEIXG-[0-9A-Z]{20}")


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    if order.profile is Profile.PERSON:
        return ""
    texts = {attribute.oid: str(attribute.value) for attribute in certificate.subject}
    if set(texts) != _NEEDED:
        return "must be C, O, organizationIdentifier and CN"
    found = _IDENTIFIER.fullmatch(texts[NameOID.ORGANIZATION_IDENTIFIER])
    if found is None:
        return "the organizationIdentifier names no register"
    if found[1] not in (None, texts[NameOID.COUNTRY_NAME]):
        return "the organizationIdentifier is of another country"
    names = extension_of(certificate, x509.SubjectAlternativeName)
    return "subject alternative names are not used" if names is not None else ""


LINT = Lint("legal_subject", "ETSI EN 319 412-3 §4.2.1; EN 319 412-1 §5.1.4", "2023-09-01", check)
