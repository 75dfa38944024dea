"""Names: composed Unicode, printable, no characters that turn the writing direction, inside the upper bounds."""

from __future__ import annotations

import unicodedata

from cryptography import x509

from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder

LONGEST = 64


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    kinds = [attribute.oid for attribute in certificate.subject]
    if len(set(kinds)) != len(kinds):
        return "an attribute occurs twice"
    for attribute in certificate.subject:
        problem = _problem(str(attribute.value))
        if problem:
            return f"{attribute.rfc4514_attribute_name} {problem}"
    return ""


def _problem(text: str) -> str:
    if not text.strip() or text != text.strip():
        return "is blank or padded"
    if len(text) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if not text.isprintable():  # control and format characters, among them the bidirectional overrides
        return "has characters that do not show"
    return "" if unicodedata.is_normalized("NFC", text) else "is not composed (NFC)"


LINT = Lint("name_text", "RFC 5280 §4.1.2.4, appendix A.1; Unicode UTS 39 §5", "2008-05-01", check)
