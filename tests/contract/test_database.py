"""What every supported database must do for us: writers queue, transactions hold, readers do not wait."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from base.audit import Event, append, verify
from base.clock import FixedClock
from base.db import Database, driver_url, embedded_url, metadata
from base.versions import Versions, raise_version

tables = MetaData()
counters = Table("counters", tables, Column("id", Integer, primary_key=True), Column("value", Integer, nullable=False))
children = Table(
    "children",
    tables,
    Column("name", String(20), primary_key=True),
    Column("counter_id", Integer, ForeignKey("counters.id"), nullable=False),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = embedded_url(tmp_path) if request.param == "sqlite" else str(request.getfixturevalue("pg_url"))
    opened = Database(url)
    tables.create_all(opened.engine)
    metadata.create_all(opened.engine)
    with opened.begin() as connection:
        connection.execute(insert(counters), {"id": 1, "value": 0})
    yield opened
    opened.close()


def side_by_side(count: int, work: object) -> list[BaseException]:
    """Run `work` in `count` threads that start together; returns what they raised."""
    assert callable(work)
    errors: list[BaseException] = []
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def value(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(counters.c.value)).scalar_one())


def test_writers_queue_and_lose_nothing(database: Database) -> None:
    def add() -> None:
        for _ in range(25):
            with database.begin() as connection:
                connection.execute(select(counters)).all()  # on SQLite a late lock would now fail: the snapshot is old
                raised = update(counters).values(value=counters.c.value + 1).returning(counters.c.value)
                assert connection.execute(raised).scalar_one() > 0

    assert side_by_side(8, add) == []
    assert value(database) == 200


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.begin() as connection:
        connection.execute(update(counters).values(value=99))
        raise ZeroDivisionError
    assert value(database) == 0


def test_a_reader_does_not_wait_for_a_writer_nor_see_half_of_it(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(update(counters).values(value=99))
        assert value(database) == 0
    assert value(database) == 99


def test_a_connection_that_has_read_can_write_and_the_other_way_round(database: Database) -> None:
    for number in range(1, 20):
        with database.begin() as connection:
            connection.execute(update(counters).values(value=number))
        assert value(database) == number


def test_references_and_unique_keys_hold(database: Database) -> None:
    with pytest.raises(IntegrityError), database.begin() as connection:
        connection.execute(insert(children), {"name": "orphan", "counter_id": 7})
    with database.begin() as connection:
        connection.execute(insert(children), {"name": "child", "counter_id": 1})
    with pytest.raises(IntegrityError), database.begin() as connection:
        connection.execute(insert(children), {"name": "child", "counter_id": 1})


def test_one_of_many_spends_a_row(database: Database) -> None:
    won: list[int] = []

    def spend() -> None:
        with database.begin() as connection:
            spent = update(counters).where(counters.c.value == 0).values(value=1).returning(counters.c.id)
            won.extend(connection.execute(spent).scalars())

    assert side_by_side(8, spend) == []
    assert won == [1]


class Happened(Event):
    kind = "test.thing.happened"


def test_the_audit_chain_is_gapless_under_load(database: Database) -> None:
    clock = FixedClock()

    def act() -> None:
        for _ in range(10):
            with database.begin() as connection:
                append(connection, clock, Happened())

    assert side_by_side(8, act) == []
    assert verify(database) == 80


def test_the_first_change_of_a_version_may_happen_twice_at_once(database: Database) -> None:
    def change() -> None:
        with database.begin() as connection:
            raise_version(connection, "things")
            connection.execute(update(counters).values(value=counters.c.value + 1))

    second = threading.Thread(target=change)
    with database.begin() as connection:
        raise_version(connection, "things")
        second.start()
        second.join(0.3)  # it has met our row, not yet committed, and waits
    second.join()
    assert Versions(database, FixedClock()).current("things") == 2
    assert value(database) == 1


def test_sqlite_is_set_up_for_safety(tmp_path: Path) -> None:
    database = Database(embedded_url(tmp_path))
    with database.read() as connection:
        found = {
            pragma: connection.execute(text(f"PRAGMA {pragma}")).scalar_one()
            for pragma in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_new_sqlite_file_that_another_is_writing_is_waited_for(tmp_path: Path) -> None:
    """The switch to a write-ahead log is turned down at once then, busy timeout or not: it is asked for again."""
    url = embedded_url(tmp_path)
    writer = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    freed = threading.Timer(0.3, writer.execute, ["COMMIT"])  # it has been turned down by then
    freed.start()
    database = Database(url)
    with database.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    database.close()
    freed.join()
    writer.close()


def test_a_sqlite_file_that_stays_locked_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("base.db.BUSY_TIMEOUT_SECONDS", 0.1)
    url = embedded_url(tmp_path)
    writer = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    database = Database(url)
    with pytest.raises(OperationalError, match="locked"), database.read():
        pass
    database.close()
    writer.close()


def test_addresses_of_postgresql_are_spoken_through_psycopg() -> None:
    assert driver_url("postgresql://db/antin") == "postgresql+psycopg://db/antin"
    assert driver_url("postgres://db/antin") == "postgresql+psycopg://db/antin"
    assert driver_url("sqlite:///x.db") == "sqlite:///x.db"


def test_a_rested_connection_that_died_is_replaced(pg_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server ended it meanwhile; who asks next must not notice."""
    monkeypatch.setattr("base.lanes.TRUSTED_SECONDS", 0)
    opened = Database(pg_url)
    try:
        with opened.read() as connection:
            mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        other = Database(pg_url)
        with other.read() as connection:
            assert connection.execute(text(f"SELECT pg_terminate_backend({mine})")).scalar_one()
        other.close()
        for door in (opened.read, opened.begin):
            with door() as connection:
                assert connection.execute(text("SELECT 1")).scalar_one() == 1
    finally:
        opened.close()


def test_a_connection_is_opened_beside_ones_own_transaction(tmp_path: Path) -> None:
    """Seen: each new connection set auto_vacuum, which waits for whoever writes; here that was the same thread."""
    database = Database(f"sqlite:///{tmp_path / 'one.db'}")
    with database.begin() as writing:
        writing.execute(text("CREATE TABLE things (id INTEGER)"))
    with database.begin() as writing:
        writing.execute(text("INSERT INTO things VALUES (1)"))
        second = Database(f"sqlite:///{tmp_path / 'one.db'}")
        with second.read() as reading:
            assert reading.execute(text("SELECT count(*) FROM things")).scalar_one() == 0
        second.close()
    database.close()
