"""Bring a database to a revision. Of several processes that ask at once one works; the others wait and find it done."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from base.db import Database
from migrations.head import VERSIONS, is_current

ADVISORY_LOCK = 0x414E54494E  # the letters "ANTIN"
LOCK_TIMEOUT_SECONDS = 10


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply what is missing, all in one transaction."""
    if revision == "head" and is_current(database):
        return
    _in_turn(database, lambda config: command.upgrade(config, revision))


def downgrade(database: Database, revision: str) -> None:
    """Take back everything after `revision` (`base`: everything)."""
    _in_turn(database, lambda config: command.downgrade(config, revision))


def new_revision(database: Database, name: str, revision_id: str) -> None:
    """Write the file of a revision that makes up the difference between `database` and the metadata."""
    _in_turn(database, lambda config: command.revision(config, message=name, autogenerate=True, rev_id=revision_id))


def _in_turn(database: Database, act: Callable[[Config], object]) -> None:
    """
    1. One transaction: SQLite takes the write lock by BEGIN IMMEDIATE, PostgreSQL an advisory lock.
    2. PostgreSQL gives up after LOCK_TIMEOUT_SECONDS instead of queueing every request behind a waiting ALTER TABLE.
    """
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    config.set_main_option("file_template", "%%(rev)s")
    with database.engine.begin() as connection:  # Alembic ends transactions of the engine, and must not end a lane's
        if not database.is_sqlite:
            _take_turn(connection)
        config.attributes["connection"] = connection
        act(config)


def _take_turn(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'"))
