"""
Fixtures that every suite shares. `--database postgresql` runs the same tests on a private PostgreSQL cluster.

Unit tests have no network: sockets are refused there.
"""

from __future__ import annotations

import re
import shutil
import socket
import sqlite3
import threading
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from base.audit import GENESIS
from base.clock import FixedClock
from base.db import Database
from base.outbox import ROW
from base.services import BaseServices, open_base
from base.settings import BaseSettings, Settings
from migrations.models import metadata as all_tables
from tests import postgres, warm

if TYPE_CHECKING:
    from tests.provider import Provider

_PERSONAL = re.compile(r"[^\x20-\x7e]|\\u|@|(?<!\d)(?:\+84|0)\d{9}(?!\d)|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")

LONGEST = (
    "test_start.py",
    "test_oauth_key_rotation.py",
    "test_oauth_life.py",
    "test_deferred_race.py",
    "test_assertion_race.py",
    "test_revocation_reach.py",
    "test_code_race.py",
    "test_pushed_race.py",
)
"""Files with few tests that take long come first: of two processes one would wait for the other at the end."""
_DIGEST = re.compile(r"\b[0-9a-f]{32,64}\b")

warm.keep_routes()


@event.listens_for(Engine, "before_cursor_execute")
def no_personal_data_in_the_audit_log(
    _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
) -> None:
    """Whatever a test makes the product do: no name, mail, telephone or network address reaches an event."""
    if "INSERT INTO audit_events" in statement:
        if (
            "event_data" in parameters
        ):  # one statement for the act and its event: what the event says is bound as event_…
            parameters = [value for name, value in parameters.items() if name.startswith("event_")]
        found = _PERSONAL.search(_DIGEST.sub("", str(parameters)))  # hexadecimal may look like a telephone number
        assert found is None, f"personal data in an audit event: {parameters}"


@event.listens_for(Engine, "connect")
def rows_in_the_order_nobody_expects(connection: Any, _record: object) -> None:
    """SQLite hands out backwards what nobody asked to be sorted: a test that relies on chance fails always."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects=ON").close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Short ASCII names: a lone surrogate cannot be sent between test processes, and nobody reads 5,000 letters."""
    return ascii(val)[1:41] if isinstance(val, str) and (len(val) > 40 or not val.isprintable()) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test logged may hold a lone surrogate on purpose; a report that does could not leave its process."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The second run, on PostgreSQL, is for what touches a database; nothing else could come out differently."""
    if config.getoption("--database") == "postgresql":
        touching = {"db_url", "pg_url", "pg_server"}
        kept = [item for item in items if touching & set(getattr(item, "fixturenames", ()))]
        config.hook.pytest_deselected(items=list(set(items) - set(kept)))
        items[:] = kept
    items.sort(key=lambda item: item.path.name not in LONGEST)  # keeps the order of the others


@pytest.fixture(scope="session")
def pg_server() -> Iterator[str]:
    """A private cluster, started when the first test asks for it."""
    if postgres.find_binaries() is None:
        pytest.skip("PostgreSQL 15 or newer is not installed")
    with postgres.cluster() as url:
        yield url


@pytest.fixture
def pg_url(pg_server: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    yield from _fresh_database(pg_server)


@pytest.fixture(scope="session")
def pg_tables(pg_server: str) -> str:
    """The address of a database with all tables, emptied for every test: a hundredth of the time of making one."""
    with psycopg.connect(f"{pg_server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE with_tables")
    _make_tables(f"{pg_server}/with_tables")
    return f"{pg_server}/with_tables"


@pytest.fixture(scope="session")
def pg_broom(pg_tables: str) -> Iterator[psycopg.Connection[Any]]:
    """The connection that empties it. One for all tests: a new one has everything to learn about fifty tables."""
    with psycopg.connect(pg_tables, autocommit=True, prepare_threshold=None) as connection:
        yield connection


def _empty(connection: psycopg.Connection[Any]) -> None:
    """No rows but the beginning of the audit chain, and nobody else connected but those who wait for the next test."""
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND (application_name <> %s OR state <> 'idle')",
        [warm.KEPT],
    )
    used = connection.execute(_USED, prepare=True).fetchall()
    connection.execute("".join(f'DELETE FROM "{name}";' for name, is_used in used if is_used))
    connection.execute("INSERT INTO audit_head (id, position, hash) VALUES (1, 0, %s)", [GENESIS])


_USED = " UNION ALL ".join(
    f"SELECT '{table.name}', EXISTS (SELECT FROM \"{table.name}\")" for table in reversed(all_tables.sorted_tables)
)
"""Each table, those that point to others first, and whether it has rows: only from such ones something is deleted."""


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    path = tmp_path_factory.mktemp("template") / "antin.db"
    _make_tables(f"sqlite:///{path}")
    return path


def _make_tables(url: str) -> None:
    database = Database(url)
    all_tables.create_all(database.engine)
    database.close()


def _fresh_database(server: str) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{server}/{name}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of the kind chosen by --database, with all tables and nothing in them."""
    if request.config.getoption("--database") == "postgresql":
        _empty(request.getfixturevalue("pg_broom"))
        yield request.getfixturevalue("pg_tables")
    else:
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "antin.db")
        yield f"sqlite:///{tmp_path / 'antin.db'}"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def make_base(db_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Callable[..., BaseServices]]:
    """`make_base(*groups)` → BaseServices on a database with all tables and nothing in them, clock fixed."""
    opened: list[Database] = []

    def make(*groups: object) -> BaseServices:
        base = BaseSettings(database_url=db_url, data_dir=tmp_path / "var")
        db = None if opened else warm.database(db_url, pool_size=base.threads + 2)
        services = open_base(Settings({type(group): group for group in (base, *groups)}), clock=clock, db=db)
        opened.append(services.db)
        return services

    yield make
    for thread in threading.enumerate():
        if thread.name == ROW:
            thread.join(10)  # it holds a connection until its service has answered or its time is over
    for database in opened:
        warm.put_back(database)


@pytest.fixture
def provider(make_base: Callable[..., BaseServices]) -> Provider:
    """The protocol side of the identity provider, driven through its hot edge."""
    from tests import provider  # here, because not every suite has the tables of the provider

    return provider.open_provider(make_base(*provider.SETTINGS))


@pytest.fixture
def pg_provider(pg_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Provider]:
    """The same, always on PostgreSQL: what races are about happens only there."""
    from tests import provider

    base = BaseSettings(database_url=pg_url, data_dir=tmp_path / "var", threads=8)
    services = open_base(Settings({type(group): group for group in (base, *provider.SETTINGS)}), clock=clock)
    all_tables.create_all(services.db.engine)
    yield provider.open_provider(services)
    services.db.close()


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit tests reach nothing but the loopback PostgreSQL cluster."""
    if "/unit/" not in str(request.node.path) or request.config.getoption("--database") == "postgresql":
        return

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("unit tests must not open sockets")

    monkeypatch.setattr(socket.socket, "connect", refuse)
