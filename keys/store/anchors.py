"""Rows of `trust_anchors`."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from keys.models import trust_anchors

ANCHORS_CHANNEL = "trust-anchors"
"""The counter that moves when an anchor comes or goes (base/versions.py)."""


def everything(connection: Connection) -> list[tuple[str, bytes]]:
    """Domain and certificate (DER) of every anchor, by domain, oldest first."""
    order = (trust_anchors.c.domain, trust_anchors.c.added_at, trust_anchors.c.sha256)
    wanted = select(trust_anchors.c.domain, trust_anchors.c.der).order_by(*order)
    return [(row.domain, row.der) for row in connection.execute(wanted)]


def add(connection: Connection, *, sha256: str, domain: str, der: bytes, now: int) -> None:
    """Raises: IntegrityError: it is an anchor already."""
    connection.execute(insert(trust_anchors), {"sha256": sha256, "domain": domain, "der": der, "added_at": now})


def remove(connection: Connection, sha256: str) -> str | None:
    """The domain it was an anchor of; None: it was none."""
    gone = delete(trust_anchors).where(trust_anchors.c.sha256 == sha256).returning(trust_anchors.c.domain)
    row = connection.execute(gone).first()
    return None if row is None else str(row.domain)
