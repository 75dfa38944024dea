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

from sqlalchemy import BigInteger, Connection, and_, bindparam, case, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningUpdate

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


def charge(connection: Connection, buckets: Sequence[Bucket], now: int) -> int:
    """
    Count one attempt in every bucket, most specific first (one order for everybody, so that nobody waits in a circle).

    Returns: 0 when the attempt may go on; otherwise the time (epoch seconds) until which the fullest bucket is blocked,
    and the attempt is then counted nowhere. Commit either way.
    """
    for position, bucket in enumerate(buckets):
        blocked_until = _charge_one(connection, bucket, now)
        if blocked_until > now:
            give_back(connection, buckets[:position])
            return blocked_until
    return 0


def give_back(connection: Connection, buckets: Sequence[Bucket]) -> None:
    """Take one attempt out of every bucket again."""
    for bucket in buckets:
        connection.execute(_GIVE_BACK, {"bucket": bucket.key})


def succeed(connection: Connection, buckets: Sequence[Bucket]) -> None:
    """The attempt was right: empty the personal buckets, give it back in the shared ones."""
    for bucket in buckets:
        connection.execute(_EMPTY if bucket.personal else _GIVE_BACK, {"bucket": bucket.key})


def _charge_one(connection: Connection, bucket: Bucket, now: int) -> int:
    values = {"bucket": bucket.key, "most": bucket.limit, "window": bucket.window_seconds, "at": now}
    row = connection.execute(_CHARGE, values).first()
    if row is not None:
        return int(row[0])
    try:
        with connection.begin_nested():
            connection.execute(
                insert(throttle_buckets),
                {"key": bucket.key, "failures": 1, "window_started_at": now, "strikes": 0, "blocked_until": 0},
            )
        return 0
    except IntegrityError:  # another request made it in the same moment
        return int(connection.execute(_CHARGE, values).one()[0])


def _charge_statement() -> ReturningUpdate[int]:
    """One UPDATE that counts, blocks or starts afresh, whichever is due. Built once: it is the largest we have."""
    table = throttle_buckets
    now, window = bindparam("at", type_=BigInteger), bindparam("window", type_=BigInteger)
    started = table.c.window_started_at
    blocked = table.c.blocked_until > now
    afresh = started <= now - window
    full = and_(~afresh, table.c.failures >= bindparam("most", type_=BigInteger))
    quiet = table.c.blocked_until <= now - QUIET_WINDOWS * window
    length = case(
        *((table.c.strikes == strikes, multiple * window) for strikes, multiple in enumerate(_MULTIPLES)),
        else_=_MULTIPLES[-1] * window,
    )
    return (
        update(table)
        .where(table.c.key == bindparam("bucket"))
        .values(
            failures=case((blocked, table.c.failures), (afresh, 1), (full, 0), else_=table.c.failures + 1),
            window_started_at=case((blocked, started), (afresh, now), (full, now), else_=started),
            strikes=case((blocked, table.c.strikes), (full, table.c.strikes + 1), (quiet, 0), else_=table.c.strikes),
            blocked_until=case((blocked, table.c.blocked_until), (full, now + length), else_=table.c.blocked_until),
        )
        .returning(table.c.blocked_until)
    )


_CHARGE = _charge_statement()
_OF = throttle_buckets.c.key == bindparam("bucket")
_GIVE_BACK = (
    update(throttle_buckets)
    .where(_OF, throttle_buckets.c.failures > 0)
    .values(failures=throttle_buckets.c.failures - 1)
)
_EMPTY = update(throttle_buckets).where(_OF).values(failures=0, strikes=0)
