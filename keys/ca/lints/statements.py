"""
What qcStatements claim: of a legal person how its identifier is written, of everybody else nothing.

A claim of compliance with Regulation (EU) 910/2014, of a qualified device or of the law of a country would be false
until the authority has been granted that; whoever adds one must change this rule, and say by whose leave.
"""

from __future__ import annotations

from cryptography import x509

from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder, Profile

QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
_SEMANTICS_LEGAL = bytes.fromhex("301730150608 2b06010505070b02 3009 06070400 8bec490102")
"""SEQUENCE { SEQUENCE { 1.3.6.1.5.5.7.11.2, SEQUENCE { 0.4.0.194121.1.2 } } }"""


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    found = [one for one in certificate.extensions if one.oid == QC_STATEMENTS]
    if order.profile is not Profile.LEGAL_PERSON:
        return "must be absent" if found else ""
    if len(found) != 1 or found[0].critical:
        return "must be present and not critical"
    return "" if found[0].value.public_bytes() == _SEMANTICS_LEGAL else "claims more or other than the semantics"


LINT = Lint("statements", "ETSI EN 319 412-1 §5.1.2; EN 319 412-5 §4.2; RFC 3739 §3.2.6", "2023-09-01", check)
