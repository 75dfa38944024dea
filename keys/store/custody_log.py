"""Rows of `custody_log`: who held a key, where, and each use of it. Rows are only added; a trigger refuses the rest."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, func, insert, select, update

from keys.handles import KeyHandle
from keys.models import custody_log, keys

MADE, HANDED_OVER, USED = "made", "handed_over", "used"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log of a key. at: epoch seconds."""

    handle: KeyHandle
    number: int
    kind: str
    at: int
    holder: str
    place: str
    minutes: str
    digest: str


def lock(connection: Connection, handle: KeyHandle) -> None:
    """Let others who write about this key wait: numbers are then given one after the other."""
    connection.execute(update(keys).where(keys.c.handle == handle).values(signatures=keys.c.signatures))


def add(
    connection: Connection,
    handle: KeyHandle,
    kind: str,
    *,
    at: int,
    holder: str = "",
    place: str = "",
    minutes: str = "",
    digest: str = "",
) -> Entry:
    """The next line; the caller holds the lock, or has just counted a signature, which is the same."""
    highest = select(func.coalesce(func.max(custody_log.c.number), 0)).where(custody_log.c.handle == handle)
    number = int(connection.execute(highest).scalar_one()) + 1
    entry = Entry(handle, number, kind, at, holder, place, minutes, digest)
    connection.execute(insert(custody_log), asdict(entry))
    return entry


def entries(connection: Connection, handle: KeyHandle, *, most: int) -> list[Entry]:
    """The latest lines of a key, oldest first."""
    wanted = select(custody_log).where(custody_log.c.handle == handle).order_by(custody_log.c.number.desc()).limit(most)
    return [Entry(*row) for row in reversed(connection.execute(wanted).all())]
