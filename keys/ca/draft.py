"""
The bytes of a certificate before its authority signs them.

`cryptography` only builds certificates together with a signature, so the draft is signed by a key that nobody trusts
(drafting.py); the signed part does not depend on that key, only on its algorithm.

Source: RFC 5280 §4; ETSI EN 319 412-2 (natural persons), EN 319 422 §6 and RFC 3161 §2.3 (time-stamping unit).
"""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from base.clock import as_utc
from keys.ca.drafting import SIGNING_KEYS, drafting
from keys.ca.order import CertificateOrder, Profile

_USAGES = ("digital_signature", "content_commitment", "key_cert_sign", "crl_sign")
_USAGE: dict[Profile, frozenset[str]] = {
    Profile.ROOT: frozenset({"key_cert_sign", "crl_sign"}),
    Profile.ISSUING: frozenset({"key_cert_sign", "crl_sign"}),
    Profile.TSU: frozenset({"digital_signature"}),
    Profile.PERSON: frozenset({"digital_signature", "content_commitment"}),
}
_PATH_LENGTH = {Profile.ROOT: 1, Profile.ISSUING: 0}


def draft_certificate(order: CertificateOrder) -> x509.Certificate:
    """The certificate as ordered, under a signature that nobody can check."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(order.subject)
        .issuer_name(order.issuer.certificate.subject if order.issuer else order.subject)
        .public_key(_public_key(order))
        .serial_number(order.serial)
        .not_valid_before(as_utc(order.not_before))
        .not_valid_after(as_utc(order.not_after))
    )
    for extension, critical in _extensions(order):
        builder = builder.add_extension(extension, critical)
    with_draft = drafting(order.signed_with)
    return builder.sign(with_draft.key, with_draft.hash, rsa_padding=with_draft.padding)


def _extensions(order: CertificateOrder) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = [
        (_basic_constraints(order.profile), True),
        (_key_usage(order.profile), True),
        (x509.SubjectKeyIdentifier.from_public_key(_public_key(order)), False),
        (_authority_key(order), False),
    ]
    if order.profile is Profile.TSU:
        found.append((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True))
    if order.policy_oid:
        policy = x509.PolicyInformation(x509.ObjectIdentifier(order.policy_oid), None)
        found.append((x509.CertificatePolicies([policy]), False))
    if order.crl_url:
        found.append((x509.CRLDistributionPoints([_distribution_point(order.crl_url)]), False))
    if order.issuer_url:
        place = x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(order.issuer_url)
        )
        found.append((x509.AuthorityInformationAccess([place]), False))
    return found


def _basic_constraints(profile: Profile) -> x509.BasicConstraints:
    return x509.BasicConstraints(ca=profile in _PATH_LENGTH, path_length=_PATH_LENGTH.get(profile))


def _key_usage(profile: Profile) -> x509.KeyUsage:
    bits = {name: name in _USAGE[profile] for name in _USAGES}
    return x509.KeyUsage(
        **bits,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key(order: CertificateOrder) -> x509.AuthorityKeyIdentifier:
    if order.issuer is None:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(_public_key(order))
    identifier = order.issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value)


def _distribution_point(url: str) -> x509.DistributionPoint:
    return x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)


def _public_key(order: CertificateOrder) -> CertificateIssuerPublicKeyTypes:
    key = load_der_public_key(order.public_key)
    if not isinstance(key, SIGNING_KEYS):
        raise ValueError("only keys that sign are certified")
    return key
