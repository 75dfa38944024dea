"""
What a revocation list is about: all certificates of its issuer, or those of one distribution point, people or
authorities alone. A part must never pass for the whole, so a list counts for a certificate only if it says that this
certificate belongs to it.

Not read, and therefore never counted: lists on behalf of other issuers, lists for some reasons only, points named
relative to the issuer. Source: RFC 5280 §5.2.5, §6.3.3 (b)(2).
"""

from __future__ import annotations

from cryptography import x509

from signing.validation.certificates import CertificateFacts, load


def covers(found: x509.CertificateRevocationList, certificate: CertificateFacts) -> bool:
    """Whether the list would name this certificate if it were revoked."""
    try:
        scope = found.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return True
    if scope.indirect_crl or scope.only_some_reasons or scope.only_contains_attribute_certs or scope.relative_name:
        return False
    if scope.only_contains_user_certs and certificate.is_authority:
        return False
    if scope.only_contains_ca_certs and not certificate.is_authority:
        return False
    return scope.full_name is None or bool({*scope.full_name} & _points_of(certificate))


def _points_of(certificate: CertificateFacts) -> set[x509.GeneralName]:
    """The names of the certificate's distribution points, but of those that another issuer or some reasons are for."""
    try:
        points = load(certificate.der).extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return set()
    return {name for point in points if not point.crl_issuer and not point.reasons for name in point.full_name or ()}
