"""
Fetching the logo of a service: once, by the worker, after its registration. Browsers get it from us alone, so no
service learns from its logo who is looking at our pages; a logo that cannot be had is done without.

Source: OpenID Connect Registration §2 (logo_uri), §9.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from base.errors import AntinError
from base.ids import letters_of
from base.outbox import Payload, enqueue
from idp.oauth.logo_image import NotAnImage, as_logo
from idp.services import IdpServices
from idp.store.logos import put_logo, remove_logo

CLIENT_LOGO = "client_logo"
"""Kind of the outbox row."""
MOST_BYTES = 512 * 1024


class LogoNotThere(AntinError):
    """The address answered with something else than a document; it will be tried again."""


def want_logo(
    connection: Connection, services: IdpServices, valid: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    """In the transaction of a registration: have its logo fetched. before: the metadata that are replaced."""
    client_id, address = valid["client_id"], valid.get("logo_uri")
    if before is not None:
        if before.get("logo_uri") == address:
            return
        remove_logo(connection, client_id)
    if address is not None:
        enqueue(connection, services.base.clock, CLIENT_LOGO, {"client_id": client_id, "logo_uri": address})


def fetch_logo(services: IdpServices, payload: Payload) -> None:
    """
    Reads payload: client_id, logo_uri. A client that has another logo by now, or is gone, is done with; so is a file
    that is no picture.

    Raises:  LogoNotThere, OutboundRefused: the outbox tries again.
    """
    client = services.clients.get(payload["client_id"])
    if client is None or client.logo_uri != payload["logo_uri"]:
        return
    answer = services.base.http.get(payload["logo_uri"], headers={"Accept": "image/png, image/jpeg, image/webp"})
    if answer.status != 200:
        raise LogoNotThere("logo_not_there", en=f"The address answered {answer.status}.")
    try:
        image = as_logo(answer.body) if len(answer.body) <= MOST_BYTES else b""
    except NotAnImage:
        image = b""
    if not image:
        return
    digest = letters_of(hashlib.sha256(image).digest())
    try:
        with services.base.db.begin() as connection:
            put_logo(connection, client.client_id, digest, image)
    except IntegrityError:  # the client was deleted, or the same logo written, in the same moment
        return
