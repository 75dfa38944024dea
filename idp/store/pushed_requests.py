"""Authorization requests that clients have sent ahead. Only the hash of a request_uri is here."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

from base.ids import hash_secret
from idp.models import pushed_requests
from idp.protocol.request import PushedRequest

_ADD = insert(pushed_requests)
_FIND = select(
    pushed_requests.c.reference,
    pushed_requests.c.client_id,
    pushed_requests.c.parameters,
    pushed_requests.c.expires_at,
    pushed_requests.c.used_at,
).where(pushed_requests.c.reference == bindparam("hash"))
_USE = (
    update(pushed_requests)
    .where(pushed_requests.c.reference == bindparam("hash"), pushed_requests.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(pushed_requests.c.reference)
)


def add_pushed_request(
    connection: Connection, *, request_uri: str, client_id: str, parameters: Mapping[str, str], expires_at: int
) -> None:
    """Keep a judged request by the hash of its request_uri."""
    connection.execute(
        _ADD,
        {
            "reference": hash_secret(request_uri),
            "client_id": client_id,
            "parameters": orjson.dumps(dict(parameters), option=orjson.OPT_SORT_KEYS).decode(),
            "expires_at": expires_at,
        },
    )


def find_pushed_request(connection: Connection, unverified_request_uri: str) -> PushedRequest | None:
    """What a request_uri stands for, whatever its state."""
    row = connection.execute(_FIND, {"hash": hash_secret(unverified_request_uri)}).first()
    if row is None:
        return None
    return PushedRequest(
        row.reference, row.client_id, orjson.loads(row.parameters), row.expires_at, row.used_at is not None
    )


def use_pushed(connection: Connection, reference: str, now: int) -> bool:
    """
    Use a pushed request up. False: something was granted on it before.

    One conditional UPDATE inside the transaction that grants: of any number of tabs one gets a code.
    """
    return connection.execute(_USE, {"hash": reference, "now": now}).first() is not None
