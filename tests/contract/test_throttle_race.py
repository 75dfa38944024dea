"""Guesses sent at the same moment: no more of them are looked at than the limit allows. On PostgreSQL and SQLite."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select, text

from base.db import Database, metadata
from idp.models import throttle_buckets
from idp.store.throttle import Bucket, charge, charge_at_once, give_back, succeed

Way = Callable[[Database, list[Bucket]], int]
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


def one_by_one(database: Database, buckets: list[Bucket]) -> int:
    with database.begin() as connection:
        return charge(connection, buckets, NOW)


def at_once(database: Database, buckets: list[Bucket]) -> int:
    """As a sign-in does."""
    with database.once() as connection:
        charged = charge_at_once(connection, buckets, NOW)
    return 0 if charged else one_by_one(database, buckets)


def in_threads(work: Callable[[], None]) -> None:
    start = threading.Barrier(THREADS)
    failures: list[BaseException] = []

    def run() -> None:
        start.wait()
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.race
@pytest.mark.parametrize("way", [one_by_one, at_once])
def test_exactly_the_limit_is_let_through(database: Database, way: Way) -> None:
    allowed: list[int] = []

    def guess() -> None:
        for _ in range(EACH):
            blocked_until = way(database, BUCKETS)
            if not blocked_until:
                allowed.append(1)

    in_threads(guess)
    assert len(allowed) == 10
    with database.read() as connection:
        kept = {row.key: row for row in connection.execute(select(throttle_buckets))}
    assert kept["a"].blocked_until > NOW
    assert kept["b"].failures == 10  # what was not let through is counted nowhere else


@pytest.mark.race
@pytest.mark.parametrize("way", [one_by_one, at_once])
def test_charging_and_giving_back_leave_nothing_and_wait_for_nobody(database: Database, way: Way) -> None:
    buckets = [Bucket("c", 10_000, 600), Bucket("d", 10_000, 600, personal=True), Bucket("e", 10_000, 600)]

    def come_and_go() -> None:
        for number in range(EACH):
            assert way(database, buckets) == 0
            with database.begin() as connection:
                (succeed if number % 2 else give_back)(connection, buckets)

    in_threads(come_and_go)
    with database.read() as connection:
        left = {row.key: row.failures for row in connection.execute(select(throttle_buckets))}
    assert (left["c"], left["e"]) == (0, 0)


def test_a_bucket_that_fills_while_the_statement_waits_for_its_row_is_not_overfilled(pg_url: str) -> None:
    """What was seen before the wait does not count: the limit is judged on the row as it is then."""
    database = Database(pg_url, pool_size=4)
    metadata.create_all(database.engine)
    bucket, shared = Bucket("f", 2, 600), Bucket("g", 1000, 600)
    assert one_by_one(database, [bucket]) == 0
    outcome: list[bool] = []

    def second() -> None:
        with database.once() as connection:
            outcome.append(charge_at_once(connection, [shared, bucket], NOW))

    waiting = threading.Thread(target=second)
    with database.begin() as connection:
        assert charge(connection, [bucket], NOW) == 0  # the last one that the limit allows
        waiting.start()
        until = time.monotonic() + 30
        while not _someone_waits(database) and time.monotonic() < until:
            time.sleep(0.01)
    waiting.join()
    assert outcome == [False]
    with database.read() as connection:
        left = {row.key: row.failures for row in connection.execute(select(throttle_buckets))}
    assert left == {"f": 2, "g": 0}
    database.close()


def _someone_waits(database: Database) -> bool:
    with database.read() as connection:
        waiting = text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        return connection.execute(waiting).first() is not None
