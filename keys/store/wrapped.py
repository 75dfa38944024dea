"""Rows of `wrapped_secrets`: the root secret and, while one master key replaces another, both of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, or_, select

from keys.models import wrapped_secrets

ROOT, NEXT, LAST = "root", "next", "last"


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A row."""

    kind: str
    name: str
    under: str
    sealed: bytes


_COLUMNS = (
    wrapped_secrets.c.kind,
    wrapped_secrets.c.name,
    wrapped_secrets.c.under,
    wrapped_secrets.c.sealed,
)


def add(connection: Connection, row: Wrapped, *, now: int) -> None:
    """Raises: IntegrityError: it is there already."""
    values = {"kind": row.kind, "name": row.name, "under": row.under, "sealed": row.sealed, "created_at": now}
    connection.execute(insert(wrapped_secrets), values)


def roots(connection: Connection) -> list[Wrapped]:
    """The root secret, once for each master key it is sealed under."""
    return _rows(connection, ROOT)


def replacements(connection: Connection) -> list[Wrapped]:
    """The master keys of a replacement that is under way."""
    return [*_rows(connection, NEXT), *_rows(connection, LAST)]


def forget(connection: Connection, *, old: str) -> bool:
    """End a replacement: the old master key opens nothing any more. Whether this call did it."""
    taken = delete(wrapped_secrets).where(
        or_(
            wrapped_secrets.c.kind.in_((NEXT, LAST)),
            (wrapped_secrets.c.kind == ROOT) & (wrapped_secrets.c.under == old),
        )
    )
    return connection.execute(taken).rowcount > 0


def _rows(connection: Connection, kind: str) -> list[Wrapped]:
    wanted = select(*_COLUMNS).where(wrapped_secrets.c.kind == kind)
    return [
        Wrapped(*row) for row in connection.execute(wanted.order_by(wrapped_secrets.c.name, wrapped_secrets.c.under))
    ]
