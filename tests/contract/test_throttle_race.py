"""Guesses sent at the same moment: no more of them are looked at than the limit allows. On PostgreSQL and SQLite."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

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
        blocked_until = charge_at_once(connection, buckets, NOW)
    return one_by_one(database, buckets) if blocked_until is None else blocked_until


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
