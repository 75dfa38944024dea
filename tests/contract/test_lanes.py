"""A kept statement answers the same by the quick way as by SQLAlchemy's; a lane is as safe as a fresh connection."""

from __future__ import annotations

import gc
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoneCameFree

from base.db import Database, embedded_url
from base.lanes import Lane, later

tables = MetaData()
things = Table(
    "things",
    tables,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(40), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("raw", LargeBinary),
    Column("price", Numeric(10, 2)),
)
ADD = insert(things)
FIND = select(things.c.name, things.c.open, things.c.raw).where(things.c.id == bindparam("id"))
OPEN_ONES = select(things.c.id).where(things.c.open == bindparam("wanted")).order_by(things.c.id)
RENAME = update(things).where(things.c.id == bindparam("which")).values(name=bindparam("to"))
SHUT = update(things).where(things.c.id == bindparam("which")).values(open=False).returning(things.c.id, things.c.open)
PRICES = select(things.c.price).order_by(things.c.id)
SOME = select(things.c.id).where(things.c.id.in_(bindparam("ids", expanding=True))).order_by(things.c.id)
SECRET = "không-ai-được-đọc"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = embedded_url(tmp_path) if request.param == "sqlite" else str(request.getfixturevalue("pg_url"))
    opened = Database(url, pool_size=2)
    tables.create_all(opened.engine)
    yield opened
    opened.close()


def fill(connection: Connection) -> None:
    for number in (1, 2, 3):
        connection.execute(ADD, {"id": number, "name": f"t{number}", "open": number != 2, "raw": b"\0\xff"})


def three_times(work: Any) -> list[Any]:
    """By SQLAlchemy, compiled, compiled before."""
    return [work() for _ in range(3)]


def test_every_way_brings_the_same_rows(database: Database) -> None:
    with database.begin() as connection:
        fill(connection)
    with database.read() as connection:
        found = three_times(lambda: connection.execute(FIND, {"id": 1}).one())
        assert {type(row.open) for row in found} == {bool}
        assert [(row.name, row.open, bytes(row.raw)) for row in found] == [("t1", True, b"\0\xff")] * 3
        assert three_times(lambda: connection.execute(FIND, {"id": 9}).first()) == [None] * 3
        assert three_times(lambda: connection.execute(OPEN_ONES, {"wanted": True}).scalars().all()) == [[1, 3]] * 3
        assert three_times(lambda: connection.execute(FIND, {"id": 2}).mappings().one()["name"]) == ["t2"] * 3


def test_every_way_changes_the_same_rows(database: Database) -> None:
    with database.begin() as connection:
        fill(connection)
        assert three_times(lambda: connection.execute(RENAME, {"which": 1, "to": SECRET}).rowcount) == [1] * 3
        assert three_times(lambda: connection.execute(RENAME, {"which": 9, "to": "x"}).rowcount) == [0] * 3
        assert three_times(lambda: tuple(connection.execute(SHUT, {"which": 3}).one())) == [(3, False)] * 3
    with database.read() as connection:
        assert connection.execute(FIND, {"id": 1}).scalar_one() == SECRET


def test_what_does_not_fit_is_left_to_sqlalchemy(database: Database) -> None:
    with database.begin() as connection:
        fill(connection)
        rows = [{"id": 7, "name": "seven", "open": True}, {"id": 8, "name": "eight", "open": True}]
        connection.execute(ADD, rows)
        connection.execute(update(things).values(price=1))
    with database.read() as connection:
        prices = three_times(lambda: [str(price) for price in connection.execute(PRICES).scalars()])
        assert prices == [["1.00"] * 5] * 3
        assert three_times(lambda: connection.execute(SOME, {"ids": [1, 7]}).scalars().all()) == [[1, 7]] * 3
        assert three_times(lambda: connection.execute(SOME, {"ids": [8]}).scalars().all()) == [[8]] * 3


def test_a_value_is_never_part_of_the_statement(database: Database) -> None:
    nasty = "'; DROP TABLE things; -- %(id)s :id ? %"
    with database.begin() as connection:
        fill(connection)
        three_times(lambda: connection.execute(RENAME, {"which": 1, "to": nasty}))
    with database.read() as connection:
        assert three_times(lambda: connection.execute(FIND, {"id": 1}).scalar_one()) == [nasty] * 3


def test_an_error_is_sqlalchemys_and_holds_no_value(database: Database) -> None:
    row = {"id": 1, "name": SECRET, "open": True, "raw": None}
    with database.begin() as connection:
        connection.execute(ADD, row)
    for _ in range(3):
        with pytest.raises(IntegrityError) as refused, database.begin() as connection:
            connection.execute(ADD, {**row, "id": 2, "name": "goes with it"})
            connection.execute(ADD, row)
    assert SECRET not in str(refused.value)
    with database.read() as connection:
        assert connection.execute(select(things.c.id)).scalars().all() == [1]


def test_a_statement_that_is_gone_leaves_its_place(database: Database) -> None:
    with database.read() as connection:
        assert isinstance(connection, Lane)
        kept = connection._statements._kept
        before = len(kept)
        for _ in range(50):
            connection.execute(text("SELECT 1")).one()
        gc.collect()
        assert len(kept) - before < 5


def test_a_read_inside_a_transaction_is_outside_it(database: Database) -> None:
    with database.begin() as connection:
        fill(connection)
        with database.read() as other:
            assert other.execute(select(things.c.id)).all() == []


def test_no_more_lanes_than_there_may_be(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("base.lanes.WAIT_SECONDS", 0.05)
    free, taken = threading.Event(), threading.Barrier(5)

    def hold() -> None:
        with database.read():
            taken.wait()
            free.wait(20)

    holders = [threading.Thread(target=hold) for _ in range(4)]  # twice the pool's size
    for holder in holders:
        holder.start()
    taken.wait()
    with pytest.raises(NoneCameFree), database.read():
        pass
    free.set()
    for holder in holders:
        holder.join()
    with database.read() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_a_dead_lane_takes_the_resting_ones_along(pg_url: str) -> None:
    """A restart of the server costs one failed use, not one for every connection that was open."""
    opened, other = Database(pg_url), Database(pg_url)
    try:
        with opened.read() as first, opened.read() as second:
            pids = [one.execute(text("SELECT pg_backend_pid()")).scalar_one() for one in (first, second)]
        with other.read() as connection:
            for pid in pids:
                assert connection.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid}).scalar_one()
        with pytest.raises(DBAPIError), opened.read() as connection:
            connection.execute(text("SELECT 1"))
        for door in (opened.read, opened.begin):
            with door() as connection:
                assert connection.execute(text("SELECT 1")).scalar_one() == 1
    finally:
        other.close()
        opened.close()


def test_a_lane_in_use_when_all_are_closed_is_closed_when_it_is_put_back(database: Database) -> None:
    with database.read() as lane:
        driver: Any = lane.connection.driver_connection
        database.close()
        assert lane.execute(PRICES).all() == []
    if database.is_sqlite:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            driver.execute("SELECT 1")
    else:
        assert driver.closed


def test_what_was_left_for_later_is_there_when_the_transaction_is_kept(database: Database) -> None:
    for first in (10, 20):  # by SQLAlchemy, then compiled
        with database.begin() as connection:
            for number in range(first, first + 5):
                later(connection, ADD, {"id": number, "name": "t", "open": True, "raw": b"\0"})
            assert connection.execute(OPEN_ONES, {"wanted": True}).scalars().all()[-1] == first + 4
            later(connection, RENAME, {"which": first, "to": "renamed"})
    with database.read() as connection:
        assert connection.execute(FIND, {"id": 20}).one().name == "renamed"
        assert len(connection.execute(OPEN_ONES, {"wanted": True}).all()) == 10


def test_what_is_refused_later_undoes_all(database: Database) -> None:
    row = {"id": 1, "name": "t", "open": True, "raw": None}
    with database.begin() as connection:
        fill(connection)
    for _ in range(3):
        with pytest.raises(IntegrityError), database.begin() as connection:
            connection.execute(RENAME, {"which": 2, "to": "never"})
            later(connection, ADD, {**row, "id": 7})
            later(connection, ADD, row)
            later(connection, ADD, {**row, "id": 8})
        with database.read() as connection:
            assert connection.execute(FIND, {"id": 2}).one().name == "t2"
            assert [connection.execute(FIND, {"id": one}).first() for one in (7, 8)] == [None, None]


def test_a_value_that_cannot_travel_leaves_no_half_batch(pg_url: str) -> None:
    database = Database(pg_url, pool_size=1)
    tables.create_all(database.engine)
    with database.begin() as connection:
        fill(connection)
    row = {"id": 7, "open": True, "raw": None}
    for _ in range(3):
        with pytest.raises(DBAPIError), database.begin() as connection:
            later(connection, ADD, {**row, "name": "t"})
            later(connection, ADD, {**row, "id": 8, "name": "a\0b"})
        with database.read() as connection:
            assert connection.execute(FIND, {"id": 7}).first() is None
            assert connection.execute(FIND, {"id": 1}).one().name == "t1"
    database.close()


def test_a_transaction_in_which_nothing_is_said_is_none(database: Database) -> None:
    with database.begin():
        pass
    with pytest.raises(ZeroDivisionError), database.begin():
        raise ZeroDivisionError
    with database.begin() as connection:
        fill(connection)


def test_kept_statements_outlive_a_rollback(database: Database) -> None:
    with database.begin() as connection:
        fill(connection)
    for _ in range(4):
        with pytest.raises(ZeroDivisionError), database.begin() as connection:
            connection.execute(RENAME, {"which": 1, "to": "never"})
            raise ZeroDivisionError
        with database.read() as connection:
            assert connection.execute(FIND, {"id": 1}).one().name == "t1"


def test_a_long_batch_fits(database: Database) -> None:
    with database.begin() as connection:
        fill(connection)
    with database.begin() as connection:
        for number in range(100, 600):
            later(connection, ADD, {"id": number, "name": "t", "open": True, "raw": bytes(4_000)})
    with database.read() as connection:
        assert len(connection.execute(OPEN_ONES, {"wanted": True}).all()) == 502
