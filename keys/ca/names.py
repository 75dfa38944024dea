"""
Distinguished names of what we issue.

Source: ETSI EN 319 412-2 §4.2.3.1 (issuers), §4.2.4 (natural persons: countryName, givenName and/or surname,
commonName, serialNumber; organizationName for the organisation acted for); EN 319 412-3 §4.2.1 (legal persons:
countryName, organizationName, organizationIdentifier, commonName); RFC 5280 appendix A.1 (upper bounds).
"""

from __future__ import annotations

import base64
import unicodedata

from cryptography import x509
from cryptography.x509.oid import NameOID

from keys.errors import LintFailed
from keys.handles import LegalSubject, PersonSubject

COUNTRY = "VN"
LONGEST_NAME = 64
"""Bytes of UTF-8: the standard counts characters, but libraries disagree, and fewer is safe with all of them."""
SHORTENED = "…"


def authority_name(organisation: str, role: str, identifier: str) -> x509.Name:
    """C, O, organizationIdentifier, CN of one of our own services; role: "Root CA", "Issuing CA", "TSU"."""
    return _legal(organisation, identifier, f"{organisation} {role}")


def person_name(subject: PersonSubject, identifier: bytes) -> x509.Name:
    """
    C, O, surname, givenName, CN and serialNumber of a person.

    identifier: derived from the owner; it tells two people of one name apart and is no number of any register.
    Where the parts of the name are not given, its first word is the family name, as Vietnamese names are written; of a
    single word there is no family name.
    """
    common = fitting(subject.common_name)
    surname, given = subject.surname, subject.given_name
    if not surname and not given:
        first, _, rest = " ".join(subject.common_name.split()).partition(" ")
        surname, given = (first, rest) if rest else ("", first)
    parts = ((NameOID.SURNAME, surname), (NameOID.GIVEN_NAME, given))
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, fitting(subject.organisation)),
            *(x509.NameAttribute(oid, fitting(text)) for oid, text in parts if text),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, base64.b32encode(identifier[:15]).decode()),
        ]
    )


def legal_name(subject: LegalSubject) -> x509.Name:
    """C, O, organizationIdentifier, CN of an agency; the common name is that of the organisation if none is given."""
    return _legal(subject.organisation, subject.identifier, subject.common_name or subject.organisation)


def client_name(subject: LegalSubject) -> x509.Name:
    """The same for a machine of an agency that connects by TLS; its common name is that of the machine."""
    return _legal(subject.organisation, subject.identifier, subject.common_name)


def fitting(text: str) -> str:
    """
    NFC, single spaces, and no longer than a certificate may hold; a longer text ends after a whole word with `…`.

    Raises: LintFailed: nothing is left to be certified.
    """
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if not clean:
        raise LintFailed(("name_text: a name is blank",))
    if len(clean.encode()) <= LONGEST_NAME:
        return clean
    room = LONGEST_NAME - len(SHORTENED.encode())
    cut = clean.encode()[:room].decode(errors="ignore")  # a letter that was cut in two is dropped
    return cut.rsplit(" ", 1)[0] + SHORTENED


def _legal(organisation: str, identifier: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, fitting(organisation)),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, identifier),
            x509.NameAttribute(NameOID.COMMON_NAME, fitting(common)),
        ]
    )
