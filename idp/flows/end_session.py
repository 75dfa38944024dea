"""
Ending sessions, in whatever way: one transaction marks the session, ends its authorizations, writes one outbox row for
each service that must be told, and records it. What is not in the outbox would be a logout that silently never arrives.

Source: OpenID Connect Back-Channel Logout 1.0 §2.3-2.5 and §2.7; OWASP ASVS 5.0 §7.4.
"""

from __future__ import annotations

from sqlalchemy import Connection

from base import audit
from base.outbox import enqueue
from idp.events import SessionEnded
from idp.services import IdpServices
from idp.store import endings, sessions

BACKCHANNEL_LOGOUT = "backchannel_logout"
"""Kind of the outbox row; delivered by idp/flows/logout_delivery.py."""
EXPIRED_BATCH = 50


def end_session(services: IdpServices, session_id: str, reason: str) -> bool:
    """End one session. False: it had ended before."""
    return _end(services, reason, only=session_id, user_id=None) > 0


def end_own(services: IdpServices, user_id: str, session_id: str, reason: str) -> bool:
    """End one session if it is this person's. False: it is not, or it had ended."""
    return _end(services, reason, only=session_id, user_id=user_id) > 0


def end_all(services: IdpServices, user_id: str, reason: str) -> int:
    """End every session of a person, in one transaction. Returns how many ended."""
    return _end(services, reason, only=None, user_id=user_id)


def end_expired(services: IdpServices) -> int:
    """
    End one batch of sessions whose time is over, so that their services are told. Returns how many were looked at.

    Sessions that were only not used here for a while go on at the services until their total time, unless
    `end_idle_sessions` is set: somebody who works in a service all day does not come by here.
    """
    clock, settings = services.base.clock, services.settings
    now = clock.now()
    seen_before = now - settings.session_idle_seconds if settings.end_idle_sessions else 0
    with services.base.db.read() as connection:
        found = sessions.expired_ids(connection, now, seen_before, EXPIRED_BATCH)
    if found:
        with services.base.db.begin() as connection:
            events = [end_within(connection, services, session_id, "expired") for session_id in found]
            for event in events:
                if event is not None:
                    audit.append(connection, clock, event)
    return len(found)


def _end(services: IdpServices, reason: str, *, only: str | None, user_id: str | None) -> int:
    with services.base.db.begin() as connection:
        owned = sessions.live_ids(connection, user_id) if user_id is not None else None
        chosen = [item for item in (owned if owned is not None else [only]) if item and only in (None, item)]
        events = [end_within(connection, services, session_id, reason) for session_id in chosen]
        ended = [event for event in events if event is not None]
        for event in ended:
            audit.append(connection, services.base.clock, event)
    return len(ended)


def end_others_within(
    connection: Connection, services: IdpServices, user_id: str, reason: str, *, keep: str = ""
) -> list[SessionEnded]:
    """Every session of a person but the one to keep, inside the caller's transaction; the caller appends the events."""
    others = [one for one in sessions.live_ids(connection, user_id) if one != keep]
    return [event for one in others if (event := end_within(connection, services, one, reason))]


def end_within(connection: Connection, services: IdpServices, session_id: str, reason: str) -> SessionEnded | None:
    """
    The same inside the caller's transaction; None: it had ended before.

    Returns the event, which the caller appends when everything else is written: the audit head is locked by the first
    append, and whoever then still waits for a session row could wait for somebody who waits for the head.

    1. Mark it: of two requests at once, one gets the row and does the rest.
    2. End its authorizations.
    3. One outbox row for each service with a back channel, and for each `sid` by which it knows the session.
    """
    clock = services.base.clock
    user_id = sessions.end_session(connection, session_id, clock.now())
    if user_id is None:
        return None
    endings.revoke_grants_of_session(connection, session_id, clock.now())
    told = 0
    for used in endings.clients_of(connection, [session_id]):
        client = services.clients.get(used.client_id)
        if client is None or not client.backchannel_logout_uri:
            continue
        for sid in filter(None, (used.sid_elsewhere, used.sid)):  # the page shows the state of the last
            payload = {"client_id": used.client_id, "sid": sid, "user_id": user_id}
            outbox_id = enqueue(connection, clock, BACKCHANNEL_LOGOUT, payload)
            endings.note_delivery(connection, session_id, used.client_id, outbox_id)
        told += 1
    return SessionEnded(user_id, session_id, reason, told)
