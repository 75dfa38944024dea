"""
All that a sign-in writes which begins a session: the charge is given back, the browser known, the session there, the
event recorded.

SQLite takes them one by one. For PostgreSQL they are the parts of one statement, which may be its own transaction: one
round trip where BEGIN, four statements and COMMIT took six.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import ReturningInsert

from base import audit
from base.audit import Event
from base.clock import Clock
from idp.models import known_devices, sessions, throttle_buckets
from idp.store.sessions import add_session
from idp.store.throttle import Bucket, loosened, loosening, succeed
from idp.store.users import remember_device

_OF_THE_SESSION = tuple(column.name for column in sessions.columns if not column.nullable)


@cache
def _at_once(buckets: int) -> ReturningInsert[int]:
    """
    For so many buckets. The event comes last: each condition counts the rows of a part, and has it done before the head
    is held. Buckets may be gone meanwhile, so their number proves nothing; the other two write in every case.
    """
    freed = loosening(buckets).returning(throttle_buckets.c.key).cte("freed")
    known = _knowing_device().cte("known")
    given = [bindparam(f"session_{name}", type_=sessions.c[name].type) for name in _OF_THE_SESSION]
    beginning = insert(sessions).from_select(list(_OF_THE_SESSION), select(*given))
    begun = beginning.returning(sessions.c.id).cte("begun")
    return audit.appending(
        *(
            select(func.count()).select_from(part).scalar_subquery() >= least
            for part, least in ((freed, 0), (known, 1), (begun, 1))
        )
    )


def _knowing_device() -> ReturningInsert[str]:
    """remember_device() as a part."""
    names = ("user_id", "device", "last_used_at")
    row = [bindparam(f"known_{name}", type_=known_devices.c[name].type) for name in names]
    making = postgresql.insert(known_devices).from_select(list(names), select(*row))
    moved = {"last_used_at": making.excluded.last_used_at}
    return making.on_conflict_do_update(index_elements=["user_id", "device"], set_=moved).returning(
        known_devices.c.device
    )


def begin(
    connection: Connection,
    clock: Clock,
    session: Mapping[str, Any],
    device: str,
    buckets: Sequence[Bucket],
    events: Sequence[Event],
) -> None:
    """
    Begin a session for somebody whose factors were right.

    session: its row (sessions.new_session). device: handle of the browser for this account. buckets: what the attempt
    was charged to, in that order. events: that of the sign-in, after one of a session that it has ended.
    """
    user_id, now = session["user_id"], session["created_at"]
    if connection.dialect.name == "postgresql" and len(events) == 1:
        values = {**loosened(buckets, empty_personal=True), **audit.values_of(clock, events[0])}
        values |= {f"session_{name}": session[name] for name in _OF_THE_SESSION}
        values |= {"known_user_id": user_id, "known_device": device, "known_last_used_at": now}
        connection.execute(_at_once(len(buckets)), values).one()
        return
    succeed(connection, buckets)
    remember_device(connection, user_id, device, now)
    add_session(connection, session)
    for event in events:
        audit.append(connection, clock, event)
