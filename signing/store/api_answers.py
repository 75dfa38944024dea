"""What an application was answered under an Idempotency-Key, and DPoP proofs that were used: unique inserts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from base.ids import hash_secret
from signing.models import api_answers, api_proofs

_T = api_answers


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """fingerprint: SHA-256 of the question, hexadecimal; status, location and body of the answer."""

    fingerprint: str
    status: int
    location: str
    body: str


def keep(connection: Connection, client_id: str, key: str, answer: KeptAnswer, *, expires_at: int) -> None:
    """
    Keep an answer in the transaction of the act it is about.

    Raises: IntegrityError: the key was used before; the caller's whole transaction must then be undone.
    """
    connection.execute(
        insert(_T),
        {
            "key_hash": _key_hash(client_id, key),
            "fingerprint": answer.fingerprint,
            "status": answer.status,
            "location": answer.location,
            "body": answer.body,
            "expires_at": expires_at,
        },
    )


def find(connection: Connection, client_id: str, key: str, now: int) -> KeptAnswer | None:
    """The answer under this key of this application."""
    query = select(_T).where(_T.c.key_hash == _key_hash(client_id, key), _T.c.expires_at > now)
    row = connection.execute(query).first()
    return KeptAnswer(row.fingerprint, row.status, row.location, row.body) if row else None


def forget_key(connection: Connection, client_id: str, key: str, now: int) -> None:
    """Delete an answer whose time is over, so that its key can be used again."""
    connection.execute(delete(_T).where(_T.c.key_hash == _key_hash(client_id, key), _T.c.expires_at <= now))


def spend_proof(connection: Connection, identifier: str, *, expires_at: int) -> bool:
    """Remember a DPoP proof; False when it was seen before."""
    try:
        with connection.begin_nested():
            connection.execute(insert(api_proofs), {"jti_hash": hash_secret(identifier), "expires_at": expires_at})
    except IntegrityError:
        return False
    return True


def forget_before(connection: Connection, now: int, limit: int) -> None:
    """Delete answers and proofs whose time is over."""
    for column in (_T.c.key_hash, api_proofs.c.jti_hash):
        old = select(column).where(column.table.c.expires_at < now).limit(limit)
        connection.execute(delete(column.table).where(column.in_(old)))


def _key_hash(client_id: str, key: str) -> str:
    return hash_secret(f"{client_id}\0{key}")
