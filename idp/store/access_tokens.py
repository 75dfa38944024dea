"""Opaque access tokens. Only their hashes are here, with the claims they stand for; one is revoked by deleting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select

from base.ids import hash_secret
from idp.models import access_tokens, grants, users
from idp.store.grants import is_live

_ADD = insert(access_tokens)
_FIND = (
    select(
        access_tokens.c.claims,
        access_tokens.c.grant_id,
        grants.c.revoked_at,
        grants.c.expires_at.label("grant_expires_at"),
        users.c.status,
    )
    .select_from(access_tokens)
    .outerjoin(grants, grants.c.id == access_tokens.c.grant_id)
    .outerjoin(users, users.c.id == grants.c.user_id)
    .where(access_tokens.c.token_hash == bindparam("token_hash"), access_tokens.c.expires_at > bindparam("now"))
)
_DELETE = (
    delete(access_tokens).where(access_tokens.c.token_hash == bindparam("hash")).returning(access_tokens.c.token_hash)
)


def add_access_token(connection: Connection, token: str, claims: Mapping[str, Any]) -> None:
    """Keep what a fresh token stands for: the very claims its JWT would hold."""
    connection.execute(
        _ADD,
        {
            "token_hash": hash_secret(token),
            "grant_id": claims.get("gid"),
            "claims": orjson.dumps(dict(claims), option=orjson.OPT_SORT_KEYS).decode(),
            "expires_at": claims["exp"],
        },
    )


def find_access_token(connection: Connection, unverified_token: str, now: int) -> dict[str, Any] | None:
    """The claims of a token that still counts, in one query: it is in its time, and so is what it came from."""
    row = connection.execute(_FIND, {"token_hash": hash_secret(unverified_token), "now": now}).first()
    if row is None or (row.grant_id is not None and not is_live(row, now)):
        return None
    claims: dict[str, Any] = orjson.loads(row.claims)
    return claims


def delete_access_token(connection: Connection, token: str) -> bool:
    """Revoke a token. False: it was gone before."""
    return connection.execute(_DELETE, {"hash": hash_secret(token)}).first() is not None
