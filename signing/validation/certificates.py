"""
What a certificate says, as plain facts, and who issued whom.

Source: RFC 5280 §4; EN 319 412-2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, ExtensionOID, NameOID

from signing.validation.plain_text import safe_text

MOST_BYTES = 32 * 1024
MOST_RSA_BITS = 8192
MOST_NAME = 200
LEAST_EXPONENT = 65537
_ML_DSA = {
    mldsa.MLDSA44PublicKey: "ML-DSA-44",
    mldsa.MLDSA65PublicKey: "ML-DSA-65",
    mldsa.MLDSA87PublicKey: "ML-DSA-87",
}
"""Not in the Circular's list, which is older than FIPS 204, and stronger than everything that is."""
E = TypeVar("E", bound=x509.ExtensionType)
KNOWN_CRITICAL = frozenset(
    (
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    )
)


_OTHER_PURPOSES = frozenset(
    (
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.OCSP_SIGNING,
        ExtendedKeyUsageOID.TIME_STAMPING,
    )
)


class CertificateUnreadable(ValueError):
    """The bytes are not a certificate that can be used."""


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """
    One certificate.

    der: its bytes; sha256: hexadecimal. not_before, not_after: epoch seconds.
    key: such as `EC secp256r1` or `RSA 2048`; key_kind, key_bits: as the suite of algorithms has it (algorithms.py).
    signed_with: the digest under its own signature, empty for algorithms that have none apart.
    is_authority: as its constraints say; may_certify: as its key usage says.
    crl_addresses, ocsp_addresses, issuer_addresses: http(s) addresses of its CRL, of whoever answers about it, and of
    its issuer's certificate (missing.py says when they are asked).
    """

    der: bytes = field(repr=False)
    sha256: str
    subject: str
    organisation: str
    unit: str
    issuer: str
    serial: str
    not_before: int
    not_after: int
    key: str
    key_kind: str
    key_bits: int
    signed_with: str
    is_authority: bool
    may_certify: bool
    may_sign: bool
    only_time_stamping: bool
    unknown_critical: tuple[str, ...]
    crl_addresses: tuple[str, ...]
    ocsp_addresses: tuple[str, ...]
    issuer_addresses: tuple[str, ...]
    self_issued: bool

    def holds_at(self, moment: int) -> bool:
        """Whether `moment` lies in the period of validity, ends included."""
        return self.not_before <= moment <= self.not_after


@lru_cache(maxsize=1024)
def load(der: bytes) -> x509.Certificate:
    """Parse. Raises: CertificateUnreadable: also for one so large that remembering or checking it would be costly."""
    if len(der) > MOST_BYTES:
        raise CertificateUnreadable(f"{len(der)} bytes")
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        _ = certificate.extensions, certificate.subject, certificate.issuer
    except MemoryError:
        raise
    except Exception as error:  # the parser raises ValueError, UnsupportedAlgorithm, TypeError and more
        raise CertificateUnreadable(str(error)) from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size > MOST_RSA_BITS:
        raise CertificateUnreadable(f"RSA {key.key_size}")
    if certificate.serial_number <= 0:
        raise CertificateUnreadable("a serial number that is not positive")  # RFC 5280 §4.1.2.2; lists cannot name it
    if certificate.version is not x509.Version.v3 and len(certificate.extensions):
        raise CertificateUnreadable("extensions before version 3")  # RFC 5280 §4.1.2.9
    if not der.endswith(b"\x00" + certificate.signature):
        raise CertificateUnreadable("the signature is not whole bytes")  # a bit of slack that nothing covers
    return certificate


@lru_cache(maxsize=1024)
def facts_of(der: bytes) -> CertificateFacts:
    """The facts of a certificate. Raises: CertificateUnreadable."""
    certificate = load(der)
    try:
        return _facts(der, certificate)
    except ValueError as error:
        raise CertificateUnreadable(str(error)) from error


def _facts(der: bytes, certificate: x509.Certificate) -> CertificateFacts:
    constraints = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    extended = _extension(certificate, x509.ExtendedKeyUsage)
    key, kind, bits = _describe_key(certificate)
    critical = [extension.oid for extension in certificate.extensions if extension.critical]
    return CertificateFacts(
        der=der,
        sha256=hashlib.sha256(der).hexdigest(),
        subject=_name(certificate.subject, NameOID.COMMON_NAME) or _plain(certificate.subject.rfc4514_string()),
        organisation=_name(certificate.subject, NameOID.ORGANIZATION_NAME),
        unit=_name(certificate.subject, NameOID.ORGANIZATIONAL_UNIT_NAME),
        issuer=_name(certificate.issuer, NameOID.COMMON_NAME) or _plain(certificate.issuer.rfc4514_string()),
        serial=f"{certificate.serial_number:x}",
        not_before=int(certificate.not_valid_before_utc.timestamp()),
        not_after=int(certificate.not_valid_after_utc.timestamp()),
        key=key,
        key_kind=kind,
        key_bits=bits,
        signed_with=digest_under(certificate),
        is_authority=bool(constraints and constraints.ca),
        may_certify=usage is None or usage.key_cert_sign,
        may_sign=_may_sign(usage, extended),
        only_time_stamping=_only_time_stamping(certificate, extended),
        unknown_critical=tuple(oid.dotted_string for oid in critical if oid not in KNOWN_CRITICAL),
        crl_addresses=_crl_addresses(certificate),
        ocsp_addresses=_access_addresses(certificate, AuthorityInformationAccessOID.OCSP),
        issuer_addresses=_access_addresses(certificate, AuthorityInformationAccessOID.CA_ISSUERS),
        self_issued=certificate.subject == certificate.issuer,
    )


def _may_sign(usage: x509.KeyUsage | None, extended: x509.ExtendedKeyUsage | None) -> bool:
    """
    Whether both usages allow signatures on documents.

    There is no single purpose for documents that everybody uses (RFC 9336 is young), so what is named may be anything
    but machines' purposes alone: a web server's key must not sign a decision.
    """
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        return False
    return extended is None or not set(extended) <= _OTHER_PURPOSES


def _only_time_stamping(certificate: x509.Certificate, extended: x509.ExtendedKeyUsage | None) -> bool:
    """RFC 3161 §2.3: the extension is critical and names time stamping alone."""
    if extended is None or list(extended) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        return False
    return certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).critical


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _name(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    """All values of one attribute, printable characters only: names come from strangers and go onto pages."""
    values = (str(attribute.value) for attribute in name.get_attributes_for_oid(oid))
    return " / ".join(_plain(value) for value in values)


def _plain(value: str) -> str:
    return safe_text(value, MOST_NAME)


def _describe_key(certificate: x509.Certificate) -> tuple[str, str, int]:
    """The key as people read it, its kind and its bits as the suite of algorithms has them (algorithms.py)."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        small = key.public_numbers().e < LEAST_EXPONENT
        return f"RSA {key.key_size}", "RSA with a small exponent" if small else "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}", "EC", key.curve.key_size
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519", "Ed25519", 256
    if isinstance(key, ed448.Ed448PublicKey):
        return "Ed448", "Ed448", 448
    for kind, name in _ML_DSA.items():
        if isinstance(key, kind):
            return name, name, 0
    return type(key).__name__, type(key).__name__, 0


def digest_under(signed: x509.Certificate | x509.CertificateRevocationList) -> str:
    """The digest under its signature, as the suite names it; empty for algorithms that have none apart."""
    try:
        algorithm = signed.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return signed.signature_algorithm_oid.dotted_string  # a word that no suite has, so it counts for nothing
    return algorithm.name.replace("-", "_") if algorithm is not None else ""


def _crl_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    points = _extension(certificate, x509.CRLDistributionPoints)
    names = [name for point in points or () for name in point.full_name or ()]
    return _fetchable(names)


def _access_addresses(certificate: x509.Certificate, method: x509.ObjectIdentifier) -> tuple[str, ...]:
    access = _extension(certificate, x509.AuthorityInformationAccess)
    return _fetchable([one.access_location for one in access or () if one.access_method == method])


def _fetchable(names: Iterable[x509.GeneralName]) -> tuple[str, ...]:
    found = [str(name.value) for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return tuple(address for address in found if address.startswith(("http://", "https://")))[:3]


def may_be_issued_by(certificate: bytes, issuer: bytes) -> bool:
    """Whether the names match; costs nothing."""
    return load(certificate).issuer == load(issuer).subject


def is_issued_by(certificate: bytes, issuer: bytes) -> bool:
    """Whether the names match and the issuer's key made the signature."""
    return _is_issued_by(certificate, issuer)


@lru_cache(maxsize=4096)
def _is_issued_by(certificate: bytes, issuer: bytes) -> bool:
    try:
        load(certificate).verify_directly_issued_by(load(issuer))
    except (ValueError, TypeError, InvalidSignature):
        return False
    except MemoryError:
        raise
    except Exception:  # an algorithm the library does not know is no proof of anything
        return False
    return True
