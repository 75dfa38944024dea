"""Rows of `key_activations`: what was spent."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from keys.lifecycle.activation import ActivationFacts
from keys.models import key_activations


def spend(connection: Connection, facts: ActivationFacts, *, now: int) -> None:
    """
    Use up an activation for one document, by a single insert.

    There is no look beforehand: between a look and an insert two requests can both see 'unspent'
    (tests/contract/test_activation_race.py shows it). Raises: IntegrityError: it was spent before.
    """
    connection.execute(
        insert(key_activations),
        {
            "jti": facts.jti,
            "digest": facts.document_digest,
            "handle": facts.handle,
            "spent_at": now,
            "expires_at": facts.expires_at,
        },
    )


def reap(connection: Connection, before: int, *, most: int) -> int:
    """Delete up to `most` rows whose token expired before the moment. Returns how many."""
    table = key_activations
    old = connection.execute(select(table.c.jti, table.c.digest).where(table.c.expires_at < before).limit(most)).all()
    for jti, digest in old:
        connection.execute(delete(table).where(table.c.jti == jti, table.c.digest == digest))
    return len(old)
