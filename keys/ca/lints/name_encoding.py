"""Names are UTF8String, and countryName and serialNumber PrintableString; other encodings compare in odd ways."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder

_PRINTABLE = {NameOID.COUNTRY_NAME, NameOID.SERIAL_NUMBER}


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    for attribute in certificate.subject:
        wanted = _ASN1Type.PrintableString if attribute.oid in _PRINTABLE else _ASN1Type.UTF8String
        if attribute._type is not wanted:
            return f"{attribute.rfc4514_attribute_name} is no {wanted.name}"
    return ""


LINT = Lint("name_encoding", "RFC 5280 §4.1.2.4, appendix A.1", "2008-05-01", check)
