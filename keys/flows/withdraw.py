"""
Emergency: a token or encryption key that others may have. It leaves the key set in every process within a second, what
it signed is refused from then on, and its successor takes over at once, published long enough or not.

Source: NIST SP 800-57 part 1 rev. 5 §8.2.5 (compromised keys), §5.3.5; OpenID Connect Core §10.1.1.
"""

from __future__ import annotations

from sqlalchemy import Connection

from base.audit import append
from base.versions import raise_version
from keys.algorithms import Algorithm
from keys.backends.base import NewKey
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import KeyMoved, KeyRevoked
from keys.flows.bootstrap import enter
from keys.flows.rotate import publish_next
from keys.handles import KeyHandle, RevocationReason
from keys.keyring import CHANNEL
from keys.lifecycle.states import Purpose, State
from keys.store import keys as key_rows
from keys.store.keys import StoredKey

WITHDRAWN = frozenset({Purpose.TOKEN, Purpose.ENCRYPTION})


def withdraw(custody: Custody, handle: KeyHandle, reason: RevocationReason) -> None:
    """
    Revoke a key that has no certificate.

    Raises: KeyRefused("unknown_key" | "already_revoked" | "wrong_state" | "busy").

    1. Gather the key; see to it that it has a successor, and make the key that follows that one: generation takes
       longer than a transaction should last.
    2. One transaction: the key ends, the successor becomes active, a new next one is published.
    """
    with custody.base.db.read() as connection:
        key = key_rows.find(connection, handle)
    if key is None or key.purpose not in WITHDRAWN:
        raise KeyRefused("unknown_key", status=404)
    if key.state is State.REVOKED:
        raise KeyRefused("already_revoked", en="The key was revoked before.", status=409)
    if key.purpose is Purpose.TOKEN and key.state is State.ACTIVE and isinstance(key.algorithm, Algorithm):
        publish_next(custody, key.algorithm)
    new = custody.generate(key.algorithm, key.purpose) if key.state in (State.NEXT, State.ACTIVE) else None
    with custody.base.db.begin() as connection:
        moved = _end(custody, connection, key, new)
        raise_version(connection, CHANNEL)
        append(connection, custody.base.clock, KeyRevoked(handle, key.purpose, reason))
        for one, state in moved:
            append(connection, custody.base.clock, KeyMoved(one.handle, state))
    custody.forget(key)
    custody.ring.refresh()


def _end(custody: Custody, connection: Connection, key: StoredKey, new: NewKey | None) -> list[tuple[StoredKey, State]]:
    """Returns who moved where."""
    now = custody.base.clock.now()
    if not key_rows.move(connection, key, State.REVOKED, now=now):
        raise KeyRefused(
            "busy",
            vi="Khóa đang được thay đổi. Hãy thử lại.",
            en="The keys are being changed by somebody else. Try again.",
            status=409,
        )
    moved = [(key, State.REVOKED)]
    if new is None:
        return moved
    if key.purpose is Purpose.ENCRYPTION or key.state is State.NEXT:
        enter(custody, connection, new, key.purpose, key.state)
        return moved
    following = key_rows.in_slot(connection, key.purpose, key.algorithm, State.NEXT)
    if following is None or not key_rows.move(connection, following, State.ACTIVE, now=now):
        enter(custody, connection, new, key.purpose, State.ACTIVE)
        return moved
    enter(custody, connection, new, key.purpose, State.NEXT)
    return [*moved, (following, State.ACTIVE)]
