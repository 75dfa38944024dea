"""
The audit log: append-only, hash-chained, written in the transaction of the act it records.

An event is a frozen dataclass of opaque identifiers, enumerated words, digests and numbers; personal data has no place
in it, and `tests/architecture` refuses fields that could hold any. Row n carries
`hash = SHA-256(prev_hash ‖ canonical JSON of {position, at, kind, data})`, so an edit, an insertion or a removal in the
middle breaks the chain at a row that `verify()` names. Call `append()` last in a transaction: it locks the head row.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, ClassVar

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    Text,
    bindparam,
    event,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from base.clock import Clock
from base.db import Database, metadata
from base.errors import AntinError
from base.lanes import later

GENESIS = "0" * 64

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
audit_events = Table(
    "audit_events",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(80), nullable=False),
    Column("data", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)


def write_genesis(_table: object, connection: Connection, **_: object) -> None:
    """Put the one row of `audit_head` in place; runs when the table is created, by a migration or in a test."""
    connection.execute(insert(audit_head), {"id": 1, "position": 0, "hash": GENESIS})


event.listen(audit_head, "after_create", write_genesis)

_TAKE_HEAD = (
    update(audit_head)
    .where(audit_head.c.id == 1)
    .values(position=audit_head.c.position + 1)
    .returning(audit_head.c.position, audit_head.c.hash)
)
_ADD = insert(audit_events)
_MOVE_HEAD = update(audit_head).where(audit_head.c.id == 1)
_DIGEST = (
    "encode(sha256(decode(hash, 'hex') || "
    "convert_to(CAST(:event_body AS TEXT) || CAST(position + 1 AS TEXT) || '}', 'UTF8')), 'hex')"
)
"""chained_hash() in the words of PostgreSQL."""


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """Base of every audit event; `kind` is `package.noun.verb`, the fields are identifiers, words, digests, numbers."""

    kind: ClassVar[str]


class AuditBroken(AntinError):
    """The chain does not hold; `hint` names the first position that disagrees."""


def appending(*due: ColumnElement[bool]) -> ReturningInsert[int]:
    """
    One event by one statement, where the database can digest: everybody else waits for the head meanwhile.

    A larger statement may end with it, one that does the act as well. due: what must have been done, as conditions on
    those parts; nothing is recorded where one does not hold. A condition that counts the rows of a part also says that
    the part comes first, so that the head is held for nothing but the row itself. Values: values_of().
    """
    head = (
        update(audit_head)
        .where(audit_head.c.id == 1, *due)
        .values(position=audit_head.c.position + 1, hash=text(_DIGEST))
        .returning(audit_head.c.position, audit_head.c.hash)
        .cte("head")
    )
    given = [bindparam(f"event_{name}", type_=audit_events.c[name].type) for name in ("at", "kind", "data")]
    return (
        insert(audit_events)
        .from_select(["position", "at", "kind", "data", "hash"], select(head.c.position, *given, head.c.hash))
        .returning(audit_events.c.position)
    )


_APPEND = appending()


def values_of(clock: Clock, what: Event) -> dict[str, Any]:
    """The values of a statement that ends with appending()."""
    at, data = clock.now(), canonical(_fields_of(what))
    body = _before_position(at, what.kind, data)
    return {"event_body": body, "event_at": at, "event_kind": what.kind, "event_data": data}


def append(connection: Connection, clock: Clock, what: Event) -> None:
    """
    Add one event to the chain.

    1. Take the next position: the UPDATE locks the head, so positions are gapless and in commit order.
    2. Hash the row over its predecessor.
    3. Insert the row, then move the head to it.

    PostgreSQL does all three in one statement, which travels with the COMMIT. The time is read before the head is
    waited for, so that of two events in the same second or two the later position may carry the earlier time: positions
    say what came first.
    """
    if connection.dialect.name == "postgresql":
        later(connection, _APPEND, values_of(clock, what))
        return
    at, data = clock.now(), canonical(_fields_of(what))
    position, previous = connection.execute(_TAKE_HEAD).one()
    digest = chained_hash(previous, position, at, what.kind, data)
    connection.execute(_ADD, {"position": position, "at": at, "kind": what.kind, "data": data, "hash": digest})
    connection.execute(_MOVE_HEAD, {"hash": digest})


def _fields_of(what: Event) -> dict[str, Any]:
    """Its fields by name; they hold nothing that would have to be taken apart."""
    kind: Any = type(what)
    return {name: getattr(what, name) for name in _names_of(kind)}


@cache
def _names_of(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def canonical(data: dict[str, Any]) -> str:
    """JSON with sorted keys and no spaces; events hold only strings, integers, booleans, nulls and lists of them."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()


def chained_hash(previous: str, position: int, at: int, kind: str, data: str) -> str:
    """The hash of a row over the hash of the row before it; hexadecimal, 64 characters."""
    body = canonical({"position": position, "at": at, "kind": kind, "data": data})
    return hashlib.sha256(bytes.fromhex(previous) + body.encode()).hexdigest()


def _before_position(at: int, kind: str, data: str) -> str:
    """What chained_hash digests, up to the position: its key comes last, and only the database knows it in time."""
    return canonical({"at": at, "data": data, "kind": kind})[:-1] + ',"position":'


def verify(database: Database, *, batch: int = 1000) -> int:
    """Walk the whole chain. Returns the number of events. Raises: AuditBroken: the first row that disagrees."""
    previous, expected = GENESIS, 1
    with database.read() as connection:
        for position, at, kind, data, stored in _rows(connection, batch):
            if position != expected:
                raise AuditBroken("audit_gap", en=f"Audit row {expected} is missing.", hint=str(expected))
            if chained_hash(previous, position, at, kind, data) != stored:
                raise AuditBroken("audit_altered", en=f"Audit row {position} was altered.", hint=str(position))
            previous, expected = stored, expected + 1
        head_position, head_hash = connection.execute(select(audit_head.c.position, audit_head.c.hash)).one()
    if (head_position, head_hash) != (expected - 1, previous):
        raise AuditBroken("audit_truncated", en=f"Audit rows after {expected - 1} are missing.", hint=str(expected))
    return expected - 1


def _rows(connection: Connection, batch: int) -> Iterator[tuple[int, int, str, str, str]]:
    last = 0
    table = audit_events
    while True:
        rows: Iterable[Any] = connection.execute(
            select(table.c.position, table.c.at, table.c.kind, table.c.data, table.c.hash)
            .where(table.c.position > last)
            .order_by(table.c.position)
            .limit(batch)
        ).all()
        if not rows:
            return
        for row in rows:
            last = row[0]
            yield row[0], row[1], row[2], row[3], row[4]
