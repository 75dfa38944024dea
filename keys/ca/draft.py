"""
The bytes of a certificate before its authority signs them: what the row of its profile says (profiles.py).

`cryptography` only builds certificates together with a signature, so the draft is signed by a key that nobody trusts
(drafting.py); the signed part does not depend on that key, only on its algorithm.

Source: RFC 5280 §4.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509.oid import AuthorityInformationAccessOID

from base.clock import as_utc
from keys.ca.drafting import SIGNING_KEYS, drafting
from keys.ca.order import CertificateOrder
from keys.ca.profiles import BY_NAME, CertificateProfile
from keys.ca.statements import semantics_statement

_USAGES = ("digital_signature", "content_commitment", "key_cert_sign", "crl_sign")
Extensions = list[tuple[x509.ExtensionType, bool]]


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
    row = BY_NAME[order.profile]
    for extension, critical in (*_of_key(order, row), *_of_profile(row), *_of_issuer(order)):
        builder = builder.add_extension(extension, critical)
    with_draft = drafting(order.signed_with)
    return builder.sign(with_draft.key, with_draft.hash, rsa_padding=with_draft.padding)


def _of_key(order: CertificateOrder, row: CertificateProfile) -> Extensions:
    return [
        (x509.BasicConstraints(ca=row.is_authority, path_length=row.path_length), True),
        (_key_usage(row), True),
        (x509.SubjectKeyIdentifier.from_public_key(_public_key(order)), False),
        (_authority_key(order), False),
    ]


def _of_profile(row: CertificateProfile) -> Extensions:
    found: Extensions = []
    if row.purposes:
        found.append((x509.ExtendedKeyUsage(row.purposes), row.purposes_critical))
    if row.unchecked:
        found.append((x509.OCSPNoCheck(), False))
    if row.semantics:
        found.append((semantics_statement(row.semantics), False))
    return found


def _of_issuer(order: CertificateOrder) -> Extensions:
    found: Extensions = []
    if order.policy_oid:
        policy = x509.PolicyInformation(x509.ObjectIdentifier(order.policy_oid), None)
        found.append((x509.CertificatePolicies([policy]), False))
    if order.crl_url:
        found.append((x509.CRLDistributionPoints([_distribution_point(order.crl_url)]), False))
    places = [
        x509.AccessDescription(method, x509.UniformResourceIdentifier(address))
        for method, address in (
            (AuthorityInformationAccessOID.CA_ISSUERS, order.issuer_url),
            (AuthorityInformationAccessOID.OCSP, order.ocsp_url),
        )
        if address
    ]
    if places:
        found.append((x509.AuthorityInformationAccess(places), False))
    return found


def _key_usage(row: CertificateProfile) -> x509.KeyUsage:
    bits = {name: name in row.usages for name in _USAGES}
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
