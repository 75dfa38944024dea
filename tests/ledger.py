"""What was done, in the order in which it was done."""

from __future__ import annotations

from sqlalchemy import select

from base.audit import audit_events
from base.db import Database


def kinds(database: Database) -> list[str]:
    """The kinds of all audit events, the first one first."""
    with database.read() as connection:
        return list(connection.execute(select(audit_events.c.kind).order_by(audit_events.c.position)).scalars())
