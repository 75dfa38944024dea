"""
A new revocation list: number, contents and bytes change together, in one transaction.

Source: RFC 5280 §5.2.3 (numbers rise); ETSI EN 319 411-1 §6.3.9.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from keys.ca.crl import RevokedEntry, build_crl
from keys.custody import Custody
from keys.errors import KeysUnavailable
from keys.flows.certify import authority
from keys.flows.offline import Opening, check_opening, open_offline
from keys.flows.record_use import record_use
from keys.handles import RevocationReason
from keys.lifecycle.operations import Operation
from keys.lifecycle.purposes import Use
from keys.lifecycle.rotation import renewal_due
from keys.lifecycle.states import State
from keys.signers import CrlSigner
from keys.store import authorities, certificates, crls
from keys.store import keys as key_rows
from keys.store.certificates import StoredCertificate
from keys.store.crls import StoredCrl
from keys.store.keys import StoredKey


def crl_operation(name: str) -> Operation:
    """What takes two persons: a list of an authority that is offline."""
    return Operation("ca.crl", {"authority": name})


def renew_offline_crl(custody: Custody, name: str, approval_id: str = "") -> bytes:
    """
    Issue the next list of an authority that is offline. Returns its DER.

    Raises: KeyRefused("approval_needed" | "approval_refused"); KeysUnavailable: there is no such authority.
    """
    with custody.base.db.begin() as connection:
        opening = open_offline(custody, connection, crl_operation(name), approval_id)
        return write_crl(custody, connection, *authority(connection, name), opening).der


def renew_crl(custody: Custody, role: str) -> bytes:
    """Issue the next list of the authority of that name. Returns its DER. Raises: KeyRefused("authority_offline")."""
    try:
        with custody.base.db.begin() as connection:
            return write_crl(custody, connection, *authority(connection, role)).der
    except IntegrityError:  # two processes made the first list of all at once; the other's stands
        return current_crl(custody, role)


def write_crl(
    custody: Custody,
    connection: Connection,
    key: StoredKey,
    certificate: x509.Certificate,
    opening: Opening | None = None,
    *,
    until: int | None = None,
) -> StoredCrl:
    """
    Make and store the next list inside the caller's transaction. until: its nextUpdate, of the last one of all.

    1. Take the number; from here on nobody else can issue a list of this authority.
    2. Read what is revoked, build, sign, store.
    """
    is_offline = _is_offline(connection, key)
    check_opening(is_offline, opening)
    number, now = crls.take_number(connection, key.handle), custody.base.clock.now()
    entries = [_entry(row) for row in certificates.revoked_by(connection, key.handle)]
    next_update = now + (
        custody.settings.offline_crl_lifetime_seconds if is_offline else custody.settings.crl_lifetime_seconds
    )
    next_update = next_update if until is None else until
    signer = custody.open_for(CrlSigner, key)
    der = build_crl(certificate, signer, entries, number=number, this_update=now, next_update=next_update)
    crl = StoredCrl(key.handle, number, der, now, next_update)
    crls.keep(connection, crl)
    record_use(custody, connection, key, Use.CRL, der)
    return crl


def write_crl_of(custody: Custody, connection: Connection, rows: Sequence[StoredCertificate]) -> dict[str, int]:
    """
    The next list of each issuer of these certificates, inside the caller's transaction. Returns the numbers by handle.

    Lists are always taken in the same order, so two callers cannot wait for each other. Of a foreign certificate its
    own authority publishes the status.
    """
    numbers: dict[str, int] = {}
    for issuer in sorted({row.issuer for row in rows if row.issuer is not None}):
        key, certificate = key_rows.find(connection, issuer), certificates.of_handle(connection, issuer)
        if key is None or certificate is None:
            raise KeysUnavailable("The authority of the certificate is not here.", debug=issuer)
        numbers[issuer] = write_crl(custody, connection, key, x509.load_der_x509_certificate(certificate.der)).number
    return numbers


def authority_certificate(custody: Custody, name: str) -> bytes:
    """The certificate of an authority, as lists and answers are checked with it. Raises: KeysUnavailable."""
    with custody.base.db.read() as connection:
        return authority(connection, name)[1].public_bytes(Encoding.DER)


def current_crl(custody: Custody, role: str) -> bytes:
    """The list to hand out: the stored one; a new one when that has run out (the job should have been earlier)."""
    with custody.base.db.read() as connection:
        key, _ = authority(connection, role)
        found, row = crls.find(connection, key.handle), authorities.find(connection, role)
    if found is not None and row is not None and (row.is_offline or key.state is not State.ACTIVE):
        return found.der  # nothing here may make another one: the alarm rang long before, or it is the last one
    if found is None or found.next_update <= custody.base.clock.now():
        return renew_crl(custody, role)
    return found.der


def renew_due_crls(custody: Custody) -> None:
    """
    Issue the lists that are past the middle of their time; the job calls this.

    Not those of an authority that is offline, whose key is opened only inside an operation that people approved, nor of
    one that was revoked.
    """
    with custody.base.db.read() as connection:
        online = [row for row in authorities.standing(connection) if not row.is_offline]
    for row in online:
        with custody.base.db.read() as connection:
            found = crls.find(connection, row.handle)
        now = custody.base.clock.now()
        if found is None or renewal_due(not_before=found.this_update, not_after=found.next_update, now=now):
            renew_crl(custody, row.name)


def _is_offline(connection: Connection, key: StoredKey) -> bool:
    row = authorities.of_handle(connection, key.handle)
    return row is not None and row.is_offline


def _entry(row: StoredCertificate) -> RevokedEntry:
    assert row.revoked_at is not None  # revoked_by() reads nothing else
    return RevokedEntry(int(row.serial, 16), row.revoked_at, RevocationReason(row.revocation_reason or "unspecified"))
