"""Refresh tokens. Only hashes are here; each is spent by one UPDATE, together with the INSERT of its successor."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select, update

from base.ids import hash_secret
from idp.models import grants, refresh_tokens, users
from idp.oauth.grants.base import Ticket
from idp.store.grants import GRANT_COLUMNS, authorization_of, is_live

_ADD = insert(refresh_tokens)
_FIND = (
    select(
        refresh_tokens.c.token_hash,
        refresh_tokens.c.client_id,
        refresh_tokens.c.expires_at,
        refresh_tokens.c.used_at,
        refresh_tokens.c.dpop_jkt,
        refresh_tokens.c.x5t,
        refresh_tokens.c.used_by,
        *GRANT_COLUMNS,
    )
    .join(grants, grants.c.id == refresh_tokens.c.grant_id)
    .join(users, users.c.id == grants.c.user_id)
    .where(refresh_tokens.c.token_hash == bindparam("token_hash"))
)
_SPEND = (
    update(refresh_tokens)
    .where(refresh_tokens.c.token_hash == bindparam("hash"), refresh_tokens.c.used_at.is_(None))
    .values(used_at=bindparam("now"), used_by=bindparam("used_by"))
    .returning(refresh_tokens.c.grant_id)
)


def add_refresh_token(
    connection: Connection,
    *,
    token: str,
    grant_id: str,
    client_id: str,
    now: int,
    expires_at: int,
    dpop_jkt: str | None = None,
    x5t: str | None = None,
) -> None:
    """Store a fresh refresh token by its hash."""
    connection.execute(
        _ADD,
        {
            "token_hash": hash_secret(token),
            "grant_id": grant_id,
            "client_id": client_id,
            "created_at": now,
            "expires_at": expires_at,
            "dpop_jkt": dpop_jkt,
            "x5t": x5t,
        },
    )


def find_refresh_token(connection: Connection, unverified_token: str, now: int) -> Ticket | None:
    """The token with its grant and the standing of its person, in one query."""
    row = connection.execute(_FIND, {"token_hash": hash_secret(unverified_token)}).first()
    if row is None:
        return None
    return Ticket(
        secret_hash=row.token_hash,
        client_id=row.client_id,
        authorization=authorization_of(row, row.client_id),
        redirect_uri=None,
        code_challenge=None,
        spent_at=row.used_at,
        is_live=row.expires_at > now and is_live(row, now),
        expires_at=row.expires_at,
        dpop_jkt=row.dpop_jkt,
        x5t=row.x5t,
        spent_by=row.used_by,
    )


def spend(connection: Connection, token_hash: str, now: int, used_by: str | None = None) -> bool:
    """Spend a refresh token; used_by: what its sender holds. False: somebody was faster."""
    return connection.execute(_SPEND, {"hash": token_hash, "now": now, "used_by": used_by}).first() is not None
