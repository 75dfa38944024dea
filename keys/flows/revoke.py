"""
Revocation: the certificate is marked, the key destroyed and a new list published in one transaction; every process
knows within a second.

Source: ETSI EN 319 411-1 §6.2.4, §6.3.9 (published within 60 minutes; here before the answer); RFC 5280 §5.3.1.
"""

from __future__ import annotations

from sqlalchemy import Connection

from base.audit import append
from base.versions import raise_version
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import CertificateRevoked, KeyMoved
from keys.flows.renew_crl import write_crl_of
from keys.handles import REVOKING, KeyHandle, RevocationReason
from keys.keyring import CHANNEL
from keys.lifecycle.states import Purpose, State
from keys.store import certificates
from keys.store import keys as key_rows
from keys.store.certificates import STATUS_CHANNEL, StoredCertificate
from keys.store.keys import StoredKey

OF_AUTHORITIES = frozenset({Purpose.ROOT, Purpose.ISSUING})
OWN_KEYS = frozenset({Purpose.TSU, Purpose.OCSP})
"""Keys that every process holds open; it must be told when their certificates change."""


def revoke(custody: Custody, name: str, reason: RevocationReason) -> None:
    """
    Revoke a certificate by its serial number (hexadecimal), or what stands for a key by its handle.

    Raises: KeyRefused("unknown_key" | "already_revoked" | "not_revocable" | "wrong_reason").

    1. Gather key and certificate, and judge: an authority is not revoked by one command, and a hold is no end.
    2. A compromised key takes all its certificates with it.
    3. Mark them; of two calls one does. A key without any certificate left ends too.
    4. The next list of each issuer.
    """
    with custody.base.db.read() as connection:
        key, named = gather(connection, name)
        of_key = certificates.all_of_handle(connection, key.handle)
    if reason not in REVOKING:
        raise KeyRefused("wrong_reason", en="A certificate is not revoked for that reason.", status=422)
    whole_key = name == key.handle or reason is RevocationReason.KEY_COMPROMISE
    wanted = [row for row in of_key if row.status != "revoked"] if whole_key else [named]
    with custody.base.db.begin() as connection:
        ended = _mark(custody, connection, key, wanted, reason, left=[row for row in of_key if row not in wanted])
    if ended:
        custody.forget(key)
    custody.ring.refresh()


def gather(connection: Connection, name: str) -> tuple[StoredKey, StoredCertificate]:
    """
    The key and the certificate of that serial number, or the newest of that handle.

    Raises: KeyRefused("unknown_key" | "not_revocable").
    """
    found = certificates.find(connection, name.lower()) or certificates.of_handle(connection, KeyHandle(name))
    key = key_rows.find(connection, found.handle) if found else None
    if key is None or found is None:
        raise KeyRefused("unknown_key", status=404)
    if key.purpose in OF_AUTHORITIES:
        raise KeyRefused("not_revocable", en="An authority is revoked by `antin ca revoke`.", status=422)
    return key, found


def _mark(
    custody: Custody,
    connection: Connection,
    key: StoredKey,
    wanted: list[StoredCertificate],
    reason: RevocationReason,
    *,
    left: list[StoredCertificate],
) -> bool:
    """Steps 3 and 4; the events come last: they hold the head of the audit chain. Returns whether the key ended."""
    now, clock = custody.base.clock.now(), custody.base.clock
    marked = [row for row in wanted if certificates.revoke(connection, row.serial, reason, now=now)]
    if not marked:
        raise KeyRefused("already_revoked", en="The certificate was revoked before.", status=409)
    is_last = all(row.status == "revoked" or row.not_after <= now for row in left)
    ended = is_last and key.state is State.ACTIVE and key_rows.move(connection, key, State.REVOKED, now=now)
    tell(connection, key)
    numbers = write_crl_of(custody, connection, marked)
    for row in marked:
        append(connection, clock, CertificateRevoked(row.handle, row.serial, reason, numbers.get(row.issuer or "", 0)))
    if ended:
        append(connection, clock, KeyMoved(key.handle, State.REVOKED))
    return ended


def tell(connection: Connection, key: StoredKey) -> None:
    """Let every process drop what it holds about the status of certificates, and our own keys whose status changed."""
    raise_version(connection, STATUS_CHANNEL)
    if key.purpose in OWN_KEYS:
        raise_version(connection, CHANNEL)
