"""Whether a database is at the newest revision; cheap enough for every start and every readiness check."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from base.db import Database

VERSIONS = Path(__file__).parent / "versions"
_LINE = re.compile(r"^(revision|down_revision)(?::[^=]+)? = (?:\"([^\"]+)\"|None)", re.MULTILINE)


@cache
def newest() -> str:
    """The revision that no other revision builds on."""
    found = [dict(_LINE.findall(path.read_text("utf-8"))) for path in VERSIONS.glob("*.py")]
    below = {row["down_revision"] for row in found}
    (top,) = (str(row["revision"]) for row in found if row["revision"] not in below)
    return top


def current(database: Database) -> str | None:
    """The revision a database is at; None before the first migration."""
    try:
        with database.read() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return None if found is None else str(found)
    except DBAPIError:  # no such table, or no database: upgrading will tell the two apart
        return None


def is_current(database: Database) -> bool:
    """Whether nothing is left to migrate."""
    return current(database) == newest()
