"""
Issuing a certificate: gather the authority, lint, sign, hand back the row to store.

Used for our own authorities, services and subscribers alike; a certificate exists for others only once its row does.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection

from keys.algorithms import Algorithm
from keys.backends.base import NewKey
from keys.ca.linted import lint, sign
from keys.ca.order import CertificateOrder, Issuer, Profile
from keys.ca.profiles import BY_NAME
from keys.custody import Custody
from keys.errors import KeyRefused, KeysUnavailable
from keys.events import CertificateIssued
from keys.flows.offline import Opening, check_opening
from keys.lifecycle.states import Purpose, State
from keys.settings import KeysSettings
from keys.signers import CertificateSigner
from keys.store import authorities, certificates
from keys.store import keys as key_rows
from keys.store.certificates import StoredCertificate
from keys.store.keys import StoredKey

BACKDATED_SECONDS = 60
"""Machines whose clock is a little behind must already accept the certificate."""
SERIAL_BITS = 159
ANY_POLICY = "2.5.29.32.0"


@dataclass(frozen=True, slots=True)
class Above:
    """The authority that signs: its name in addresses, its key and its own certificate."""

    name: str
    key: StoredKey | NewKey
    certificate: x509.Certificate
    is_offline: bool = False


def above(connection: Connection, name: str) -> Above:
    """The authority of that name. Raises: KeysUnavailable: there is none."""
    row = authorities.find(connection, name)
    key = key_rows.find(connection, row.handle) if row else None
    certificate = certificates.of_handle(connection, row.handle) if row else None
    if key is None or certificate is None:
        raise KeysUnavailable(f"The {name[:40]} authority does not exist yet.")
    assert row is not None  # key and certificate were found by it
    return Above(name, key, x509.load_der_x509_certificate(certificate.der), row.is_offline)


def authority(connection: Connection, role: str) -> tuple[StoredKey, x509.Certificate]:
    """Key and certificate of the authority of that name. Raises: KeysUnavailable: there is none."""
    found = above(connection, role)
    assert isinstance(found.key, StoredKey)  # above() reads rows
    return found.key, found.certificate


def certify(
    custody: Custody,
    new: NewKey | StoredKey,
    subject: x509.Name,
    profile: Profile,
    *,
    seconds: int,
    above: Above | None,
    opening: Opening | None = None,
) -> StoredCertificate:
    """
    Issue a certificate for a key. seconds: its life, cut at what the profile allows and at the end of the issuer's.

    above: the authority that signs; None for a root. opening: the right to use one that is offline.
    Raises: KeyRefused("authority_offline" | "authority_revoked"); LintFailed: the certificate would break a rule;
            nothing was signed.
    """
    if above is not None and isinstance(above.key, StoredKey) and above.key.state is not State.ACTIVE:
        raise _ended()
    check_opening(above is not None and above.is_offline, opening)
    signer = _signer(custody, above.key if above else new)
    order = _order(custody, new, subject, profile, above, seconds, signer.algorithm)
    certificate = sign(lint(order), signer)
    return StoredCertificate(
        serial=format(order.serial, "x"),
        handle=new.handle,
        issuer=order.issuer.handle if order.issuer else new.handle,
        profile=str(profile),
        der=certificate.public_bytes(Encoding.DER),
        not_before=order.not_before,
        not_after=order.not_after,
        revoked_at=None,
        revocation_reason=None,
        owner=None,
        algorithm=new.algorithm,
    )


def _ended() -> KeyRefused:
    return KeyRefused(
        "authority_revoked",
        vi="Cơ quan chứng thực này đã bị thu hồi nên không cấp được chứng thư số.",
        en="This authority was revoked and issues nothing any more.",
        status=409,
    )


def _signer(custody: Custody, key: NewKey | StoredKey) -> CertificateSigner:
    """The opened key. One that has no row yet is that of a root whose ceremony is still going on."""
    if isinstance(key, StoredKey):
        return custody.open_for(CertificateSigner, key)
    return custody.open_new(CertificateSigner, key, Purpose.ROOT)


def issued_event(row: StoredCertificate) -> CertificateIssued:
    """The audit event of a certificate."""
    digest = hashlib.sha256(row.der).hexdigest()
    return CertificateIssued(row.handle, row.issuer or "", row.profile, row.serial, digest, row.not_after)


def random_serial() -> int:
    """159 random bits: positive, at most 20 octets."""
    return secrets.randbits(SERIAL_BITS) or 1


def _order(
    custody: Custody,
    new: NewKey | StoredKey,
    subject: x509.Name,
    profile: Profile,
    above: Above | None,
    seconds: int,
    signed_with: Algorithm,
) -> CertificateOrder:
    row, base = BY_NAME[profile], f"{custody.issuer}/pki"
    now = custody.base.clock.now()
    begin, end = now - BACKDATED_SECONDS, now + min(seconds, row.most_seconds)
    if above is not None:
        begin = max(begin, int(above.certificate.not_valid_before_utc.timestamp()))
        end = min(end, int(above.certificate.not_valid_after_utc.timestamp()))
    return CertificateOrder(
        profile=profile,
        subject=subject,
        public_key=new.public_key,
        serial=random_serial(),
        not_before=begin,
        not_after=end,
        issuer=Issuer(above.key.handle, above.certificate) if above else None,
        crl_url=f"{base}/crl/{above.name}.crl" if above and row.has_crl else "",
        issuer_url=f"{base}/ca/{above.name}.cer" if above else "",
        ocsp_url=f"{base}/ocsp" if above and row.has_ocsp else "",
        policy_oid=_policies(custody.settings)[profile] if row.has_policy else "",
        signed_with=signed_with,
    )


def _policies(settings: KeysSettings) -> dict[Profile, str]:
    """An issuing authority of ours may issue under every policy of ours, which is what anyPolicy says."""
    return {
        Profile.ISSUING: ANY_POLICY,
        Profile.TSU: settings.timestamp_policy_oid,
        Profile.PERSON: settings.certificate_policy_oid,
        Profile.LEGAL_PERSON: settings.seal_policy_oid,
        Profile.OCSP: settings.machine_policy_oid,
        Profile.TRUST_LIST: settings.machine_policy_oid,
        Profile.TLS_CLIENT: settings.machine_policy_oid,
    }
