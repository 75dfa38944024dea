"""Guesses sent at the same moment: no more of them are looked at than the limit allows. On PostgreSQL and SQLite."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from base.db import Database, metadata
from idp.models import throttle_buckets
from idp.store.throttle import Bucket, charge

NOW = 1_764_000_000
THREADS, EACH = 8, 10
BUCKETS = [Bucket("a", 10, 600, personal=True), Bucket("b", 1000, 600)]


@pytest.fixture
def database(db_url: str) -> Iterator[Database]:
    assert throttle_buckets.metadata is metadata
    opened = Database(db_url, pool_size=THREADS)
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


@pytest.mark.race
def test_exactly_the_limit_is_let_through(database: Database) -> None:
    allowed, lock, start = [0], threading.Lock(), threading.Barrier(THREADS)

    def guess() -> None:
        start.wait()
        for _ in range(EACH):
            with database.begin() as connection:
                blocked_until = charge(connection, BUCKETS, NOW)
            if not blocked_until:
                with lock:
                    allowed[0] += 1

    threads = [threading.Thread(target=guess) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert allowed == [10]
