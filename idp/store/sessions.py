"""
Server-side sessions. The browser holds a random secret, we hold its hash; everything else stays here.

A session lives while it is used (idle limit) and never longer than its total; both are checked in the one SELECT that
finds it, together with the person's status, so that disabling an account ends its sessions at once.
Source: NIST SP 800-63B-4 §5.1-5.2; OWASP ASVS 5.0 §7.2-7.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Select, and_, bindparam, insert, or_, select, update

from base.clock import Clock
from base.ids import hash_secret, new_id, new_secret
from idp.models import consents, sessions, users
from idp.settings import IdpSettings
from idp.store.consents import ONE_CONSENT, Consent, consent_in, standing
from idp.store.users import ACTIVE

SESSION_COOKIE = "antin_session"
"""Base name; the wire name comes from base.web.cookies.cookie_name."""
SEEN_EVERY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """
    A living session.

    factors: the ledger, RFC 8176 method → when it was last proven; all times in epoch seconds.
    """

    id: str
    user_id: str
    username: str
    full_name: str
    factors: Mapping[str, int]
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sign-in came from, in the words the account page shows."""

    network: str
    device: str


_LIVE = (
    select(
        sessions.c.id,
        sessions.c.user_id,
        users.c.username,
        users.c.full_name,
        sessions.c.factors,
        sessions.c.created_at,
        sessions.c.expires_at,
        sessions.c.last_seen_at,
    )
    .join(users, users.c.id == sessions.c.user_id)
    .where(
        and_(
            sessions.c.secret_hash == bindparam("secret_hash"),
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > bindparam("now"),
            sessions.c.last_seen_at >= bindparam("seen_since"),
            users.c.status == ACTIVE,
        )
    )
)
_LIVE_AND_CONSENT = _LIVE.add_columns(*ONE_CONSENT).outerjoin(consents, standing(sessions.c.user_id))
_ADD = insert(sessions)
_SEEN = (
    update(sessions)
    .where(sessions.c.id == bindparam("session_id"), sessions.c.last_seen_at < bindparam("at"))
    .values(last_seen_at=bindparam("at"))
)


def live_session(
    connection: Connection, clock: Clock, settings: IdpSettings, cookie_value: str | None
) -> SessionFacts | None:
    """
    The session of a cookie, None when there is none, it ended, or its person is disabled.

    The time it was last seen is moved at most once a minute, so that most requests only read.
    """
    row = _found(connection, clock, settings, cookie_value, _LIVE)
    return None if row is None else _facts(row)


def live_session_and_consent(
    connection: Connection, clock: Clock, settings: IdpSettings, cookie_value: str | None, client_id: str
) -> tuple[SessionFacts | None, Consent | None]:
    """The same, and what its person has allowed this client, in the same query."""
    row = _found(connection, clock, settings, cookie_value, _LIVE_AND_CONSENT, client_id=client_id)
    return (None, None) if row is None else (_facts(row), consent_in(row))


def _found(
    connection: Connection,
    clock: Clock,
    settings: IdpSettings,
    cookie_value: str | None,
    query: Select[Any],
    **values: str,
) -> Any:
    if not cookie_value:
        return None
    now = clock.now()
    seen_since = now - settings.session_idle_seconds
    values["secret_hash"] = hash_secret(cookie_value)
    row = connection.execute(query, {**values, "now": now, "seen_since": seen_since}).first()
    if row is not None and now - row.last_seen_at >= SEEN_EVERY_SECONDS:
        connection.execute(_SEEN, {"session_id": row.id, "at": now})
    return row


def _facts(row: Any) -> SessionFacts:
    return SessionFacts(
        id=row.id,
        user_id=row.user_id,
        username=row.username,
        full_name=row.full_name,
        factors=orjson.loads(row.factors),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def start_session(
    connection: Connection,
    clock: Clock,
    settings: IdpSettings,
    *,
    user_id: str,
    factors: Mapping[str, int],
    place: Place,
) -> tuple[str, str]:
    """
    Begin a session. Returns its id and the value of the cookie.

    The value is always made here: one that a browser brought along is never taken over (session fixation).
    """
    row, cookie_value = new_session(clock, settings, user_id=user_id, factors=factors, place=place)
    add_session(connection, row)
    return str(row["id"]), cookie_value


def new_session(
    clock: Clock, settings: IdpSettings, *, user_id: str, factors: Mapping[str, int], place: Place
) -> tuple[dict[str, Any], str]:
    """The row of a session that begins now, and the value of its cookie."""
    cookie_value, now = new_secret(), clock.now()
    row = {
        "id": new_id("ses"),
        "secret_hash": hash_secret(cookie_value),
        "user_id": user_id,
        "factors": _ledger(factors),
        "created_at": now,
        "last_seen_at": now,
        "expires_at": now + settings.session_total_seconds,
        "network": place.network[:64],
        "device": place.device[:200],
    }
    return row, cookie_value


def add_session(connection: Connection, row: Mapping[str, Any]) -> None:
    """Store a session, as new_session() has it."""
    connection.execute(_ADD, dict(row))


def add_factors(
    connection: Connection, clock: Clock, settings: IdpSettings, session_id: str, proven: Mapping[str, int]
) -> str | None:
    """
    Enter new proofs in the ledger of a living session and change its secret. Returns the new cookie value.

    None: the session ended meanwhile. A fresh password, being a full new sign-in, also restarts the total time.
    The row is locked while the ledger is read, so that two step-ups at once do not lose one another's entry.
    """
    row = connection.execute(
        select(sessions.c.factors, sessions.c.expires_at)
        .where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
        .with_for_update()
    ).first()
    if row is None:
        return None
    cookie_value, now = new_secret(), clock.now()
    connection.execute(
        update(sessions)
        .where(sessions.c.id == session_id)
        .values(
            secret_hash=hash_secret(cookie_value),
            factors=_ledger({**orjson.loads(row.factors), **proven}),
            last_seen_at=now,
            expires_at=now + settings.session_total_seconds if "pwd" in proven else row.expires_at,
        )
    )
    return cookie_value


def end_session(connection: Connection, session_id: str, now: int) -> str | None:
    """Mark a session as ended. Returns its user id; None when it had ended before. Alone it tells nobody: see flows."""
    return connection.execute(
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
        .values(ended_at=now)
        .returning(sessions.c.user_id)
    ).scalar()


def live_ids(connection: Connection, user_id: str) -> list[str]:
    """The sessions of a person that have not been ended, in a fixed order."""
    living = select(sessions.c.id).where(sessions.c.user_id == user_id, sessions.c.ended_at.is_(None))
    rows = connection.execute(living.order_by(sessions.c.id))
    return list(rows.scalars())


def expired_ids(connection: Connection, now: int, seen_before: int, most: int) -> list[str]:
    """
    Sessions that nobody ended but whose time is over, in a fixed order.

    seen_before: also those last seen before that moment (epoch seconds); 0: none of them.
    """
    over = or_(sessions.c.expires_at <= now, sessions.c.last_seen_at < seen_before)
    found = select(sessions.c.id).where(sessions.c.ended_at.is_(None), over).order_by(sessions.c.id).limit(most)
    return list(connection.execute(found).scalars())


def _ledger(factors: Mapping[str, int]) -> str:
    return orjson.dumps(dict(factors), option=orjson.OPT_SORT_KEYS).decode()
