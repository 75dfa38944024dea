"""
Revocation: the certificate is marked, the key destroyed and a new list published in one transaction.

Source: ETSI EN 319 411-1 §6.2.4, §6.3.9 (published within 60 minutes; here before the answer); RFC 5280 §5.3.1.
"""

from __future__ import annotations

from base.audit import append
from base.versions import raise_version
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import CertificateRevoked, KeyMoved
from keys.flows.certify import authority
from keys.flows.renew_crl import write_crl
from keys.handles import KeyHandle, RevocationReason
from keys.keyring import CHANNEL
from keys.lifecycle.states import Purpose, State
from keys.store import certificates
from keys.store import keys as key_rows

REVOCABLE = frozenset({Purpose.PERSON, Purpose.TSU})


def revoke(custody: Custody, handle: KeyHandle, reason: RevocationReason) -> None:
    """
    Revoke the certificate of a person or of a time-stamping unit.

    Raises: KeyRefused("unknown_key" | "already_revoked" | "not_revocable").

    1. Gather the key and its certificate. An authority is not revoked by one command.
    2. Mark the certificate; of two calls one does.
    3. The end of the key, then the next list.
    """
    with custody.base.db.read() as connection:
        key, row = key_rows.find(connection, handle), certificates.of_handle(connection, handle)
    if key is None or row is None:
        raise KeyRefused("unknown_key", status=404)
    if key.purpose not in REVOCABLE:
        raise KeyRefused("not_revocable", en="Revoking an authority takes a ceremony of its own.", status=422)
    now, clock = custody.base.clock.now(), custody.base.clock
    with custody.base.db.begin() as connection:
        if not certificates.revoke(connection, row.serial, reason, now=now):
            raise KeyRefused("already_revoked", en="The certificate was revoked before.", status=409)
        ended = key.state is State.ACTIVE and key_rows.move(connection, key, State.REVOKED, now=now)
        raise_version(connection, CHANNEL)
        crl = write_crl(custody, connection, *authority(connection, "issuing"))  # locks the audit log: after the rest
        append(connection, clock, CertificateRevoked(handle, row.serial, reason, crl.number))
        if ended:
            append(connection, clock, KeyMoved(handle, State.REVOKED))
    custody.forget(key)
    custody.ring.refresh()
