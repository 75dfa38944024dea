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


def charge_at_once(connection: Connection, buckets: Sequence[Bucket], now: int) -> bool:
    """
    Count one attempt in every bucket by one statement, which may be its own transaction.

    False: a bucket is blocked or full, and the attempt is counted nowhere: charge() finds which, and blocks it. A limit
    is kept in every case, because it is judged on the row that the statement holds; where one fills in the very moment,
    the others get the attempt back.
    """
    statement = _charging_at_once(len(buckets), connection.dialect.name)
    counted = {row.key for row in connection.execute(statement, _values(buckets, now))}
    if len(counted) == len(buckets):
        return True
    give_back(connection, [bucket for bucket in buckets if bucket.key in counted])
    return False


def charge(connection: Connection, buckets: Sequence[Bucket], now: int) -> int:
    """
    Count one attempt in every bucket, most specific first (one order for everybody, so that nobody waits in a circle).

    Returns: 0 when the attempt may go on; otherwise the time (epoch seconds) until which the fullest bucket is blocked,
    and the attempt is then counted nowhere. Commit either way.
    """
    one = _charging_one(connection.dialect.name)
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
    connection.execute(loosening(len(buckets)), loosened(buckets, empty_personal=empty_personal))


def loosened(buckets: Sequence[Bucket], *, empty_personal: bool) -> dict[str, str | bool]:
    """The values of loosening() for these buckets."""
    values: dict[str, str | bool] = {}
    for number, bucket in enumerate(buckets):
        values |= {f"bucket_{number}": bucket.key, f"emptied_{number}": empty_personal and bucket.personal}
    return values


def _values(buckets: Sequence[Bucket], now: int) -> dict[str, str | int]:
    values: dict[str, str | int] = {"at": now}
    for number, bucket in enumerate(buckets):
        values |= {f"bucket_{number}": bucket.key, f"most_{number}": bucket.limit}
        values[f"window_{number}"] = bucket.window_seconds
    return values


def _own(key: ColumnElement[str], name: str, kind: type[TypeEngine[Any]], count: int) -> ColumnElement[Any]:
    """In the row of each bucket the value that was given for it."""
    given = (bindparam(f"{name}_{number}", type_=kind) for number in range(count))
    return case(*((key == wanted, value) for wanted, value in zip(_keys(count), given, strict=True)))


@cache
def _charging_at_once(count: int, dialect: str) -> ReturningInsert[Any]:
    """
    One statement that makes so many buckets, counts in them or starts them afresh, whichever is due, in the order they
    are given. It does nothing at all where one is seen to be blocked or full, and leaves one alone that has just become
    so. Kept short: the driver reads a statement of more than 4,096 characters anew each time.
    """
    table, now = throttle_buckets, bindparam("at", type_=BigInteger)
    seen = table.alias("seen")
    blocked, _, full = _standing(seen.c, now, count)
    among = or_(*(seen.c.key == key for key in _keys(count)))
    upsert, column = _fresh(count, dialect, now, ~exists(literal(1)).where(among, or_(blocked, full))), table.c
    blocked, afresh, full = _standing(column, now, count)
    quiet = column.blocked_until <= now - QUIET_WINDOWS * _own(column.key, "window", BigInteger, count)
    moved = {
        "failures": case((afresh, 1), else_=column.failures + 1),
        "window_started_at": case((afresh, now), else_=column.window_started_at),
        "strikes": case((quiet, 0), else_=column.strikes),
    }
    counting = upsert.on_conflict_do_update(index_elements=["key"], set_=moved, where=~or_(blocked, full))
    return counting.returning(column.key)


@cache
def _charging_one(dialect: str) -> ReturningInsert[Any]:
    """One statement that makes a bucket, counts in it, blocks it or starts it afresh, whichever is due."""
    now = bindparam("at", type_=BigInteger)
    upsert = _fresh(1, dialect, now, true())  # SQLite would take the ON of ON CONFLICT for that of a join
    counting = upsert.on_conflict_do_update(index_elements=["key"], set_=_after_charge(throttle_buckets.c, now, 1))
    return counting.returning(throttle_buckets.c.blocked_until)


def _keys(count: int) -> list[ColumnElement[str]]:
    return [bindparam(f"bucket_{number}", type_=String) for number in range(count)]


def _fresh(
    count: int, dialect: str, now: ColumnElement[int], condition: ColumnElement[bool]
) -> postgresql.Insert | sqlite.Insert:
    """The INSERT of buckets with their first attempt, in the words of that database."""
    given = union_all(*(select(key.label("key")) for key in _keys(count))).subquery("given")
    fresh = select(given.c.key, literal(1), now, literal(0), literal(0, BigInteger)).where(condition)
    making = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(throttle_buckets)
    return making.from_select(["key", "failures", "window_started_at", "strikes", "blocked_until"], fresh)


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
def loosening(count: int) -> Update:
    """One UPDATE of so many buckets; it takes them in the order that charging does: nobody waits in a circle."""
    table = throttle_buckets
    keys = _keys(count)
    taken = select(table.c.key).where(or_(*(table.c.key == key for key in keys)))
    in_order = taken.order_by(case(*((table.c.key == key, literal(n)) for n, key in enumerate(keys)))).with_for_update()
    emptied = _own(table.c.key, "emptied", Boolean, count)
    less = case((or_(emptied, table.c.failures <= 0), 0), else_=table.c.failures - 1)
    return (
        update(table)
        .where(table.c.key.in_(in_order))
        .values(failures=less, strikes=case((emptied, 0), else_=table.c.strikes))
    )
