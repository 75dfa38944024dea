"""
Building a complete revocation list.

What is revoked stays listed for good, also after its end, and the list says so (expiredCertsOnCRL): a signature is
checked for decades, and a list that had dropped its certificate would read as if nothing had happened. There is one
list for each authority and it covers everything that authority issued, so it carries no issuingDistributionPoint, which
readers would have to understand because it is critical.

Source: RFC 5280 §5; ITU-T X.509 §9.5.2.8 (expiredCertsOnCRL); ETSI EN 319 411-1 §6.3.9, EN 319 411-2 §6.3.9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509

from base.clock import as_utc
from keys.ca.drafting import drafting
from keys.der import generalized_time, signed_frame
from keys.handles import RevocationReason
from keys.signers import CrlSigner

_EXPIRED_CERTS_ON_CRL = x509.ObjectIdentifier("2.5.29.60")


@dataclass(frozen=True, slots=True)
class RevokedEntry:
    """serial: of the revoked certificate; revoked_at: epoch seconds."""

    serial: int
    revoked_at: int
    reason: RevocationReason


def build_crl(
    issuer: x509.Certificate,
    authority: CrlSigner,
    entries: Sequence[RevokedEntry],
    *,
    number: int,
    this_update: int,
    next_update: int,
) -> bytes:
    """The DER of the list; as with certificates, a throwaway key drafts it and the authority signs the same bytes."""
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(as_utc(this_update))
        .next_update(as_utc(next_update))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(_keeps_expired(issuer), critical=False)
    )
    for entry in entries:
        builder = builder.add_revoked_certificate(_entry(entry))
    with_draft = drafting(authority.algorithm)
    draft = builder.sign(with_draft.key, with_draft.hash, rsa_padding=with_draft.padding)
    to_be_signed = draft.tbs_certlist_bytes
    return signed_frame(to_be_signed, authority.sign(to_be_signed), authority.algorithm)


def _keeps_expired(issuer: x509.Certificate) -> x509.UnrecognizedExtension:
    """Whatever ended since the authority exists is still listed."""
    since = int(issuer.not_valid_before_utc.timestamp())
    return x509.UnrecognizedExtension(_EXPIRED_CERTS_ON_CRL, generalized_time(since))


def _entry(entry: RevokedEntry) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(entry.serial).revocation_date(as_utc(entry.revoked_at))
    if entry.reason is not RevocationReason.UNSPECIFIED:  # RFC 5280 §5.3.1: then the extension stays away
        builder = builder.add_extension(x509.CRLReason(x509.ReasonFlags(entry.reason.value)), critical=False)
    return builder.build()
