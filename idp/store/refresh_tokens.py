"""Refresh tokens. Only hashes are here; each is spent by one UPDATE, together with the INSERT of its successor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

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


_SUCCESSOR = ("token_hash", "grant_id", "client_id", "created_at", "expires_at", "dpop_jkt", "x5t")


def followed_by_successor(spending: ReturningUpdate[str]) -> ReturningInsert[str]:
    """
    One statement of two: the UPDATE that spends a ticket, and the INSERT of what follows it, which has a row to insert
    only where the UPDATE had one to spend. For PostgreSQL; three round trips fewer than a transaction. The values of
    the new row are bound as `new_…` (as_new), so that the UPDATE does not take them for its own.
    """
    spent = spending.cte("spent")
    given = [bindparam(f"new_{name}", type_=refresh_tokens.c[name].type) for name in _SUCCESSOR if name != "grant_id"]
    return (
        insert(refresh_tokens)
        .from_select(list(_SUCCESSOR), select(given[0], spent.c.grant_id, *given[1:]))
        .returning(refresh_tokens.c.grant_id)
    )


_SPEND_INTO = followed_by_successor(_SPEND)


def successor_row(
    *, token: str, client_id: str, now: int, expires_at: int, dpop_jkt: str | None = None, x5t: str | None = None
) -> dict[str, Any]:
    """What is stored of a fresh refresh token, but for its grant."""
    return {
        "token_hash": hash_secret(token),
        "client_id": client_id,
        "created_at": now,
        "expires_at": expires_at,
        "dpop_jkt": dpop_jkt,
        "x5t": x5t,
    }


def as_new(row: Mapping[str, Any]) -> dict[str, Any]:
    """The values of successor_row() as followed_by_successor() binds them."""
    return {f"new_{name}": value for name, value in row.items()}


def add_refresh_token(connection: Connection, *, grant_id: str, **values: Any) -> None:
    """Store a fresh refresh token by its hash; values as successor_row() takes them."""
    connection.execute(_ADD, {"grant_id": grant_id, **successor_row(**values)})


def spend_into(connection: Connection, token_hash: str, now: int, used_by: str | None, row: Mapping[str, Any]) -> bool:
    """Spend a refresh token and store its successor, by one statement. False: somebody was faster."""
    values = {"hash": token_hash, "now": now, "used_by": used_by, **as_new(row)}
    return connection.execute(_SPEND_INTO, values).first() is not None


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
