"""
One database layer: SQLite as the embedded default, PostgreSQL 15+ by `ANTIN_DATABASE_URL`.

All tables hang on one `metadata`; all times are BigInteger epoch seconds in UTC. Two doors only:
`read()` gives an autocommit connection for statements that change nothing, `begin()` one write transaction.
On SQLite a write transaction starts with BEGIN IMMEDIATE, so that two writers queue instead of failing half-way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, create_engine, event
from sqlalchemy.engine import Engine

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


class Database:
    """An engine with the house rules set. Thread-safe; make one per process, after the fork."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = driver_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size, "pool_timeout": 3}
        if self.is_sqlite:
            options["connect_args"] = {"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
        else:
            options["pool_pre_ping"] = True
        self.engine: Engine = create_engine(self.url, **options)
        self._reader = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        if self.is_sqlite:
            _dress_sqlite(self.engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection outside any transaction, for reading."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One write transaction: committed at the end, rolled back by any exception."""
        with self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
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


def _dress_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not open transactions of its own
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_immediate(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
