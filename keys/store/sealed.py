"""Sealed values of any package: found by the master key they name, and replaced one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_, literal, select, tuple_, update

from keys.handles import SealedColumn
from keys.models import keys
from keys.store.keys import ALGORITHM_OF

Row = Mapping[str, Any]


def stored_context(row: Row) -> str:
    """What a key's row is sealed for; every back end does it in this form (tests/contract/test_reseal.py)."""
    return f"keys.{row['backend']}|{row['handle']}|{ALGORITHM_OF[row['algorithm']]}"


SEALED = (SealedColumn(keys, "stored", stored_context),)


def sealed_rows(connection: Connection, sealed: SealedColumn, after: Row | None, *, most: int) -> list[Row]:
    """Rows that hold a value, in the order of their key, after that one."""
    table, column = sealed.table, sealed.table.c[sealed.column]
    key = list(table.primary_key.columns)
    wanted = select(table).where(column.is_not(None)).order_by(*key).limit(most)
    if after is not None:
        wanted = wanted.where(tuple_(*key) > tuple_(*(literal(after[one.name], one.type) for one in key)))
    return [dict(row) for row in connection.execute(wanted).mappings()]


def replace(connection: Connection, sealed: SealedColumn, row: Row, new: bytes) -> bool:
    """Whether the value was still what `row` says and is now the new one; whoever changed it meanwhile has won."""
    table, column = sealed.table, sealed.table.c[sealed.column]
    mine = and_(*(one == row[one.name] for one in table.primary_key.columns), column == row[sealed.column])
    return connection.execute(update(table).where(mine).values({sealed.column: new})).rowcount == 1
