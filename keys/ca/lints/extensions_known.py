"""Nothing stands in a certificate that no rule here has read: an extension outside this list is refused."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder

_KNOWN = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.CERTIFICATE_POLICIES,
    ExtensionOID.CRL_DISTRIBUTION_POINTS,
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    ExtensionOID.OCSP_NO_CHECK,
    x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3"),  # qcStatements
}


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    strange = [one.oid.dotted_string for one in certificate.extensions if one.oid not in _KNOWN]
    return f"holds {', '.join(strange)}" if strange else ""


LINT = Lint("extensions_known", "RFC 5280 §4.2; ETSI EN 319 411-1 §6.6.1", "2008-05-01", check)
