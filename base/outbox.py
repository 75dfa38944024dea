"""
The outbox: what must leave this machine after an act, written in the act's own transaction, delivered with retries.

A worker claims due rows under a lease (a dead worker's rows come back), gives each to the handler of its kind in a
thread of its own, and marks it delivered, or puts it off with exponential back-off until it is given up. A handler that
hangs holds one place of MOST_AT_ONCE and nothing else. Delivery is at least once: receivers must bear a repetition.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    Connection,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from base.clock import Clock
from base.db import Database, metadata
from base.errors import AntinError
from base.ids import new_id
from base.metrics import OUTBOX

log = logging.getLogger("antin.outbox")
LEASE_SECONDS = 60
FIRST_RETRY_SECONDS = 2
LONGEST_RETRY_SECONDS = 3600
MAX_ATTEMPTS = 12
ROW = "outbox row"
"""Name of the threads that deliver one row each; they may outlive the request that started them."""
MOST_AT_ONCE = 16
MOST_NOW = 32
"""Deliveries on their way in one process for callers of `deliver_now`, whoever they are."""
DRAIN_SECONDS = 3
KEEP_FINISHED_SECONDS = 7 * 24 * 3600

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(80), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(12), nullable=False),  # due | delivered | failed
    Column("attempts", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("last_error", String(300), nullable=False),
    Index("ix_outbox_state_due_at", "state", "due_at"),
)

_AT_ONCE = threading.BoundedSemaphore(MOST_NOW)
Payload = Mapping[str, Any]
Handler = Callable[[Payload], None]
"""Delivers one payload; any exception but RefusedForGood means 'not delivered, try again later'."""
Claimed = tuple[str, str, str, int]
"""Row id, kind, payload as JSON, number of this attempt."""


class RefusedForGood(AntinError):
    """Of a handler: the receiver has answered, and a repetition would get the same answer. The row is given up."""


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


def retry_seconds(attempts: int) -> int:
    """How long to wait after that many failed attempts: 2, 4, 8 … seconds, at most an hour."""
    return int(min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS))


def reap_finished(database: Database, clock: Clock, *, most: int = 500) -> int:
    """Delete up to `most` rows that were delivered or given up KEEP_FINISHED_SECONDS ago. Returns how many."""
    old = (
        select(outbox.c.id)
        .where(outbox.c.state != "due", outbox.c.finished_at < clock.now() - KEEP_FINISHED_SECONDS)
        .limit(most)
    )
    with database.read() as connection:
        ids = list(connection.execute(old).scalars())
    if ids:
        with database.begin() as connection:
            connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))
    return len(ids)


def _due(now: int | BindParameter[int]) -> Select[Any]:
    return select(outbox.c.id).where(outbox.c.state == "due", outbox.c.due_at <= now)


_IS_DUE = _due(bindparam("at", type_=BigInteger)).limit(1)


class Worker:
    """Delivers what is due; run one or several, in threads or processes of their own."""

    def __init__(self, database: Database, clock: Clock, handlers: Mapping[str, Handler]) -> None:
        self._database = database
        self._clock = clock
        self._handlers = dict(handlers)

    def run(self, stop: threading.Event, poll_seconds: float) -> None:
        """Deliver until `stop` is set; then what is on its way gets DRAIN_SECONDS (the lease brings the rest back)."""
        running: list[threading.Thread] = []
        while not stop.is_set():
            running = [thread for thread in running if thread.is_alive()]
            try:
                started = self._start(MOST_AT_ONCE - len(running))
            except Exception:
                log.exception("outbox round failed")
                started = []
            running += started
            if not started:
                stop.wait(poll_seconds)
        for _ in range(DRAIN_SECONDS * 20):
            if not any(thread.is_alive() for thread in running):
                break
            time.sleep(0.05)

    def deliver_due(self, limit: int = MOST_AT_ONCE) -> int:
        """Deliver up to `limit` due rows side by side and wait for them. Returns how many were tried."""
        threads = self._start(limit)
        for thread in threads:
            thread.join()
        return len(threads)

    def deliver_now(self, ids: Sequence[str], wait_seconds: float) -> None:
        """
        Deliver these rows at once, side by side, and wait at most that long for all of them together.

        What takes longer goes on without the caller; what finds no place, or a worker was quicker to take, is the
        worker's. The rows are claimed like any others, so that they come back if this process dies.
        """
        places = [one for one in ids if _AT_ONCE.acquire(blocking=False)]
        rows = self._claim_these(places)
        for _ in range(len(places) - len(rows)):
            _AT_ONCE.release()
        threads = [threading.Thread(target=self._deliver_and_leave, args=row, name=ROW, daemon=True) for row in rows]
        for thread in threads:
            thread.start()
        until = time.monotonic() + wait_seconds
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _deliver_and_leave(self, *row: Any) -> None:
        try:
            self._deliver(*row)
        except Exception:
            log.exception("outbox row could not be marked")
        finally:
            _AT_ONCE.release()

    def _start(self, places: int) -> list[threading.Thread]:
        rows = self._claim(places) if places > 0 else []
        threads = [threading.Thread(target=self._deliver, args=row, name=ROW, daemon=True) for row in rows]
        for thread in threads:
            thread.start()
        return threads

    def _claim(self, limit: int) -> list[Claimed]:
        """
        Take up to `limit` due rows: their due time moves to the end of the lease, their attempts go up by one.

        1. Look without a lock, so that an idle worker writes nothing; five times a second, so by a kept statement.
        2. Lock the rows (PostgreSQL skips those another worker holds; SQLite's write transaction is alone anyway).
        3. Move them in a second statement: LIMIT inside an UPDATE's subquery may be evaluated more than once.
        """
        now = self._clock.now()
        with self._database.read() as connection:
            if connection.execute(_IS_DUE, {"at": now}).first() is None:
                return []
        with self._database.begin() as connection:
            return self._take(connection, _due(now).order_by(outbox.c.due_at).limit(limit))

    def _claim_these(self, ids: Sequence[str]) -> list[Claimed]:
        if not ids:
            return []
        with self._database.begin() as connection:
            return self._take(connection, _due(self._clock.now()).where(outbox.c.id.in_(ids)))

    def _take(self, connection: Connection, chosen: Select[Any]) -> list[Claimed]:
        ids = list(connection.execute(chosen.with_for_update(skip_locked=True)).scalars())
        rows = connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(ids))
            .values(due_at=self._clock.now() + LEASE_SECONDS, attempts=outbox.c.attempts + 1)
            .returning(outbox.c.id, outbox.c.kind, outbox.c.payload, outbox.c.attempts)
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def _deliver(self, row_id: str, kind: str, payload: str, attempts: int) -> None:
        try:
            self._handlers[kind](orjson.loads(payload))
        except Exception as error:
            self._put_off(row_id, kind, attempts, error)
        else:
            self._mark(row_id, attempts, state="delivered", finished_at=self._clock.now(), last_error="")
            OUTBOX.labels(kind, "delivered").inc()

    def _put_off(self, row_id: str, kind: str, attempts: int, error: Exception) -> None:
        now, last = self._clock.now(), attempts >= MAX_ATTEMPTS or isinstance(error, RefusedForGood)
        reason = error.code if isinstance(error, AntinError) else type(error).__name__
        log.warning("outbox %s %s attempt %d failed: %s", kind, row_id, attempts, reason)
        changes: dict[str, Any] = {"due_at": now + retry_seconds(attempts), "last_error": reason[:300]}
        if last:
            changes |= {"state": "failed", "finished_at": now}
        self._mark(row_id, attempts, **changes)
        OUTBOX.labels(kind, "given_up" if last else "put_off").inc()

    def _mark(self, row_id: str, attempts: int, **values: Any) -> None:
        """Write the outcome unless the lease ran out and a later attempt owns the row."""
        mine = (outbox.c.id == row_id) & (outbox.c.attempts == attempts) & (outbox.c.state == "due")
        with self._database.begin() as connection:
            connection.execute(update(outbox).where(mine).values(**values))
