"""
What a demo service stores, in its own database: sign-ins under way, sessions, logout notices seen, and its own records.

A session is looked up by the hash of its cookie. It is kept for a while after it has ended, so that the next page
can say who ended it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, Text, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from base.ids import hash_secret, new_secret

SESSION_SECONDS = 8 * 3600
IDLE_SECONDS = 30 * 60
REMEMBER_ENDED_SECONDS = 24 * 3600
BY_PROVIDER, BY_USER, BY_TIME = "provider", "user", "time"

schema = MetaData()
login_states = Table(
    "login_states",
    schema,
    Column("state_hash", String(43), primary_key=True),
    Column("browser", String(43), nullable=False),
    Column("data", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
sessions = Table(
    "sessions",
    schema,
    Column("id_hash", String(43), primary_key=True),
    Column("sub", String(255), nullable=False, index=True),
    Column("sid", String(255), nullable=False, index=True),
    Column("claims", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", String(10), nullable=False),
)
seen_logouts = Table(
    "seen_logouts",
    schema,
    Column("jti_hash", String(43), primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
)
records = Table(
    "records",
    schema,
    Column("id", String(40), primary_key=True),
    Column("sub", String(255), nullable=False, index=True),
    Column("code", String(40), nullable=False, unique=True),
    Column("data", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class ServiceSession:
    """One sign-in at this service; `ended_by` is empty while it lives."""

    id_hash: str
    sub: str
    sid: str
    claims: Mapping[str, Any]
    token: Mapping[str, Any]
    ended_by: str


def start_session(connection: Connection, now: int, *, claims: Mapping[str, Any], token: Mapping[str, Any]) -> str:
    """Start a session and forget the long ended. Returns the secret for the cookie."""
    connection.execute(delete(sessions).where(sessions.c.created_at < now - SESSION_SECONDS - REMEMBER_ENDED_SECONDS))
    secret = new_secret()
    connection.execute(
        insert(sessions),
        {
            "id_hash": hash_secret(secret),
            "sub": claims["sub"],
            "sid": claims.get("sid", ""),
            "claims": orjson.dumps(dict(claims)).decode(),
            "token": orjson.dumps(dict(token)).decode(),
            "created_at": now,
            "last_seen_at": now,
            "ended_by": "",
        },
    )
    return secret


def find_session(connection: Connection, now: int, secret: str | None) -> ServiceSession | None:
    """The session of a cookie, living or ended; None for no cookie or an unknown one."""
    if not secret:
        return None
    row = connection.execute(select(sessions).where(sessions.c.id_hash == hash_secret(secret))).mappings().first()
    if row is None:
        return None
    ended_by = row["ended_by"]
    if not ended_by and (now - row["last_seen_at"] > IDLE_SECONDS or now - row["created_at"] > SESSION_SECONDS):
        ended_by = BY_TIME
    claims, token = orjson.loads(row["claims"]), orjson.loads(row["token"])
    return ServiceSession(row["id_hash"], row["sub"], row["sid"], claims, token, ended_by)


def touch_session(connection: Connection, now: int, id_hash: str) -> None:
    """Note that the session is in use."""
    connection.execute(update(sessions).where(sessions.c.id_hash == id_hash).values(last_seen_at=now))


def find_token(connection: Connection, id_hash: str) -> dict[str, Any]:
    """The tokens of a session as they are now; empty when it has ended."""
    found = connection.execute(select(sessions.c.token).where(sessions.c.id_hash == id_hash)).scalar()
    return dict(orjson.loads(found or "{}"))


def keep_token(connection: Connection, id_hash: str, token: Mapping[str, Any]) -> None:
    """Put a refreshed token in place of the old one."""
    connection.execute(
        update(sessions)
        .where(sessions.c.id_hash == id_hash, sessions.c.ended_at.is_(None))
        .values(token=orjson.dumps(dict(token)).decode())
    )


def end_session(connection: Connection, now: int, id_hash: str, by: str) -> None:
    """End one session and drop its tokens."""
    connection.execute(
        update(sessions)
        .where(sessions.c.id_hash == id_hash, sessions.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=by, token="{}")
    )


def end_by_notice(
    connection: Connection, now: int, *, jti: str, expires_at: int, sid: str | None, sub: str | None
) -> int | None:
    """
    End the sessions a logout notice means, once. Returns how many ended; None when this notice was seen before.

    With a sid only that provider session's; with a sub alone all of that person's.
    Source: OpenID Connect Back-Channel Logout 1.0 §2.6, §2.7.
    """
    connection.execute(delete(seen_logouts).where(seen_logouts.c.expires_at < now))
    try:
        with connection.begin_nested():
            connection.execute(insert(seen_logouts), {"jti_hash": hash_secret(jti), "expires_at": expires_at})
    except IntegrityError:
        return None
    statement = update(sessions).where(sessions.c.ended_at.is_(None))
    if sid is not None:
        statement = statement.where(sessions.c.sid == sid)
    if sub is not None:
        statement = statement.where(sessions.c.sub == sub)
    return connection.execute(statement.values(ended_at=now, ended_by=BY_PROVIDER, token="{}")).rowcount


def add_record(
    connection: Connection, now: int, *, record_id: str, sub: str, code: str, data: Mapping[str, str]
) -> None:
    """Store a dossier or an appointment of a person."""
    connection.execute(
        insert(records),
        {"id": record_id, "sub": sub, "code": code, "data": orjson.dumps(dict(data)).decode(), "created_at": now},
    )


def records_of(connection: Connection, sub: str) -> list[dict[str, Any]]:
    """A person's records, newest first: code, created_at, and the fields of its data."""
    rows = connection.execute(
        select(records).where(records.c.sub == sub).order_by(records.c.created_at.desc(), records.c.code.desc())
    ).mappings()
    return [{"code": row["code"], "created_at": row["created_at"], **orjson.loads(row["data"])} for row in rows]
