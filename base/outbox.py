"""
The outbox: what must leave this machine after an act, written in the act's own transaction, delivered with retries.

A worker claims due rows with one UPDATE … RETURNING (a lease, so a dead worker's rows come back), calls the handler of
their kind, and marks them delivered, or puts them off with exponential back-off until they are given up.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Connection, Index, Integer, String, Table, Text, insert, select, update

from base.clock import Clock
from base.db import Database, metadata
from base.ids import new_id

log = logging.getLogger("antin.outbox")
LEASE_SECONDS = 60
FIRST_RETRY_SECONDS = 2
LONGEST_RETRY_SECONDS = 3600
MAX_ATTEMPTS = 12

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(80), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("last_error", String(300), nullable=False),
    Index("ix_outbox_state_due_at", "state", "due_at"),
)

Payload = Mapping[str, Any]
Handler = Callable[[Payload], None]
"""Delivers one payload; any exception means 'not delivered, try again later'."""


def enqueue(connection: Connection, clock: Clock, kind: str, payload: Payload) -> str:
    """Add one delivery to the transaction of the act that causes it. Returns its id."""
    row_id, now = new_id("out"), clock.now()
    connection.execute(
        insert(outbox),
        {
            "id": row_id,
            "kind": kind,
            "payload": orjson.dumps(dict(payload)).decode(),
            "state": "due",
            "attempts": 0,
            "due_at": now,
            "created_at": now,
            "last_error": "",
        },
    )
    return row_id


class Worker:
    """Delivers what is due; run one or several, in threads or processes of their own."""

    def __init__(self, database: Database, clock: Clock, handlers: Mapping[str, Handler]) -> None:
        self._database = database
        self._clock = clock
        self._handlers = dict(handlers)

    def run(self, stop: threading.Event, poll_seconds: float) -> None:
        """Deliver until `stop` is set."""
        while not stop.is_set():
            try:
                busy = self.deliver_due()
            except Exception:
                log.exception("outbox round failed")
                busy = 0
            if not busy:
                stop.wait(poll_seconds)

    def deliver_due(self, limit: int = 20) -> int:
        """Deliver up to `limit` due rows side by side. Returns how many were tried."""
        rows = self._claim(limit)
        threads = [threading.Thread(target=self._deliver, args=row, daemon=True) for row in rows]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(rows)

    def _claim(self, limit: int) -> list[tuple[str, str, str, int]]:
        now = self._clock.now()
        due = (
            select(outbox.c.id)
            .where(outbox.c.state == "due", outbox.c.due_at <= now)
            .order_by(outbox.c.due_at)
            .limit(limit)
        )
        with self._database.read() as connection:  # look first: an idle worker takes no write lock
            if connection.execute(due.limit(1)).first() is None:
                return []
        with self._database.begin() as connection:
            rows = connection.execute(
                update(outbox)
                .where(outbox.c.id.in_(due.with_for_update(skip_locked=True)))
                .values(due_at=now + LEASE_SECONDS, attempts=outbox.c.attempts + 1)
                .returning(outbox.c.id, outbox.c.kind, outbox.c.payload, outbox.c.attempts)
            ).all()
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def _deliver(self, row_id: str, kind: str, payload: str, attempts: int) -> None:
        now = self._clock.now
        try:
            self._handlers[kind](orjson.loads(payload))
        except Exception as error:
            gone = attempts >= MAX_ATTEMPTS
            wait = min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS)
            log.warning("outbox %s %s attempt %d failed: %s", kind, row_id, attempts, type(error).__name__)
            self._mark(
                row_id,
                state="failed" if gone else "due",
                due_at=now() + wait,
                last_error=str(error)[:300],
                finished_at=now() if gone else None,
            )
        else:
            self._mark(row_id, state="delivered", finished_at=now(), last_error="")

    def _mark(self, row_id: str, **values: Any) -> None:
        with self._database.begin() as connection:
            connection.execute(update(outbox).where(outbox.c.id == row_id).values(**values))
