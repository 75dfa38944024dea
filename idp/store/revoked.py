"""Access tokens revoked before their time, and identifiers that may be used once."""

from __future__ import annotations

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from base.ids import hash_secret
from idp.models import revoked_tokens, spent_identifiers

_REVOKE = insert(revoked_tokens)
_SPEND = insert(spent_identifiers)


class AlreadySpent(Exception):
    """It was there before. Raised out of the transaction, which is rolled back by it."""


def revoke_token(connection: Connection, jti: str, expires_at: int) -> None:
    """Remember a revoked access token until it would have expired anyway. Raises: AlreadySpent: revoked before."""
    try:
        connection.execute(_REVOKE, {"jti": jti, "expires_at": expires_at})
    except IntegrityError as error:
        raise AlreadySpent(jti) from error


def spend_identifier(connection: Connection, kind: str, identifier: str, expires_at: int) -> None:
    """
    Use something up that may be used once.

    kind keeps the name spaces apart; the row stays until expires_at, after which the thing itself must have expired.
    The unique key decides between any number of parallel attempts, in every process and after a restart.

    Raises:  AlreadySpent.
    """
    key = hash_secret(f"{kind}\0{identifier}")
    try:
        connection.execute(_SPEND, {"key": key, "expires_at": expires_at})
    except IntegrityError as error:
        raise AlreadySpent(kind) from error
