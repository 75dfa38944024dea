"""
One database layer: SQLite as the embedded default, PostgreSQL 15+ by `ANTIN_DATABASE_URL`.

All tables hang on one `metadata`; all times are BigInteger epoch seconds in UTC. Three doors:
`read()` gives an autocommit connection for statements that change nothing, `once()` one for a single statement that
writes, `begin()` one write transaction.
On SQLite a write transaction starts with BEGIN IMMEDIATE, so that two writers queue instead of failing half-way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, MetaData, Table, TextClause, create_engine, event, text
from sqlalchemy.engine import Engine

from base.lanes import Lanes

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
BUSY_TIMEOUT_SECONDS = 15
GIVEN_BACK_PAGES = 2000
"""At once, so that nobody waits for it: 8 MB, in some hundredths of a second."""


class Database:
    """An engine with the house rules set. Thread-safe; make one per process, after the fork."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = driver_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        options: dict[str, Any] = {"pool_size": 2 * pool_size, "max_overflow": pool_size, "pool_timeout": 3}
        options["hide_parameters"] = True  # what a statement was about, a secret perhaps, is no part of its error
        if self.is_sqlite:
            options["connect_args"] = {"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
        self.engine: Engine = create_engine(self.url, **options)
        if self.is_sqlite:
            _dress_sqlite(self.engine)
        self._lanes = Lanes(self.engine.execution_options(isolation_level="AUTOCOMMIT"), most=2 * pool_size)

    def read(self) -> AbstractContextManager[Connection]:
        """A connection outside any transaction, for reading."""
        return self._lanes.take()

    def once(self) -> AbstractContextManager[Connection]:
        """A connection for one statement that writes and is its own transaction; PostgreSQL can put much into one."""
        return self._lanes.take()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One write transaction: committed at the end, rolled back by any exception."""
        with self._lanes.take() as lane:
            lane.start()
            try:
                yield lane
                lane.keep()
            except BaseException:
                lane.undo()
                raise

    def give_back_space(self) -> None:
        """Let the embedded database's file shrink a little, by pages nothing is in; PostgreSQL does that by itself."""
        if self.is_sqlite:
            with self.once() as connection:
                # As a script, which the driver runs to its end: of a statement without columns it takes the first step,
                # and that is one page.
                driver: Any = connection.connection.driver_connection
                driver.executescript(f"PRAGMA incremental_vacuum({GIVEN_BACK_PAGES})")

    def rest(self) -> None:
        """Close every connection that nobody uses; the next use opens its own. For a process about to be forked."""
        self._lanes.rest()
        self.engine.dispose()

    def close(self) -> None:
        self._lanes.close()
        self.engine.dispose()


def driver_url(url: str) -> str:
    """The SQLAlchemy address of a plain one: `postgresql://…` is spoken through psycopg 3."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url[len(scheme) :]
    return url


def embedded_url(data_dir: Path) -> str:
    """The address of the embedded database inside the data folder."""
    return f"sqlite:///{(data_dir / 'antin.db').resolve()}"


def upsert(table: Table, moved: Sequence[str]) -> TextClause:
    """INSERT what a row must hold and these columns; where its key is there already, move them. One statement."""
    names = [column.name for column in table.columns if not column.nullable or column.name in moved]
    key = [column.name for column in table.primary_key]
    values, moves = [f":{name}" for name in names], [f"{name} = excluded.{name}" for name in moved]
    insert = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(values)})"  # noqa: S608 - our own names
    return text(f"{insert} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(moves)}")


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """
    Put the file into WAL mode, which it keeps.

    Several processes may start on one new file: the change of mode needs the file for itself, and SQLite answers
    "database is locked" at once, without the busy timeout, where waiting could mean a deadlock. So it is asked again.
    """
    until = monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
        sleep(0.01)


def _dress_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not open transactions of its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")
        # It counts for a new file alone (see give_back_space), and for any other waits for whoever writes: a connection
        # opened beside one's own transaction would wait for itself.
        if cursor.execute("PRAGMA page_count").fetchone()[0] == 0:
            cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")
        _write_ahead(cursor)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_immediate(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
