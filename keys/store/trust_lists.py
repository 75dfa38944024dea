"""Rows of `trust_lists`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, literal, select, update

from keys.der import split
from keys.models import trust_lists


@dataclass(frozen=True, slots=True)
class StoredList:
    """
    A list as it was last taken. Times: epoch seconds.

    url: where the next one is fetched; empty: it comes as a file. signers: DER, pinned by people. content: the
    canonical bytes that were signed. signed_at: as the signer states it. alarmed_at: when somebody noticed that it was
    not followed in time.
    """

    name: str
    domain: str
    url: str
    signers: tuple[bytes, ...] = field(repr=False)
    sequence: int
    issued_at: int
    next_update: int
    signed_at: int
    signer_sha256: str
    content: bytes = field(repr=False)
    content_sha256: str
    taken_at: int
    alarmed_at: int | None = None


_TAKEN = ("sequence", "issued_at", "next_update", "signed_at", "signer_sha256", "content", "content_sha256", "taken_at")


def everything(connection: Connection) -> list[StoredList]:
    """All lists, by name."""
    return [_read(row) for row in connection.execute(select(trust_lists).order_by(trust_lists.c.name))]


def headings(connection: Connection) -> list[StoredList]:
    """All lists, by name, without what is on them: `content` is empty, megabytes stay where they are."""
    columns = [one for one in trust_lists.c if one.name != "content"]
    rows = connection.execute(select(*columns, literal(b"").label("content")).order_by(trust_lists.c.name))
    return [_read(row) for row in rows]


def find(connection: Connection, name: str) -> StoredList | None:
    """The list of that name."""
    row = connection.execute(select(trust_lists).where(trust_lists.c.name == name)).first()
    return None if row is None else _read(row)


def add(connection: Connection, row: StoredList) -> None:
    """Raises: IntegrityError: there is a list of that name."""
    values = {name: getattr(row, name) for name in _TAKEN}
    source = {"name": row.name, "domain": row.domain, "url": row.url, "signers": b"".join(row.signers)}
    connection.execute(insert(trust_lists), source | values)


def follow(connection: Connection, held: StoredList, new: StoredList) -> bool:
    """Put `new` in the place of `held`. Returns whether this call did: not if another list came first."""
    mine = update(trust_lists).where(trust_lists.c.name == held.name, trust_lists.c.sequence == held.sequence)
    values = {name: getattr(new, name) for name in _TAKEN}
    changed = mine.values(alarmed_at=None, **values).returning(trust_lists.c.name)
    return connection.execute(changed).first() is not None


def alarm(connection: Connection, held: StoredList, *, now: int) -> bool:
    """Returns whether this call is the one that announces that the list is late."""
    mine = update(trust_lists).where(trust_lists.c.name == held.name, trust_lists.c.sequence == held.sequence)
    unsaid = mine.where(trust_lists.c.alarmed_at.is_(None)).values(alarmed_at=now).returning(trust_lists.c.name)
    return connection.execute(unsaid).first() is not None


def remove(connection: Connection, name: str) -> bool:
    """Returns whether there was one."""
    gone = delete(trust_lists).where(trust_lists.c.name == name).returning(trust_lists.c.name)
    return connection.execute(gone).first() is not None


def _read(row: Any) -> StoredList:
    values = {name: getattr(row, name) for name in (*_TAKEN, "name", "domain", "url", "alarmed_at")}
    return StoredList(signers=split(row.signers), **values)
