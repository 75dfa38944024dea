"""The agencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from idp.models import organisations


@dataclass(frozen=True, slots=True)
class Organisation:
    """An agency: its identification code (Decision 20/2020), names, and the agency above it."""

    id: str
    code: str
    name_vi: str
    name_en: str
    parent_id: str | None


_COLUMNS = select(
    organisations.c.id,
    organisations.c.code,
    organisations.c.name_vi,
    organisations.c.name_en,
    organisations.c.parent_id,
)


def by_code(connection: Connection, code: str) -> Organisation | None:
    """The agency with that code."""
    row = connection.execute(_COLUMNS.where(organisations.c.code == code)).first()
    return None if row is None else Organisation(*row)


def by_id(connection: Connection, organisation_id: str) -> Organisation | None:
    """The agency with that internal id."""
    row = connection.execute(_COLUMNS.where(organisations.c.id == organisation_id)).first()
    return None if row is None else Organisation(*row)


def add_organisation(connection: Connection, row: Mapping[str, Any]) -> None:
    """Insert an agency. Raises: IntegrityError: the code is taken."""
    connection.execute(insert(organisations), dict(row))
