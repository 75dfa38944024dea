"""Officials' own pictures of their handwritten signature."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, delete, insert, select, update

from signing.models import handwriting

_T = handwriting


def find(connection: Connection, owner: str) -> bytes | None:
    """The owner's PNG."""
    return connection.execute(select(_T.c.png).where(_T.c.owner == owner)).scalar_one_or_none()


def keep(connection: Connection, owner: str, png: bytes, *, now: int) -> str:
    """Store the owner's PNG in place of an older one. Returns its hexadecimal SHA-256."""
    values = {"png": png, "sha256": hashlib.sha256(png).hexdigest(), "updated_at": now}
    row = connection.execute(update(_T).where(_T.c.owner == owner).values(**values).returning(_T.c.owner)).first()
    if row is None:
        connection.execute(insert(_T), {"owner": owner, **values})
    return str(values["sha256"])


def drop(connection: Connection, owner: str) -> None:
    """Forget the owner's PNG."""
    connection.execute(delete(_T).where(_T.c.owner == owner))
