"""The outbox on both databases: nothing lost, nothing taken twice, retries, the lease, and one slow receiver."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from base import outbox as box
from base.clock import FixedClock
from base.db import Database, embedded_url, metadata
from base.errors import AntinError
from base.outbox import RefusedForGood, Worker, enqueue, outbox, reap_finished, retry_seconds
from base.statements import Statements


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = embedded_url(tmp_path) if request.param == "sqlite" else str(request.getfixturevalue("pg_url"))
    opened = Database(url, pool_size=16)
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


def put(database: Database, clock: FixedClock, count: int = 1, kind: str = "note") -> None:
    with database.begin() as connection:
        for number in range(count):
            enqueue(connection, clock, kind, {"number": number})


def rows(database: Database) -> list[dict[str, Any]]:
    with database.read() as connection:
        return [dict(row) for row in connection.execute(select(outbox)).mappings()]


def failing(_payload: object) -> None:
    raise AntinError("receiver_down", en="A secret sentence.")


def test_a_rolled_back_act_sends_nothing(database: Database, clock: FixedClock) -> None:
    with pytest.raises(ZeroDivisionError), database.begin() as connection:
        enqueue(connection, clock, "note", {})
        raise ZeroDivisionError
    assert Worker(database, clock, {}).deliver_due() == 0


def test_delivered_once_and_marked(database: Database, clock: FixedClock) -> None:
    got: list[Any] = []
    worker = Worker(database, clock, {"note": got.append})
    put(database, clock)
    assert (worker.deliver_due(), worker.deliver_due()) == (1, 0)
    assert got == [{"number": 0}]
    assert [(row["state"], row["attempts"], row["finished_at"]) for row in rows(database)] == [
        ("delivered", 1, clock.now())
    ]


def test_refused_for_good_is_given_up_at_once(database: Database, clock: FixedClock) -> None:
    def refused(_payload: object) -> None:
        raise RefusedForGood("not_wanted")

    worker = Worker(database, clock, {"note": refused})
    put(database, clock)
    assert worker.deliver_due() == 1
    clock.move(10_000)
    assert worker.deliver_due() == 0
    assert [(row["state"], row["attempts"], row["last_error"]) for row in rows(database)] == [
        ("failed", 1, "not_wanted")
    ]


def test_back_off_then_given_up(database: Database, clock: FixedClock) -> None:
    worker = Worker(database, clock, {"note": failing})
    put(database, clock)
    waits = []
    for _ in range(box.MAX_ATTEMPTS):
        assert worker.deliver_due() == 1
        assert worker.deliver_due() == 0
        waits.append(rows(database)[0]["due_at"] - clock.now())
        clock.move(waits[-1])
    row = rows(database)[0]
    assert waits == sorted(waits)
    assert waits[:4] == [2, 4, 8, 16]
    assert (row["state"], row["attempts"], row["last_error"]) == ("failed", box.MAX_ATTEMPTS, "receiver_down")
    clock.move(10_000)
    assert worker.deliver_due() == 0
    assert retry_seconds(60) == box.LONGEST_RETRY_SECONDS


def test_a_kind_nobody_knows_is_tried_again_later(database: Database, clock: FixedClock) -> None:
    put(database, clock, kind="of a newer version")
    Worker(database, clock, {}).deliver_due()
    assert (rows(database)[0]["state"], rows(database)[0]["last_error"]) == ("due", "KeyError")


def test_a_dead_workers_row_comes_back_after_the_lease(database: Database, clock: FixedClock) -> None:
    got: list[Any] = []
    put(database, clock)
    Worker(database, clock, {})._claim(1)  # and then it dies
    worker = Worker(database, clock, {"note": got.append})
    clock.move(box.LEASE_SECONDS - 1)
    assert worker.deliver_due() == 0
    clock.move(1)
    assert worker.deliver_due() == 1
    assert len(got) == 1


def test_a_late_failure_does_not_undo_a_later_delivery(database: Database, clock: FixedClock) -> None:
    put(database, clock)
    late = Worker(database, clock, {"note": failing})
    claimed = late._claim(1)[0]
    clock.move(box.LEASE_SECONDS)
    assert Worker(database, clock, {"note": lambda _: None}).deliver_due() == 1
    late._deliver(*claimed)
    assert rows(database)[0]["state"] == "delivered"


def test_a_late_failure_does_not_touch_an_attempt_under_way(database: Database, clock: FixedClock) -> None:
    put(database, clock)
    late = Worker(database, clock, {"note": failing})
    claimed = late._claim(1)[0]
    clock.move(box.LEASE_SECONDS)
    assert len(Worker(database, clock, {})._claim(1)) == 1
    before = rows(database)
    late._deliver(*claimed)
    assert rows(database) == before


@pytest.mark.race
def test_many_workers_deliver_each_row_once(database: Database, clock: FixedClock) -> None:
    got: list[int] = []
    put(database, clock, 200)
    workers = [Worker(database, clock, {"note": lambda payload: got.append(payload["number"])}) for _ in range(4)]

    def empty(worker: Worker) -> None:
        while worker.deliver_due(8):
            continue

    threads = [threading.Thread(target=empty, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Worker(database, clock, {"note": lambda payload: got.append(payload["number"])}).deliver_due(200)
    assert sorted(got) == list(range(200))


def test_a_receiver_that_hangs_delays_nobody_else(database: Database, clock: FixedClock) -> None:
    hang, stop, got, hanging = threading.Event(), threading.Event(), threading.Event(), threading.Semaphore(0)

    def slow(_payload: object) -> None:
        hanging.release()
        hang.wait(60)

    handlers = {"slow": slow, "note": lambda _: got.set()}
    put(database, clock, 3, kind="slow")
    worker = Worker(database, clock, handlers)
    running = threading.Thread(target=worker.run, args=(stop, 0.05))
    running.start()
    try:
        assert all(hanging.acquire(timeout=20) for _ in range(3))
        put(database, clock)
        assert got.wait(20)
        assert {row["state"] for row in rows(database) if row["kind"] == "slow"} == {"due"}
    finally:
        hang.set()
        stop.set()
        running.join()
    assert {row["state"] for row in rows(database)} == {"delivered"}


def test_old_finished_rows_are_cleared_and_due_ones_stay(database: Database, clock: FixedClock) -> None:
    worker = Worker(database, clock, {"note": lambda _: None, "bad": failing})
    put(database, clock, 3)
    put(database, clock, kind="bad")
    worker.deliver_due()
    assert reap_finished(database, clock) == 0
    clock.move(box.KEEP_FINISHED_SECONDS + 1)
    assert reap_finished(database, clock, most=2) == 2
    assert reap_finished(database, clock) == 1
    assert [row["kind"] for row in rows(database)] == ["bad"]


def test_an_idle_look_goes_straight_to_the_driver(database: Database) -> None:
    """Five times a second, in every installation: it must not be put together anew by SQLAlchemy each time."""
    kept = Statements(database.engine.dialect)
    assert kept.find(box._IS_DUE, {"at": 1}) is None  # seen for the first time
    assert kept.find(box._IS_DUE, {"at": 1}) is not None
    assert Worker(database, FixedClock(), {})._claim(1) == []
