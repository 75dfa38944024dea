"""Authorization codes. Only their hashes are here, and a code is spent by one UPDATE before anything is minted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from base.ids import hash_secret
from idp.models import authorization_codes, grants, users
from idp.oauth.grants.base import Ticket
from idp.store.grants import GRANT_COLUMNS, authorization_of, is_live
from idp.store.refresh_tokens import as_new, followed_by_successor

_ADD = insert(authorization_codes)
_FIND = (
    select(
        authorization_codes.c.code_hash,
        authorization_codes.c.client_id,
        authorization_codes.c.redirect_uri,
        authorization_codes.c.code_challenge,
        authorization_codes.c.expires_at,
        authorization_codes.c.redeemed_at,
        authorization_codes.c.dpop_jkt,
        *GRANT_COLUMNS,
    )
    .join(grants, grants.c.id == authorization_codes.c.grant_id)
    .join(users, users.c.id == grants.c.user_id)
    .where(authorization_codes.c.code_hash == bindparam("code_hash"))
)
_REDEEM = (
    update(authorization_codes)
    .where(authorization_codes.c.code_hash == bindparam("hash"), authorization_codes.c.redeemed_at.is_(None))
    .values(redeemed_at=bindparam("now"))
    .returning(authorization_codes.c.grant_id)
)


_REDEEM_INTO = followed_by_successor(_REDEEM)


def code_row(
    *,
    code: str,
    client_id: str,
    redirect_uri: str,
    code_challenge: str | None,
    now: int,
    expires_at: int,
    dpop_jkt: str | None = None,
) -> dict[str, Any]:
    """What is stored of a fresh code, but for its grant: its hash, and what it will be compared with."""
    return {
        "code_hash": hash_secret(code),
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "code_challenge": code_challenge,
        "created_at": now,
        "expires_at": expires_at,
        "dpop_jkt": dpop_jkt,
    }


def add_code(connection: Connection, grant_id: str, row: Mapping[str, Any]) -> None:
    """Store a fresh code, as code_row() has it."""
    connection.execute(_ADD, {"grant_id": grant_id, **row})


def find_code(connection: Connection, unverified_code: str, now: int) -> Ticket | None:
    """The code with its grant and the standing of its person, in one query."""
    row = connection.execute(_FIND, {"code_hash": hash_secret(unverified_code)}).first()
    if row is None:
        return None
    return Ticket(
        secret_hash=row.code_hash,
        client_id=row.client_id,
        authorization=authorization_of(row, row.client_id),
        redirect_uri=row.redirect_uri,
        code_challenge=row.code_challenge,
        spent_at=row.redeemed_at,
        is_live=row.expires_at > now and is_live(row, now),
        dpop_jkt=row.dpop_jkt,
    )


def redeem(connection: Connection, code_hash: str, now: int) -> bool:
    """
    Spend a code. False: somebody was faster.

    One conditional UPDATE, not a look followed by a mark: of any number of parallel requests exactly one gets the row.
    """
    return connection.execute(_REDEEM, {"hash": code_hash, "now": now}).first() is not None


def redeem_into(connection: Connection, code_hash: str, now: int, row: Mapping[str, Any]) -> bool:
    """Spend a code and store the refresh token that follows it, by one statement. False: somebody was faster."""
    return connection.execute(_REDEEM_INTO, {"hash": code_hash, "now": now, **as_new(row)}).first() is not None
