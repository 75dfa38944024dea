"""Counting the signatures of a key against its limits."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select, update

from keys.handles import KeyHandle
from keys.lifecycle.states import State
from keys.models import keys


def count_signature(connection: Connection, handle: KeyHandle, *, now: int) -> bool:
    """Whether the key may make one more signature; of two calls for the last one, one may. It is counted here."""
    mine = update(keys).where(
        keys.c.handle == handle,
        keys.c.state == State.ACTIVE,
        or_(keys.c.most_signatures.is_(None), keys.c.signatures < keys.c.most_signatures),
        or_(keys.c.usable_until.is_(None), keys.c.usable_until > now),
    )
    statement = mine.values(signatures=keys.c.signatures + 1).returning(keys.c.handle)
    return connection.execute(statement).first() is not None


def set_limits(connection: Connection, handle: KeyHandle, *, most: int | None, until: int | None) -> bool:
    """Whether there is such a key, active."""
    mine = update(keys).where(keys.c.handle == handle, keys.c.state == State.ACTIVE)
    statement = mine.values(most_signatures=most, usable_until=until).returning(keys.c.handle)
    return connection.execute(statement).first() is not None


def limits_of(connection: Connection, handle: KeyHandle) -> dict[str, int | None] | None:
    """The count of signatures of a key and its limits; None: no such key."""
    columns = (keys.c.signatures, keys.c.most_signatures, keys.c.usable_until)
    row = connection.execute(select(*columns).where(keys.c.handle == handle)).first()
    return None if row is None else dict(row._mapping)
