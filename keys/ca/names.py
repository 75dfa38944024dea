"""
Distinguished names of what we issue.

Source: ETSI EN 319 412-2 §4.2.4 (subject of a natural person: countryName, commonName, serialNumber; organizationName
for the organisation acted for); RFC 5280 appendix A.1 (upper bounds).
"""

from __future__ import annotations

import base64
import unicodedata

from cryptography import x509
from cryptography.x509.oid import NameOID

from keys.errors import LintFailed
from keys.handles import PersonSubject

COUNTRY = "VN"
LONGEST_NAME = 64
"""Bytes of UTF-8: the standard counts characters, but libraries disagree, and fewer is safe with all of them."""
SHORTENED = "…"


def authority_name(organisation: str, role: str) -> x509.Name:
    """C, O, CN of one of our own authorities; role: "Root CA", "Issuing CA", "TSU"."""
    return _name(fitting(organisation), fitting(f"{organisation} {role}"))


def person_name(subject: PersonSubject, identifier: bytes) -> x509.Name:
    """
    C, O, CN and serialNumber of a person.

    identifier: derived from the owner; it tells two people of one name apart and is no number of any register.
    """
    common = fitting(subject.common_name)
    serial = x509.NameAttribute(NameOID.SERIAL_NUMBER, base64.b32encode(identifier[:15]).decode())
    return x509.Name([*_name(fitting(subject.organisation), common), serial])


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


def _name(organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )
