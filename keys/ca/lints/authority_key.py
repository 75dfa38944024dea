"""Key identifiers: the subject's is derived from its key, the authority's is that of the issuer."""

from __future__ import annotations

from cryptography import x509

from keys.ca.lints.base import Lint, extension_of
from keys.ca.order import CertificateOrder


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    subject = extension_of(certificate, x509.SubjectKeyIdentifier)
    authority = extension_of(certificate, x509.AuthorityKeyIdentifier)
    if subject is None or authority is None or subject.critical or authority.critical:
        return "both identifiers must be present and not critical"
    if subject.value != x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()):
        return "the subject key identifier is not that of the key"
    above = order.issuer.certificate if order.issuer else certificate
    issuer = extension_of(above, x509.SubjectKeyIdentifier)
    if issuer is None or authority.value.key_identifier != issuer.value.digest:
        return "the authority key identifier is not that of the issuer"
    return "" if certificate.issuer == above.subject else "the issuer name is not that of the issuer"


LINT = Lint("authority_key", "RFC 5280 §4.2.1.1, §4.2.1.2, §4.1.2.4", "2008-05-01", check)
