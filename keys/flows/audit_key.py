"""The key that signs records of what was done: minutes of ceremonies. Made when it is first wanted; there is one."""

from __future__ import annotations

from keys.algorithms import Algorithm
from keys.custody import Custody
from keys.errors import KeysUnavailable
from keys.flows.bootstrap import make_key
from keys.lifecycle.states import Purpose, State
from keys.store import keys as key_rows
from keys.store.keys import StoredKey


def audit_key(custody: Custody) -> StoredKey:
    """Raises: KeysUnavailable: the place where it is made is away."""
    found = _find(custody)
    if found is None:
        make_key(custody, Purpose.AUDIT, Algorithm.ES256, State.ACTIVE)  # of two processes one makes it
        found = _find(custody)
    if found is None:
        raise KeysUnavailable("There is no key for records.")
    return found


def _find(custody: Custody) -> StoredKey | None:
    with custody.base.db.read() as connection:
        return key_rows.in_slot(connection, Purpose.AUDIT, Algorithm.ES256, State.ACTIVE)
