"""
Issuing a certificate: gather the authority, lint, sign, hand back the row to store.

Used for our own authorities, the time-stamping unit and persons alike.
"""

from __future__ import annotations

import hashlib
import secrets

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection

from keys.algorithms import Algorithm
from keys.backends.base import NewKey
from keys.ca.linted import lint, sign
from keys.ca.order import CertificateOrder, Issuer, Profile
from keys.custody import Custody
from keys.errors import KeysUnavailable
from keys.events import CertificateIssued
from keys.lifecycle.states import Purpose, State
from keys.signers import CertificateSigner
from keys.store import certificates
from keys.store import keys as key_rows
from keys.store.certificates import StoredCertificate
from keys.store.keys import StoredKey

BACKDATED_SECONDS = 60
"""Machines whose clock is a little behind must already accept the certificate."""
SERIAL_BITS = 159
_ABOVE = {Profile.ISSUING: "root", Profile.TSU: "issuing", Profile.PERSON: "issuing"}


def authority(connection: Connection, role: str) -> tuple[StoredKey, x509.Certificate]:
    """The key and certificate of "root" or "issuing". Raises: KeysUnavailable: there is none."""
    key = key_rows.in_slot(connection, Purpose(role), Algorithm.ES256, State.ACTIVE)
    row = certificates.of_handle(connection, key.handle) if key else None
    if key is None or row is None:
        raise KeysUnavailable(f"The {role} authority does not exist yet.")
    return key, x509.load_der_x509_certificate(row.der)


def certify(
    custody: Custody,
    new: NewKey,
    subject: x509.Name,
    profile: Profile,
    *,
    seconds: int,
    above: tuple[StoredKey, x509.Certificate] | None,
) -> StoredCertificate:
    """
    Issue a certificate for a new key. seconds: its life, cut at the end of the issuer's.

    above: the authority that signs; None for the root.
    Raises: LintFailed: the certificate would break a rule; nothing was signed.
    """
    issuer = Issuer(above[0].handle, above[1]) if above else None
    signer = (
        custody.open_for(CertificateSigner, above[0])
        if above
        else custody.open_new(CertificateSigner, new, Purpose.ROOT)
    )
    order = _order(custody, new, subject, profile, issuer, seconds, signer.algorithm)
    certificate = sign(lint(order), signer)
    der = certificate.public_bytes(Encoding.DER)
    return StoredCertificate(
        serial=format(order.serial, "x"),
        handle=new.handle,
        issuer=issuer.handle if issuer else new.handle,
        profile=str(profile),
        der=der,
        not_before=order.not_before,
        not_after=order.not_after,
        revoked_at=None,
        revocation_reason=None,
        owner=None,
    )


def issued_event(row: StoredCertificate) -> CertificateIssued:
    """The audit event of a certificate."""
    digest = hashlib.sha256(row.der).hexdigest()
    return CertificateIssued(row.handle, row.issuer, row.profile, row.serial, digest, row.not_after)


def random_serial() -> int:
    """159 random bits: positive, at most 20 octets."""
    return secrets.randbits(SERIAL_BITS) or 1


def _order(
    custody: Custody,
    new: NewKey,
    subject: x509.Name,
    profile: Profile,
    issuer: Issuer | None,
    seconds: int,
    signed_with: Algorithm,
) -> CertificateOrder:
    now = custody.base.clock.now()
    begin, end = now - BACKDATED_SECONDS, now + seconds
    if issuer is not None:
        begin = max(begin, int(issuer.certificate.not_valid_before_utc.timestamp()))
        end = min(end, int(issuer.certificate.not_valid_after_utc.timestamp()))
    settings, base = custody.settings, f"{custody.issuer}/pki"
    role = _ABOVE.get(profile)
    policies = {Profile.PERSON: settings.certificate_policy_oid, Profile.TSU: settings.timestamp_policy_oid}
    return CertificateOrder(
        profile=profile,
        subject=subject,
        public_key=new.public_key,
        serial=random_serial(),
        not_before=begin,
        not_after=end,
        issuer=issuer,
        crl_url=f"{base}/{role}.crl" if role else "",
        issuer_url=f"{base}/{role}.crt" if role else "",
        policy_oid=policies.get(profile, ""),
        signed_with=signed_with,
    )
