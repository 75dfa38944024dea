"""
Every use of a key leaves a trace.

`record_use`:  one event and one step towards the key's limits per signature, in the transaction of the act: documents,
               certificates, revocation lists.
`count_use`:   where signatures come by the hundred a second (tokens, OCSP answers, time stamps), the process
               counts them by key and writes one event a minute. ADR 0011 has the measurement and what a crash can lose.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

from base.audit import append
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import KeyUsed
from keys.lifecycle.purposes import Use, check_use
from keys.store import custody_log
from keys.store.custody_log import USED
from keys.store.keys import StoredKey
from keys.store.uses import count_signature


def record_use(custody: Custody, connection: Connection, key: StoredKey, use: Use, signed: bytes) -> None:
    """
    Count one signature and write its event; call it last in the caller's transaction (the head of the audit chain is
    locked from here on), and let nothing that was signed out before it is committed.

    signed: what is signed: a message, of which the SHA-256 is kept, or a digest of 32 bytes, which is kept as it is.
    Raises: KeyRefused("wrong_purpose"); KeyRefused("limit_reached"): all its signatures are made, its time is over, or
            it is no longer active.
    """
    count_against_limits(custody, connection, key, use)
    digest = signed.hex() if len(signed) == hashlib.sha256().digest_size else hashlib.sha256(signed).hexdigest()
    if use in (Use.DOCUMENT, Use.SEAL):
        custody_log.add(connection, key.handle, USED, at=custody.base.clock.now(), digest=digest)
    append(connection, custody.base.clock, KeyUsed(key.handle, key.purpose, use, digest))


def count_against_limits(custody: Custody, connection: Connection, key: StoredKey, use: Use) -> None:
    """The same without the event, where the act has one that names key and digest. Raises: as record_use."""
    check_use(key.purpose, use)
    if not count_signature(connection, key.handle, now=custody.base.clock.now()):
        raise KeyRefused("limit_reached", debug=key.handle, status=409)


def count_use(custody: Custody, handle: str, use: Use) -> None:
    """Count one signature of a busy key."""
    custody.uses.count(handle, use)
