"""The logout notices as an administrator sees them: which service was told of which session, and what became of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, select

from base.outbox import outbox
from idp.models import session_clients


@dataclass(frozen=True, slots=True)
class Notice:
    """
    One notice; times in epoch seconds.

    state:      due (to be tried, again at next_at), delivered or failed (given up).
    last_error: why the last attempt failed, an enumerated word; "" if none did.
    """

    client_id: str
    session_id: str
    state: str
    attempts: int
    last_error: str
    created_at: int
    next_at: int | None
    finished_at: int | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def list_notices(connection: Connection, *, client_id: str | None, state: str | None, most: int) -> list[Notice]:
    """The newest notices first, of one service or all, in one state or any."""
    query = (
        select(
            session_clients.c.client_id,
            session_clients.c.session_id,
            outbox.c.state,
            outbox.c.attempts,
            outbox.c.last_error,
            outbox.c.created_at,
            outbox.c.due_at,
            outbox.c.finished_at,
        )
        .join(outbox, outbox.c.id == session_clients.c.logout_delivery)
        .order_by(outbox.c.created_at.desc(), outbox.c.id)
        .limit(most)
    )
    if client_id is not None:
        query = query.where(session_clients.c.client_id == client_id)
    if state is not None:
        query = query.where(outbox.c.state == state)
    return [
        Notice(row[0], row[1], row[2], row[3], row[4], row[5], row[6] if row[2] == "due" else None, row[7])
        for row in connection.execute(query)
    ]
