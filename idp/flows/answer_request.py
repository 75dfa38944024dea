"""
The person's answer to a request from another device.

allow, in one transaction:

1. Add the grant, in a session that is still living.
2. Write the answer: one conditional UPDATE. Whoever comes second has written nothing.
3. Remember the consent, so that the account page lists the service and can take it back.
4. Note the service in the session, and queue the ping of a service that wants one.
5. Record it: last, because the audit head is locked from here to the commit.
"""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from base import audit
from base.outbox import enqueue
from idp.events import ConsentDenied, ConsentGranted, DeferredAnswered
from idp.flows.deferred_requests import Asked, RequestOver
from idp.flows.grant_authorization import authorization_for, granted_event
from idp.services import IdpServices
from idp.store import consents
from idp.store.deferred_requests import decide
from idp.store.grants import add_grant, note_elsewhere
from idp.store.sessions import SessionFacts

CIBA_PING = "ciba_ping"
"""Kind of the outbox row; delivered by idp/flows/ping_client.py."""


def allow(services: IdpServices, session: SessionFacts, asked: Asked) -> None:
    """Raises: RequestOver: answered before, expired, or the session ended a moment ago; nothing was written then."""
    try:
        _allow(services, session, asked)
    except IntegrityError:  # the same first consent was written in the same moment; now it is there
        _allow(services, session, asked)


def _allow(services: IdpServices, session: SessionFacts, asked: Asked) -> None:
    clock, request, client = services.base.clock, asked.request, asked.request.client
    now = clock.now()
    authorization = authorization_for(services, request, session, now, elsewhere=True)
    with services.base.db.begin() as connection:
        if not add_grant(connection, authorization, now):
            raise RequestOver
        _decide(connection, services, session, asked, authorization.id)
        consents.grant(connection, session.user_id, client.client_id, request.scope, asked.consent.claims, now)
        note_elsewhere(connection, session.id, client.client_id, authorization.proof.sid or "", now)
        claims = sorted(asked.consent.claims)
        consented = ConsentGranted(session.user_id, client.client_id, sorted(request.scope), claims)
        for event in (granted_event(authorization), consented, _answered(session, asked, "allowed")):
            audit.append(connection, clock, event)


def deny(services: IdpServices, session: SessionFacts, asked: Asked) -> None:
    """Raises: RequestOver: answered before, or expired."""
    with services.base.db.begin() as connection:
        _decide(connection, services, session, asked, None)
        audit.append(connection, services.base.clock, ConsentDenied(session.user_id, asked.stored.client_id))
        audit.append(connection, services.base.clock, _answered(session, asked, "denied"))


def _decide(
    connection: Connection, services: IdpServices, session: SessionFacts, asked: Asked, grant_id: str | None
) -> None:
    now = services.base.clock.now()
    notice = decide(connection, asked.stored.id, user_id=session.user_id, grant_id=grant_id, now=now)
    if notice is None:
        raise RequestOver
    if notice:
        enqueue(connection, services.base.clock, CIBA_PING, {"request_id": asked.stored.id})


def _answered(session: SessionFacts, asked: Asked, result: str) -> DeferredAnswered:
    stored = asked.stored
    return DeferredAnswered(stored.id, stored.client_id, session.user_id, stored.kind, result)
