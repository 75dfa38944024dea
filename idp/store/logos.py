"""Logos of services, drawn anew by us (oauth/logo_image.py)."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from base.versions import raise_version
from idp.models import client_logos as table
from idp.services import CLIENTS


def put_logo(connection: Connection, client_id: str, digest: str, image: bytes) -> None:
    """Put a logo in the place of the one before, and tell every process. Raises: IntegrityError: no such client."""
    remove_logo(connection, client_id)
    connection.execute(insert(table), {"client_id": client_id, "digest": digest, "image": image})


def remove_logo(connection: Connection, client_id: str) -> None:
    """Forget a logo."""
    connection.execute(delete(table).where(table.c.client_id == client_id))
    raise_version(connection, CLIENTS)


def logo_of_digest(connection: Connection, digest: str) -> bytes | None:
    """The image at one of our addresses."""
    found: bytes | None = connection.execute(select(table.c.image).where(table.c.digest == digest).limit(1)).scalar()
    return found
