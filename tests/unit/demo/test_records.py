"""A demo service's sessions: found by cookie, ended by notices once, never somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from base.db import Database
from demo import records

NOW = 1_764_000_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'service.db'}")
    records.schema.create_all(opened.engine)
    yield opened
    opened.close()


def _start(database: Database, sub: str, sid: str, now: int = NOW) -> str:
    with database.begin() as connection:
        return records.start_session(connection, now, claims={"sub": sub, "sid": sid}, token={"access_token": "a"})


def _ended_by(database: Database, secret: str, now: int = NOW) -> str:
    with database.read() as connection:
        found = records.find_session(connection, now, secret)
    assert found is not None
    return found.ended_by


def _notice(database: Database, jti: str, *, sid: str | None, sub: str | None) -> int | None:
    with database.begin() as connection:
        return records.end_by_notice(connection, NOW, jti=jti, expires_at=NOW + 60, sid=sid, sub=sub)


def test_a_session_is_found_by_its_secret_only(database: Database) -> None:
    secret = _start(database, "p1", "s1")
    assert _ended_by(database, secret) == ""
    with database.read() as connection:
        assert records.find_session(connection, NOW, secret + "x") is None
        assert records.find_session(connection, NOW, None) is None


def test_the_secret_is_not_stored(database: Database, tmp_path: Path) -> None:
    secret = _start(database, "p1", "s1")
    database.close()
    assert all(secret.encode() not in path.read_bytes() for path in tmp_path.glob("service.db*"))


def test_a_notice_with_sid_ends_that_session_alone(database: Database) -> None:
    one, two = _start(database, "p1", "s1"), _start(database, "p1", "s2")
    assert _notice(database, "n1", sid="s1", sub="p1") == 1
    assert _ended_by(database, one) == records.BY_PROVIDER
    assert _ended_by(database, two) == ""


def test_a_notice_with_sub_alone_ends_all_of_that_person(database: Database) -> None:
    mine, other = _start(database, "p1", "s1"), _start(database, "p2", "s2")
    assert _notice(database, "n1", sid=None, sub="p1") == 1
    assert (_ended_by(database, mine), _ended_by(database, other)) == (records.BY_PROVIDER, "")


def test_a_notice_counts_once(database: Database) -> None:
    _start(database, "p1", "s1")
    assert _notice(database, "n1", sid="s1", sub=None) == 1
    assert _notice(database, "n1", sid="s1", sub=None) is None


def test_an_ended_session_holds_no_token(database: Database) -> None:
    secret = _start(database, "p1", "s1")
    _notice(database, "n1", sid="s1", sub=None)
    with database.read() as connection:
        found = records.find_session(connection, NOW, secret)
        assert found is not None
        assert records.find_token(connection, found.id_hash) == {}


@pytest.mark.parametrize("later", [records.IDLE_SECONDS + 1, records.SESSION_SECONDS + 1])
def test_an_old_session_has_expired(database: Database, later: int) -> None:
    secret = _start(database, "p1", "s1")
    assert _ended_by(database, secret, NOW + later) == records.BY_TIME


def test_records_are_a_persons_own(database: Database) -> None:
    with database.begin() as connection:
        records.add_record(connection, NOW, record_id="r1", sub="p1", code="HS-1", data={"procedure": "cu-tru"})
    with database.read() as connection:
        assert [row["code"] for row in records.records_of(connection, "p1")] == ["HS-1"]
        assert records.records_of(connection, "p2") == []
