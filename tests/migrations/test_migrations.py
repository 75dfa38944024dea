"""Up, down and up again on both databases; the result equals the models; audit events cannot be changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import delete, inspect, text, update
from sqlalchemy.exc import DBAPIError

from base.audit import audit_events, verify
from base.clock import FixedClock
from base.db import Database
from migrations import head
from migrations.models import metadata
from migrations.upgrade import downgrade, upgrade
from tests.migrations.events import append_some


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("pg_url"))
    return f"sqlite:///{tmp_path / 'antin.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


def test_the_newest_revision_is_found_without_alembic() -> None:
    config = Config()
    config.set_main_option("script_location", str(head.VERSIONS.parent))
    assert head.newest() == ScriptDirectory.from_config(config).get_current_head()


def test_upgrade_gives_what_the_models_say(database: Database) -> None:
    assert head.current(database) is None
    upgrade(database)
    assert head.is_current(database)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        assert compare_metadata(context, metadata) == []


def test_down_and_up_again(database: Database) -> None:
    upgrade(database)
    downgrade(database, "base")
    left = set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    assert left == set()
    upgrade(database)
    assert head.is_current(database)


def test_every_revision_goes_down_and_up_alone(database: Database) -> None:
    upgrade(database)
    downgrade(database, "-1")
    assert not head.is_current(database)
    upgrade(database)
    assert head.is_current(database)


@pytest.mark.parametrize("statement", [update(audit_events).values(at=1), delete(audit_events)])
def test_audit_events_refuse_change(database: Database, statement: object) -> None:
    upgrade(database)
    append_some(database, FixedClock(), 5)
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # either kind of statement
    assert verify(database) == 5


def test_audit_events_refuse_truncate(pg_url: str) -> None:
    database = Database(pg_url)
    upgrade(database)
    append_some(database, FixedClock(), 2)
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(text("TRUNCATE audit_events"))
    database.close()


def test_several_starts_at_once(url: str) -> None:
    """Six processes' worth of starts against one empty database: each ends well, and the schema is made once."""
    failures: list[BaseException] = []
    gate = threading.Barrier(6)

    def start() -> None:
        database = Database(url)
        try:
            gate.wait()
            upgrade(database)
            assert head.is_current(database)
        except BaseException as error:
            failures.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_change_waits_for_nobody_for_ever(pg_url: str) -> None:
    """On PostgreSQL a migration gives up after its lock timeout instead of queueing every request behind itself."""
    database = Database(pg_url)
    upgrade(database)
    with database.begin() as reader:
        reader.execute(text("SET LOCAL lock_timeout = '1s'"))
        reader.execute(text("SELECT count(*) FROM audit_events"))
        other = Database(pg_url)
        try:
            with pytest.raises(DBAPIError, match="lock timeout"):
                downgrade(other, "base")
        finally:
            other.close()
    database.close()
