"""Registered relying parties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

from base.texts import Text
from base.versions import raise_version
from idp.models import clients
from idp.protocol.client import Client, client_from
from idp.protocol.registration import is_client_id
from idp.services import CLIENTS

_ALL = select(
    clients.c.client_id,
    clients.c.secret_hash,
    clients.c.metadata,
    clients.c.organisation_id,
    clients.c.purpose_vi,
    clients.c.purpose_en,
    clients.c.trusted,
    clients.c.disabled_at,
)
_ONE = _ALL.where(clients.c.client_id == bindparam("client_id"))
_DISABLE = (
    update(clients)
    .where(clients.c.client_id == bindparam("id"), clients.c.disabled_at.is_(None))
    .values(disabled_at=bindparam("now"))
    .returning(clients.c.client_id)
)


def load_client(connection: Connection, client_id: str) -> Client | None:
    """
    The client of that identifier; None when there is none.

    Strangers name clients, and not every string may be asked for: PostgreSQL takes no NUL, and neither database half
    of a surrogate pair. What could not have been registered is not looked for.
    """
    if not is_client_id(client_id):
        return None
    row = connection.execute(_ONE, {"client_id": client_id}).first()
    return None if row is None else _client(row)


def list_clients(connection: Connection) -> list[Client]:
    """Every client, by identifier."""
    return [_client(row) for row in connection.execute(_ALL.order_by(clients.c.client_id))]


def redirect_uris_of_all(connection: Connection, most: int) -> list[str] | None:
    """The redirect addresses of every client in use; None when there are more than `most` clients."""
    living = select(clients.c.metadata).where(clients.c.disabled_at.is_(None)).limit(most + 1)
    rows = list(connection.execute(living).scalars())
    if len(rows) > most:
        return None
    return [uri for row in rows for uri in orjson.loads(row).get("redirect_uris", ())]


def add_client(
    connection: Connection,
    metadata: Mapping[str, Any],
    *,
    secret_hash: str | None,
    organisation_id: str | None,
    purpose: Text,
    trusted: bool,
    now: int,
) -> None:
    """Add validated metadata as a client and tell every process. Raises: IntegrityError: the identifier is taken."""
    connection.execute(
        insert(clients),
        {
            "client_id": metadata["client_id"],
            "secret_hash": secret_hash,
            "metadata": orjson.dumps(dict(metadata), option=orjson.OPT_SORT_KEYS).decode(),
            "organisation_id": organisation_id,
            "purpose_vi": purpose.vi,
            "purpose_en": purpose.en,
            "trusted": trusted,
            "created_at": now,
        },
    )
    raise_version(connection, CLIENTS)


def set_disabled(connection: Connection, client_id: str, now: int) -> bool:
    """Disable a client and tell every process. False: there is none, or it is disabled already."""
    done = connection.execute(_DISABLE, {"id": client_id, "now": now}).first()
    if done is None:
        return False
    raise_version(connection, CLIENTS)
    return True


def _client(row: Any) -> Client:
    return client_from(
        orjson.loads(row.metadata),
        secret_hash=row.secret_hash,
        organisation_id=row.organisation_id,
        purpose=Text(row.purpose_vi, row.purpose_en or row.purpose_vi),
        trusted=row.trusted,
        disabled=row.disabled_at is not None,
    )
