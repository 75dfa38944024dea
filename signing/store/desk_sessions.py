"""Sessions of the desk: started after a sign-in at the provider, found by the hash of a cookie, ended at once."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from base.ids import hash_secret
from signing.models import desk_sessions

SEEN_EVERY_SECONDS = 60
_T = desk_sessions


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs, as the provider said: name, organisation and position at that time."""

    full_name: str
    organisation_code: str
    organisation_name: str
    position_title: str

    def as_text(self) -> str:
        """JSON for the database."""
        fields = (self.full_name, self.organisation_code, self.organisation_name, self.position_title)
        return orjson.dumps(fields).decode()


def read_signer(text: str) -> Signer:
    """The signer that `as_text()` wrote."""
    return Signer(*orjson.loads(text))


@dataclass(frozen=True, slots=True)
class DeskSession:
    """A live session of an official."""

    id: str
    owner: str
    signer: Signer
    acr: str
    sealed_id_token: bytes
    expires_at: int


@dataclass(frozen=True, slots=True)
class NewDeskSession:
    """What a sign-in brought."""

    id: str
    secret: str
    owner: str
    sid: str | None
    signer: Signer
    acr: str
    sealed_id_token: bytes


def start(connection: Connection, new: NewDeskSession, *, now: int, expires_at: int) -> None:
    """Add a session."""
    connection.execute(
        insert(_T),
        {
            "id": new.id,
            "secret_hash": hash_secret(new.secret),
            "owner": new.owner,
            "sid": new.sid,
            "full_name": new.signer.full_name,
            "organisation_code": new.signer.organisation_code,
            "organisation_name": new.signer.organisation_name,
            "position_title": new.signer.position_title,
            "acr": new.acr,
            "sealed_id_token": new.sealed_id_token,
            "created_at": now,
            "last_seen_at": now,
            "expires_at": expires_at,
        },
    )


def find_live(connection: Connection, secret: str, *, now: int, idle_seconds: int) -> DeskSession | None:
    """The session of a cookie, unless it ended, idled too long or grew too old."""
    row = connection.execute(
        select(_T).where(
            _T.c.secret_hash == hash_secret(secret),
            _T.c.ended_at.is_(None),
            _T.c.expires_at > now,
            _T.c.last_seen_at > now - idle_seconds,
        )
    ).first()
    if row is None:
        return None
    signer = Signer(row.full_name, row.organisation_code, row.organisation_name, row.position_title)
    return DeskSession(row.id, row.owner, signer, row.acr, row.sealed_id_token, row.expires_at)


def mark_seen(connection: Connection, session_id: str, *, now: int) -> None:
    """Move the time of the last request."""
    connection.execute(update(_T).where(_T.c.id == session_id).values(last_seen_at=now))


def seen_long_ago(connection: Connection, session_id: str, *, now: int) -> bool:
    """Whether `mark_seen` is due: at most one write a minute."""
    seen = connection.execute(select(_T.c.last_seen_at).where(_T.c.id == session_id)).scalar_one()
    return bool(seen <= now - SEEN_EVERY_SECONDS)


def end(connection: Connection, session_id: str, *, now: int) -> list[tuple[str, str]]:
    """End one session. Returns [(id, owner)], empty when it had ended."""
    return _end(connection, _T.c.id == session_id, now)


def end_by_sid(connection: Connection, sid: str, *, now: int) -> list[tuple[str, str]]:
    """End the sessions that stand on one session of the provider."""
    return _end(connection, _T.c.sid == sid, now)


def end_by_owner(connection: Connection, owner: str, *, now: int) -> list[tuple[str, str]]:
    """End every session of one person."""
    return _end(connection, _T.c.owner == owner, now)


def forget_before(connection: Connection, before: int, limit: int) -> None:
    """Delete sessions whose longest life ended before a moment."""
    old = select(_T.c.id).where(_T.c.expires_at < before).limit(limit)
    connection.execute(delete(_T).where(_T.c.id.in_(old)))


def _end(connection: Connection, which: object, now: int) -> list[tuple[str, str]]:
    rows = connection.execute(
        update(_T)
        .where(which, _T.c.ended_at.is_(None))  # type: ignore[arg-type]  # a column comparison
        .values(ended_at=now)
        .returning(_T.c.id, _T.c.owner)
    ).all()
    return [(row[0], row[1]) for row in rows]
