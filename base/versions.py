"""
Telling every process that something cached has changed.

One row per name holds a counter, raised in the transaction of the change. A process looks at the counters at most every
`LOOK_EVERY_SECONDS`, so a change reaches all workers within that time at the cost of two small reads a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import BigInteger, Column, Connection, String, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from base.clock import Clock
from base.db import Database, metadata

LOOK_EVERY_SECONDS = 0.5
V = TypeVar("V")

cache_versions = Table(
    "cache_versions",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("version", BigInteger, nullable=False),
)
_READ_ALL = select(cache_versions.c.name, cache_versions.c.version)


def raise_version(connection: Connection, name: str) -> None:
    """
    Say, in the transaction that changes it, that what is cached under `name` is stale.

    The row is missing only the very first time; two processes may then insert at once, and on PostgreSQL the loser's
    error would end its whole transaction, hence the savepoint.
    """
    raised = (
        update(cache_versions)
        .where(cache_versions.c.name == name)
        .values(version=cache_versions.c.version + 1)
        .returning(cache_versions.c.version)
    )
    if connection.execute(raised).first() is not None:
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(cache_versions), {"name": name, "version": 1})
    except IntegrityError:
        connection.execute(raised)


class Versions:
    """The counters as this process last saw them. Make one per process and share it between caches."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._seen: dict[str, int] = {}
        self._looked_at = float("-inf")
        self._lock = threading.Lock()

    def current(self, name: str) -> int:
        """The counter of `name`, at most LOOK_EVERY_SECONDS old."""
        now = self._clock.monotonic()
        if now - self._looked_at >= LOOK_EVERY_SECONDS:
            with self._lock:
                if now - self._looked_at >= LOOK_EVERY_SECONDS:
                    with self._database.read() as connection:
                        self._seen = {row[0]: row[1] for row in connection.execute(_READ_ALL)}
                    self._looked_at = now
        return self._seen.get(name, 0)


class VersionedCache(Generic[V]):
    """
    Values by key, dropped as a whole when the counter of `name` moves. None is not kept (unknown keys cost a read,
    and cannot fill the memory).
    """

    def __init__(self, versions: Versions, name: str, load: Callable[[str], V | None], *, most: int = 10_000) -> None:
        self._versions = versions
        self._name = name
        self._load = load
        self._most = most
        self._at = -1
        self._values: dict[str, V] = {}

    def get(self, key: str) -> V | None:
        """The value of `key`, loaded when it is not held."""
        version = self._versions.current(self._name)
        if version != self._at:
            self._values, self._at = {}, version
        values = self._values
        found = values.get(key)
        if found is None:
            found = self._load(key)
            if found is not None and len(values) < self._most:
                values[key] = found
        return found
