"""Registered relying parties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from base.texts import Text
from base.versions import raise_version
from idp.models import client_logos, clients
from idp.protocol.client import Client, client_from
from idp.protocol.endpoints import LOGO
from idp.protocol.registration import is_client_id
from idp.protocol.registration_policies import is_unverified
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
    clients.c.policy,
    clients.c.document_until,
    client_logos.c.digest.label("logo_digest"),
)
_ALL = _ALL.outerjoin(client_logos, client_logos.c.client_id == clients.c.client_id).where(
    clients.c.deleted_at.is_(None)
)
_ONE = _ALL.where(clients.c.client_id == bindparam("client_id"))
_DISABLE = (
    update(clients)
    .where(clients.c.client_id == bindparam("id"), clients.c.disabled_at.is_(None))
    .values(disabled_at=bindparam("now"))
    .returning(clients.c.client_id)
)
_MANAGED = select(
    clients.c.metadata, clients.c.secret_hash, clients.c.organisation_id, clients.c.policy, clients.c.created_at
).where(
    clients.c.client_id == bindparam("client_id"),
    clients.c.registration_token_hash == bindparam("token_hash"),
    clients.c.deleted_at.is_(None),
    clients.c.disabled_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Registered:
    """How a client came by HTTP. by: token or open; policy: its name; token_hash: of what will manage it."""

    by: str
    policy: str
    token_hash: str


@dataclass(frozen=True, slots=True)
class ManagedClient:
    """A client as its own management sees it (RFC 7592); created_at: epoch seconds."""

    metadata: dict[str, Any]
    secret_hash: str | None
    organisation_id: str | None
    policy: str
    created_at: int


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
    registered: Registered | None = None,
) -> None:
    """Add validated metadata as a client and tell every process. Raises: IntegrityError: the identifier is taken."""
    connection.execute(
        insert(clients),
        {
            "client_id": metadata["client_id"],
            "secret_hash": secret_hash,
            "metadata": _encoded(metadata),
            "organisation_id": organisation_id,
            "purpose_vi": purpose.vi,
            "purpose_en": purpose.en,
            "trusted": trusted,
            "created_at": now,
            "registered_by": registered.by if registered else None,
            "policy": registered.policy if registered else None,
            "registration_token_hash": registered.token_hash if registered else None,
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


def managed_client(connection: Connection, client_id: str, token_hash: str) -> ManagedClient | None:
    """The client of that identifier if that token manages it: token and client are looked up together, never apart."""
    row = connection.execute(_MANAGED, {"client_id": client_id, "token_hash": token_hash}).first()
    if row is None:
        return None
    return ManagedClient(
        metadata=orjson.loads(row.metadata),
        secret_hash=row.secret_hash,
        organisation_id=row.organisation_id,
        policy=row.policy,
        created_at=row.created_at,
    )


def replace_client(
    connection: Connection,
    metadata: Mapping[str, Any],
    *,
    secret_hash: str | None,
    token_hash: str,
    new_token_hash: str,
) -> bool:
    """Write new metadata and a new token in place of the token at hand. False: that token does not count any more."""
    moved = connection.execute(
        update(clients)
        .where(*_managed_by(metadata["client_id"], token_hash))
        .values(metadata=_encoded(metadata), secret_hash=secret_hash, registration_token_hash=new_token_hash)
        .returning(clients.c.client_id)
    ).first()
    if moved is not None:
        raise_version(connection, CLIENTS)
    return moved is not None


def delete_client(connection: Connection, client_id: str, token_hash: str, now: int) -> bool:
    """
    Take a client out of use for good, by the token that manages it. False: that token does not count any more.

    Everything checks the client it serves, so nothing of it counts from here on; the row itself goes when nothing hangs
    on it any more (reaper.py).
    """
    gone = connection.execute(
        update(clients)
        .where(*_managed_by(client_id, token_hash))
        .values(deleted_at=now, registration_token_hash=None, secret_hash=None)
        .returning(clients.c.client_id)
    ).first()
    if gone is not None:
        raise_version(connection, CLIENTS)
    return gone is not None


def put_document(
    connection: Connection, metadata: Mapping[str, Any], *, policy: str, until: int, now: int
) -> dict[str, Any] | None:
    """
    Write what a client's document says. Returns what it said before, None where it was not known (or forgotten).

    Raises:  IntegrityError: two processes learnt of it in the same moment; the other one has written it.
    """
    client_id, table = metadata["client_id"], clients
    mine = (table.c.client_id == client_id, table.c.registered_by == "document")
    before = connection.execute(select(table.c.metadata, table.c.deleted_at).where(*mine)).first()
    values = {"metadata": _encoded(metadata), "policy": policy, "document_until": until, "deleted_at": None}
    if before is None:
        fresh = {"client_id": client_id, "registered_by": "document", "trusted": False, "created_at": now}
        connection.execute(insert(table), {**values, **fresh})
    else:
        connection.execute(update(table).where(*mine).values(**values))
    raise_version(connection, CLIENTS)
    return orjson.loads(before.metadata) if before is not None and before.deleted_at is None else None


def _managed_by(client_id: str, token_hash: str) -> tuple[ColumnElement[bool], ...]:
    columns = clients.c
    return (
        columns.client_id == client_id,
        columns.registration_token_hash == token_hash,
        columns.deleted_at.is_(None),
        columns.disabled_at.is_(None),
    )


def _encoded(metadata: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(metadata), option=orjson.OPT_SORT_KEYS).decode()


def _client(row: Any) -> Client:
    return client_from(
        orjson.loads(row.metadata),
        secret_hash=row.secret_hash,
        organisation_id=row.organisation_id,
        purpose=Text(row.purpose_vi, row.purpose_en or row.purpose_vi),
        trusted=row.trusted,
        disabled=row.disabled_at is not None,
        unverified=is_unverified(row.policy),
        logo=f"{LOGO}/{row.logo_digest}.png" if row.logo_digest else "",
        document_until=row.document_until or 0,
    )
