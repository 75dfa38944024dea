"""Rows of `authorities` and `ceremonies`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from keys.handles import KeyHandle
from keys.lifecycle.states import State
from keys.models import authorities, ceremonies, keys


@dataclass(frozen=True, slots=True)
class StoredAuthority:
    """A row; above: the name of the authority that certified it, None for a root."""

    name: str
    handle: KeyHandle
    above: str | None
    is_offline: bool
    ceremony: str | None
    made_at: int


@dataclass(frozen=True, slots=True)
class StoredCeremony:
    """minutes: JSON, as it was hashed and signed. signature: DER; signed_with: handle; None of older ones."""

    id: str
    held_at: int
    minutes: bytes
    minutes_sha256: str
    signature: bytes | None = None
    signed_with: str | None = None


_COLUMNS = (
    authorities.c.name,
    authorities.c.handle,
    authorities.c.above,
    authorities.c.is_offline,
    authorities.c.ceremony,
    authorities.c.made_at,
)
_ALL = select(*_COLUMNS).order_by(authorities.c.made_at, authorities.c.above.is_not(None), authorities.c.name)


def add(connection: Connection, row: StoredAuthority) -> None:
    """Raises: IntegrityError: the name is taken."""
    connection.execute(
        insert(authorities),
        {
            "name": row.name,
            "handle": row.handle,
            "above": row.above,
            "is_offline": row.is_offline,
            "ceremony": row.ceremony,
            "made_at": row.made_at,
        },
    )


def find(connection: Connection, name: str) -> StoredAuthority | None:
    """One authority by its name."""
    row = connection.execute(_ALL.where(authorities.c.name == name)).first()
    return None if row is None else _read(row)


def of_handle(connection: Connection, handle: KeyHandle) -> StoredAuthority | None:
    """One authority by its key."""
    row = connection.execute(_ALL.where(authorities.c.handle == handle)).first()
    return None if row is None else _read(row)


def everything(connection: Connection) -> list[StoredAuthority]:
    """Every authority, oldest first, a root before what stands under it."""
    return [_read(row) for row in connection.execute(_ALL)]


def standing(connection: Connection) -> list[StoredAuthority]:
    """Those whose key has not ended, in the same order."""
    alive = select(keys.c.handle).where(keys.c.handle == authorities.c.handle, keys.c.state == State.ACTIVE)
    return [_read(row) for row in connection.execute(_ALL.where(alive.exists()))]


def add_ceremony(connection: Connection, row: StoredCeremony) -> None:
    """The minutes of a ceremony."""
    values = {"id": row.id, "held_at": row.held_at, "minutes": row.minutes, "minutes_sha256": row.minutes_sha256}
    connection.execute(insert(ceremonies), values)


def fill_minutes(connection: Connection, row: StoredCeremony) -> None:
    """Put the minutes into a ceremony that has none yet."""
    mine = update(ceremonies).where(ceremonies.c.id == row.id, ceremonies.c.minutes_sha256 == "")
    connection.execute(
        mine.values(
            minutes=row.minutes,
            minutes_sha256=row.minutes_sha256,
            held_at=row.held_at,
            signature=row.signature,
            signed_with=row.signed_with,
        )
    )


def ceremony(connection: Connection, identifier: str) -> StoredCeremony | None:
    """The minutes of a ceremony by its identifier."""
    wanted = select(ceremonies).where(ceremonies.c.id == identifier)
    row = connection.execute(wanted).first()
    if row is None:
        return None
    kept = row.minutes, row.minutes_sha256, row.signature, row.signed_with
    return StoredCeremony(row.id, row.held_at, *kept)


def _read(row: Any) -> StoredAuthority:
    return StoredAuthority(row.name, KeyHandle(row.handle), row.above, bool(row.is_offline), row.ceremony, row.made_at)
