"""Where a database is; cheap enough for every start and every readiness check, because Alembic is not imported."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from base.db import Database
from base.errors import StartError

VERSIONS = Path(__file__).parent / "versions"
_LINE = re.compile(r"^(revision|down_revision)(?::[^=]+)? = (?:\"([^\"]+)\"|None)", re.MULTILINE)


@cache
def revisions() -> dict[str, str]:
    """Every revision this version of the program knows → the one it builds on, "" for the first."""
    found = [dict(_LINE.findall(path.read_text("utf-8"))) for path in VERSIONS.glob("*.py")]
    return {row["revision"]: row.get("down_revision", "") for row in found}


@cache
def newest() -> str:
    """The revision that no other revision builds on."""
    (top,) = set(revisions()) - set(revisions().values())
    return top


def current(database: Database) -> str | None:
    """
    The revision a database is at; None before the first migration.

    Raises: StartError: the database does not answer.
    """
    try:
        with database.read() as connection:
            try:
                found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            except DBAPIError as error:
                if not _no_such_table(error):
                    raise
                return None
    except DBAPIError as error:
        why = str(error.orig).strip().splitlines()[0]
        raise StartError(
            f"The database does not answer ({why}): check ANTIN_DATABASE_URL and ANTIN_DATA_DIR.",
            vi=f"Cơ sở dữ liệu không trả lời ({why}): hãy kiểm tra ANTIN_DATABASE_URL và ANTIN_DATA_DIR.",
        ) from error
    return None if found is None else str(found)


def _no_such_table(error: DBAPIError) -> bool:
    """Whether it failed for that alone: by SQLSTATE, or by the words of SQLite, which has no code for it."""
    return getattr(error.orig, "sqlstate", None) == "42P01" or "no such table" in str(error.orig)


def is_current(database: Database) -> bool:
    """
    Whether nothing is left to migrate.

    A revision we do not know is a newer one: while versions are exchanged one by one, the old program goes on with the
    new schema (docs/runbooks/migrations.md).
    """
    at = current(database)
    return at is not None and (at == newest() or at not in revisions())


def require_current(database: Database) -> None:
    """Raises: StartError: the database must be migrated first."""
    if not is_current(database):
        at = current(database) or "–"
        raise StartError(
            f"The database is at revision {at}, this program needs {newest()}: run `antin migrate`.",
            vi=f"Cơ sở dữ liệu đang ở bản {at}, chương trình cần bản {newest()}: hãy chạy `antin migrate`.",
        )
