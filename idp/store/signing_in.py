"""
All that a sign-in writes which begins a session: the charge is given back, the browser known, the session there, the
event recorded.

SQLite takes them one by one. For PostgreSQL they are the parts of one statement, which may be its own transaction: one
round trip where BEGIN, four statements and COMMIT took six.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import ReturningInsert

from base import audit
from base.audit import Event
from base.clock import Clock
from base.lanes import later
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


@dataclass(frozen=True, slots=True)
class Opening:
    """
    A session for somebody whose factors were right.

    session: its row (sessions.new_session). device: handle of the browser for this account. buckets: what the attempt
    was charged to, in that order. event: what is recorded of it.
    """

    session: Mapping[str, Any]
    device: str
    buckets: Sequence[Bucket]
    event: Event


def begin(connection: Connection, clock: Clock, opening: Opening, ended: Event | None = None) -> None:
    """Begin the session. ended: what is recorded, before that, of another one that it has ended."""
    if connection.dialect.name == "postgresql" and ended is None:
        connection.execute(_at_once(len(opening.buckets)), _values(clock, opening)).one()
        return
    succeed(connection, opening.buckets)
    remember_device(connection, opening.session["user_id"], opening.device, opening.session["created_at"])
    add_session(connection, opening.session)
    if ended is not None:
        audit.append(connection, clock, ended)
    audit.append(connection, clock, opening.event)


def begin_with_next(connection: Connection, clock: Clock, opening: Opening) -> None:
    """
    Begin the session by a statement that travels with the next one on this connection: both are written, or neither.
    For PostgreSQL.
    """
    later(connection, _at_once(len(opening.buckets)), _values(clock, opening))


def _values(clock: Clock, opening: Opening) -> dict[str, Any]:
    session = opening.session
    return {
        **loosened(opening.buckets, empty_personal=True),
        **audit.values_of(clock, opening.event),
        **{f"session_{name}": session[name] for name in _OF_THE_SESSION},
        "known_user_id": session["user_id"],
        "known_device": opening.device,
        "known_last_used_at": session["created_at"],
    }
