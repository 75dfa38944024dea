"""Keys of this service with a certificate of their own, made when they are first needed: of trust lists, of reports."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from base.audit import append
from keys.algorithms import Algorithm
from keys.custody import Custody
from keys.errors import KeysUnavailable
from keys.events import KeyMoved
from keys.flows.bootstrap import certify_service_key, enter
from keys.lifecycle.rotation import renewal_due
from keys.lifecycle.states import Purpose, State
from keys.store import certificates
from keys.store import keys as key_rows
from keys.store.keys import StoredKey


def standing_key(custody: Custody, purpose: Purpose) -> StoredKey:
    """The key of a purpose; made, or replaced in the middle of its certificate's time. Raises: KeysUnavailable."""
    with custody.base.db.read() as connection:
        key = _active(connection, purpose)
        fresh = key is not None and _is_fresh(custody, connection, key)
    if key is not None and fresh:
        return key
    new = custody.generate(Algorithm.ES256, purpose)
    certificate = certify_service_key(custody, purpose, new)
    try:
        with custody.base.db.begin() as connection:
            if key is None or key_rows.move(connection, key, State.RETIRED, now=custody.base.clock.now()):
                enter(custody, connection, new, purpose, State.ACTIVE, certificate)
                if key is not None:
                    append(connection, custody.base.clock, KeyMoved(key.handle, State.RETIRED))
    except IntegrityError:
        custody.forget(new)  # another process was faster; its key is the one
    with custody.base.db.read() as connection:
        made = _active(connection, purpose)
    if made is None:
        raise KeysUnavailable("A key of this service is not here.", debug=str(purpose))
    return made


def _active(connection: Connection, purpose: Purpose) -> StoredKey | None:
    return key_rows.in_slot(connection, purpose, Algorithm.ES256, State.ACTIVE)


def _is_fresh(custody: Custody, connection: Connection, key: StoredKey) -> bool:
    row, now = certificates.of_handle(connection, key.handle), custody.base.clock.now()
    if row is None or row.status != "active":
        return False
    return not renewal_due(not_before=row.not_before, not_after=row.not_after, now=now)
