"""
Failed attempts, counted in buckets that fill atomically and block for longer each time.

An attempt is charged before the password is looked at and given back when it was right, so a hundred guesses sent at
the same moment do not all see an empty bucket. A bucket that is full blocks for its window, then twice, four and six
times as long while failures go on; after a quiet time it starts afresh. Nothing is blocked for ever: a permanent lock
would let anybody lock anybody out.

Source: OWASP ASVS 5.0 §6.3.1; NIST SP 800-63B-4 §3.2.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    String,
    Update,
    and_,
    bindparam,
    case,
    exists,
    literal,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import TypeEngine

from idp.models import throttle_buckets

_MULTIPLES = (1, 2, 4, 6)
QUIET_WINDOWS = 6


@dataclass(frozen=True, slots=True)
class Bucket:
    """
    One counter.

    key:      a MAC, never a name or an address.
    limit:    failures allowed per window.
    personal: emptied by a success; a shared one only gets the attempt back.
    """

    key: str
    limit: int
    window_seconds: int
    personal: bool = False


def charge_at_once(connection: Connection, buckets: Sequence[Bucket], now: int) -> int | None:
    """
    Count one attempt in every bucket by one statement, which may be its own transaction.

    Returns: 0 when the attempt may go on; None when a bucket is blocked or full, and nothing was counted: charge()
    finds which. Where one fills in the very moment: the time (epoch seconds) until which it is blocked; the others have
    got the attempt back. A limit is kept in every case, because it is judged on the row that the statement holds.
    """
    rows = connection.execute(_charging(len(buckets), connection.dialect.name, True), _values(buckets, now)).all()
    if not rows:
        return None
    blocked = {row.key: row.blocked_until for row in rows if row.blocked_until > now}
    if blocked:
        give_back(connection, [bucket for bucket in buckets if bucket.key not in blocked])
    return max(blocked.values(), default=0)


def charge(connection: Connection, buckets: Sequence[Bucket], now: int) -> int:
    """
    Count one attempt in every bucket, most specific first (one order for everybody, so that nobody waits in a circle).

    Returns: 0 when the attempt may go on; otherwise the time (epoch seconds) until which the fullest bucket is blocked,
    and the attempt is then counted nowhere. Commit either way.
    """
    one = _charging(1, connection.dialect.name, False)
    for position, bucket in enumerate(buckets):
        blocked_until = int(connection.execute(one, _values([bucket], now)).one().blocked_until)
        if blocked_until > now:
            give_back(connection, buckets[:position])
            return blocked_until
    return 0


def give_back(connection: Connection, buckets: Sequence[Bucket]) -> None:
    """Take one attempt out of every bucket again."""
    if buckets:
        _loosen(connection, buckets, empty_personal=False)


def succeed(connection: Connection, buckets: Sequence[Bucket]) -> None:
    """The attempt was right: empty the personal buckets, give it back in the shared ones."""
    _loosen(connection, buckets, empty_personal=True)


def _loosen(connection: Connection, buckets: Sequence[Bucket], *, empty_personal: bool) -> None:
    values: dict[str, str | bool] = {}
    for number, bucket in enumerate(buckets):
        values |= {f"bucket_{number}": bucket.key, f"emptied_{number}": empty_personal and bucket.personal}
    connection.execute(_loosening(len(buckets)), values)


def _values(buckets: Sequence[Bucket], now: int) -> dict[str, str | int]:
    values: dict[str, str | int] = {"at": now}
    for number, bucket in enumerate(buckets):
        values |= {f"bucket_{number}": bucket.key, f"most_{number}": bucket.limit}
        values[f"window_{number}"] = bucket.window_seconds
    return values


def _own(key: ColumnElement[str], name: str, kind: type[TypeEngine[Any]], count: int) -> ColumnElement[Any]:
    """In the row of each bucket the value that was given for it."""
    mine = [key == bindparam(f"bucket_{number}", type_=String) for number in range(count)]
    return case(*((is_it, bindparam(f"{name}_{number}", type_=kind)) for number, is_it in enumerate(mine)))


@cache
def _charging(count: int, dialect: str, guarded: bool) -> ReturningInsert[Any]:
    """
    One statement that counts in so many buckets, each of which it makes, counts in, blocks or starts afresh, whichever
    is due. They are taken in the order they are given.

    guarded: it does nothing at all where one of them is seen to be blocked or full.
    """
    table, now = throttle_buckets, bindparam("at", type_=BigInteger)
    keys = [bindparam(f"bucket_{number}", type_=String) for number in range(count)]
    given = union_all(*(select(key.label("key")) for key in keys)).subquery("given")
    fresh = select(given.c.key, literal(1), now, literal(0), literal(0, BigInteger))
    if guarded:
        seen = table.alias("seen")
        blocked, _, full = _standing(seen.c, now, count)
        fresh = fresh.where(~exists(literal(1)).where(or_(*(seen.c.key == key for key in keys)), or_(blocked, full)))
    else:
        fresh = fresh.where(true())  # SQLite would take the ON of ON CONFLICT for that of a join
    making = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    names = ["key", "failures", "window_started_at", "strikes", "blocked_until"]
    upsert = making.from_select(names, fresh).on_conflict_do_update(
        index_elements=["key"], set_=_after_charge(table.c, now, count)
    )
    return upsert.returning(table.c.key, table.c.blocked_until)


def _standing(
    column: ReadOnlyColumnCollection[str, Column[Any]], now: ColumnElement[int], count: int
) -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    """Whether a bucket is blocked, whether its window is over, whether it is full."""
    afresh = column.window_started_at <= now - _own(column.key, "window", BigInteger, count)
    full = and_(~afresh, column.failures >= _own(column.key, "most", BigInteger, count))
    return column.blocked_until > now, afresh, full


def _after_charge(
    column: ReadOnlyColumnCollection[str, Column[Any]], now: ColumnElement[int], count: int
) -> dict[str, ColumnElement[Any]]:
    """What one more attempt makes of a bucket that exists."""
    blocked, afresh, full = _standing(column, now, count)
    window = _own(column.key, "window", BigInteger, count)
    quiet = column.blocked_until <= now - QUIET_WINDOWS * window
    length = window * case(
        *((column.strikes == strikes, multiple) for strikes, multiple in enumerate(_MULTIPLES)), else_=_MULTIPLES[-1]
    )
    started = column.window_started_at
    return {
        "failures": case((blocked, column.failures), (afresh, 1), (full, 0), else_=column.failures + 1),
        "window_started_at": case((blocked, started), (afresh, now), (full, now), else_=started),
        "strikes": case((blocked, column.strikes), (full, column.strikes + 1), (quiet, 0), else_=column.strikes),
        "blocked_until": case((blocked, column.blocked_until), (full, now + length), else_=column.blocked_until),
    }


@cache
def _loosening(count: int) -> Update:
    """One UPDATE of so many buckets; it takes them in the order that charging does: nobody waits in a circle."""
    table = throttle_buckets
    keys = [bindparam(f"bucket_{number}", type_=String) for number in range(count)]
    taken = select(table.c.key).where(or_(*(table.c.key == key for key in keys)))
    in_order = taken.order_by(case(*((table.c.key == key, literal(n)) for n, key in enumerate(keys)))).with_for_update()
    emptied = _own(table.c.key, "emptied", Boolean, count)
    less = case((or_(emptied, table.c.failures <= 0), 0), else_=table.c.failures - 1)
    return (
        update(table)
        .where(table.c.key.in_(in_order))
        .values(failures=less, strikes=case((emptied, 0), else_=table.c.strikes))
    )
