"""
One code, eight requests at the same moment: exactly one of them may get in. A thousand codes, on PostgreSQL.

The naive build below reads, compares and writes. It is here so that this test is known to be able to fail.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, insert, select, update

import idp.models  # the tables
from base.db import Database, metadata
from idp.models import totp_credentials, users
from idp.store.users import spend_timecode

CODES = 1_000
AT_ONCE = 8
TIMECODE = 58_800_000
Spend = Callable[[Connection, str, int], bool]


@pytest.fixture
def database(pg_url: str) -> Iterator[Database]:
    """A thousand people with a second factor that has spent nothing."""
    assert idp.models.users is users
    opened = Database(pg_url, pool_size=AT_ONCE)
    metadata.create_all(opened.engine)
    with opened.begin() as connection:
        connection.execute(
            insert(users),
            [
                {
                    "id": f"usr_{number}",
                    "username": f"user{number}",
                    "full_name": "x",
                    "password_hash": "x",
                    "status": "active",
                    "created_at": 0,
                    "updated_at": 0,
                }
                for number in range(CODES)
            ],
        )
        connection.execute(
            insert(totp_credentials),
            [
                {"user_id": f"usr_{number}", "sealed_secret": b"x", "last_timecode": 0, "created_at": 0}
                for number in range(CODES)
            ],
        )
    yield opened
    opened.close()


def naive_spend(connection: Connection, user_id: str, timecode: int) -> bool:
    """What pyotp's documentation suggests: keep the last code, compare, then store."""
    table = totp_credentials
    last = connection.execute(select(table.c.last_timecode).where(table.c.user_id == user_id)).scalar_one()
    if last >= timecode:
        return False
    connection.execute(update(table).where(table.c.user_id == user_id).values(last_timecode=timecode))
    return True


def race(database: Database, spend: Spend, codes: int) -> list[int]:
    """How often each code was accepted by AT_ONCE threads that start on it together."""
    accepted = [0] * codes
    lock, start = threading.Lock(), threading.Barrier(AT_ONCE)

    def contend() -> None:
        for number in range(codes):
            start.wait()
            with database.begin() as connection:
                got = spend(connection, f"usr_{number}", TIMECODE)
            if got:
                with lock:
                    accepted[number] += 1

    threads = [threading.Thread(target=contend) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return accepted


@pytest.mark.race
@pytest.mark.pg
def test_each_code_gets_in_once(database: Database) -> None:
    accepted = race(database, spend_timecode, CODES)
    assert accepted == [1] * CODES


@pytest.mark.race
@pytest.mark.pg
def test_the_naive_build_lets_doubles_in(database: Database) -> None:
    accepted = race(database, naive_spend, 100)
    assert max(accepted) > 1


def test_an_older_code_than_the_last_one_is_spent_too(database: Database) -> None:
    with database.begin() as connection:
        assert spend_timecode(connection, "usr_0", TIMECODE)
        assert not spend_timecode(connection, "usr_0", TIMECODE - 1)
        assert spend_timecode(connection, "usr_0", TIMECODE + 1)
        assert not spend_timecode(connection, "nobody", TIMECODE)
