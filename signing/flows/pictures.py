"""The picture of an official's handwritten signature: their own, or a drawn one."""

from __future__ import annotations

from functools import lru_cache

from base.audit import append
from signing.events import HandwritingChanged
from signing.preview.handwriting import admit_picture, draw_picture
from signing.services import SigningServices
from signing.store import pictures
from signing.store.desk_sessions import DeskSession


def picture_of(services: SigningServices, owner: str, full_name: str) -> bytes:
    """PNG, blue on transparent."""
    with services.base.db.read() as connection:
        own = pictures.find(connection, owner)
    return own if own is not None else _drawn(full_name)


def has_own_picture(services: SigningServices, owner: str) -> bool:
    """Whether the official uploaded a picture."""
    with services.base.db.read() as connection:
        return pictures.find(connection, owner) is not None


def change_picture(services: SigningServices, session: DeskSession, upload: bytes) -> None:
    """Keep a picture of the official's own. Raises: SigningError("bad_picture")."""
    png = admit_picture(upload)
    with services.base.db.begin() as connection:
        digest = pictures.keep(connection, session.owner, png, now=services.base.clock.now())
        append(connection, services.base.clock, HandwritingChanged(session.owner, digest))


def drop_picture(services: SigningServices, session: DeskSession) -> None:
    """Back to the drawn one."""
    with services.base.db.begin() as connection:
        pictures.drop(connection, session.owner)
        append(connection, services.base.clock, HandwritingChanged(session.owner, ""))


@lru_cache(maxsize=200)
def _drawn(full_name: str) -> bytes:
    return draw_picture(full_name)
