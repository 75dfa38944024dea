"""
What hangs on a session or a consent and ends with it: grants, the services to tell, the state of telling them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, literal, or_, select, update

from base.outbox import outbox
from idp.models import consents, grants, session_clients, sessions


@dataclass(frozen=True, slots=True)
class SessionClient:
    """
    A service used in a session. sid: the claim it knows, "" where only another device was signed in there;
    sid_elsewhere: the claim for other devices, or None. delivery: outbox state of its logout notice, or None.
    """

    session_id: str
    client_id: str
    sid: str
    sid_elsewhere: str | None
    last_at: int
    delivery: str | None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as the account page lists it; times in epoch seconds."""

    id: str
    created_at: int
    last_seen_at: int
    expires_at: int
    ended_at: int | None
    network: str
    device: str


def revoke_grants_of_session(connection: Connection, session_id: str, now: int) -> None:
    """End every authorization of a session, except those that may go on while the person is away (offline_access)."""
    padded = literal(" ") + grants.c.scope + literal(" ")
    connection.execute(
        update(grants)
        .where(grants.c.session_id == session_id, grants.c.revoked_at.is_(None))
        .where(padded.not_like("% offline\\_access %", escape="\\"))
        .values(revoked_at=now)
    )


def revoke_grants_of_client(connection: Connection, user_id: str, client_id: str, now: int) -> int:
    """End every authorization a person gave a service, offline ones too. Returns how many."""
    ended = connection.execute(
        update(grants)
        .where(grants.c.user_id == user_id, grants.c.client_id == client_id, grants.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(grants.c.id)
    )
    return len(ended.all())


def revoke_everything_of(connection: Connection, client_id: str, now: int) -> int:
    """End every authorization and every consent of a service, whoever gave it. Returns how many authorizations."""
    connection.execute(
        update(consents)
        .where(consents.c.client_id == client_id, consents.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return revoke_grants_to(connection, client_id, now)


def revoke_grants_to(connection: Connection, client_id: str, now: int) -> int:
    """End every authorization a service has, and what others hold of them (token exchange). Returns how many."""
    ended = connection.execute(
        update(grants).where(grants.c.client_id == client_id, grants.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return ended.rowcount


def clients_of(connection: Connection, session_ids: list[str]) -> list[SessionClient]:
    """The services used in these sessions, latest first, with the state of their logout notice."""
    rows = connection.execute(
        select(
            session_clients.c.session_id,
            session_clients.c.client_id,
            session_clients.c.sid,
            session_clients.c.sid_elsewhere,
            session_clients.c.last_at,
            outbox.c.state,
        )
        .outerjoin(outbox, outbox.c.id == session_clients.c.logout_delivery)
        .where(session_clients.c.session_id.in_(session_ids))
        .order_by(session_clients.c.last_at.desc(), session_clients.c.client_id)
    )
    return [SessionClient(*row) for row in rows]


def note_delivery(connection: Connection, session_id: str, client_id: str, outbox_id: str) -> None:
    """Remember which outbox row tells this service."""
    connection.execute(
        update(session_clients)
        .where(session_clients.c.session_id == session_id, session_clients.c.client_id == client_id)
        .values(logout_delivery=outbox_id)
    )


def waiting_notices(connection: Connection, session_ids: Sequence[str], most: int) -> list[str]:
    """Outbox rows of these sessions' notices that nobody has tried to deliver yet."""
    rows = connection.execute(
        select(outbox.c.id)
        .join(session_clients, session_clients.c.logout_delivery == outbox.c.id)
        .where(session_clients.c.session_id.in_(session_ids), outbox.c.state == "due", outbox.c.attempts == 0)
        .limit(most)
    )
    return list(rows.scalars())


def session_of_sid(connection: Connection, client_id: str, sid: str) -> tuple[str, str] | None:
    """The session of the browser that a service calls by that `sid`, and its user id."""
    return _session_where(connection, client_id, session_clients.c.sid == sid) if sid else None


def approver_of_sid(connection: Connection, client_id: str, sid: str) -> tuple[str, str] | None:
    """The same, also by the `sid` of another device: then the session that approved it there."""
    named = or_(session_clients.c.sid == sid, session_clients.c.sid_elsewhere == sid)
    return _session_where(connection, client_id, named) if sid else None


def _session_where(connection: Connection, client_id: str, named: ColumnElement[bool]) -> tuple[str, str] | None:
    row = connection.execute(
        select(sessions.c.id, sessions.c.user_id)
        .join(session_clients, session_clients.c.session_id == sessions.c.id)
        .where(named, session_clients.c.client_id == client_id)
    ).first()
    return None if row is None else (row.id, row.user_id)


def sessions_of(connection: Connection, user_id: str, most: int = 50) -> list[SessionRow]:
    """The sessions of a person, newest first: living, expired and ended ones until they are deleted."""
    rows = connection.execute(
        select(
            sessions.c.id,
            sessions.c.created_at,
            sessions.c.last_seen_at,
            sessions.c.expires_at,
            sessions.c.ended_at,
            sessions.c.network,
            sessions.c.device,
        )
        .where(sessions.c.user_id == user_id)
        .order_by(sessions.c.created_at.desc(), sessions.c.id)
        .limit(most)
    )
    return [SessionRow(*row) for row in rows]
