"""
Consent: what a service asks for is shown with its values, and the person says yes or no.

The page belongs to one browser and one request (the `tx`, checked by flows/interactions.py) and to one person: if
another account signs in meanwhile in another tab, the form that is still open no longer counts.
"""

from __future__ import annotations

import hmac

from sqlalchemy.exc import IntegrityError

from base import audit
from base.ids import letters_of
from idp.events import ConsentDenied, ConsentGranted
from idp.flows.interactions import ConsentRequest
from idp.protocol.interaction import Interaction
from idp.services import IdpServices
from idp.store import consents
from idp.store.sessions import SessionFacts


def addressee(services: IdpServices, session: SessionFacts, interaction: Interaction) -> str:
    """What the form carries so that only the person it was shown to can answer it."""
    mac = services.keys.mac("idp.consent", session.user_id, interaction.id)
    return letters_of(mac)


def is_addressee(services: IdpServices, session: SessionFacts, interaction: Interaction, given: str) -> bool:
    """Whether the form was shown to the person who is signed in now."""
    return hmac.compare_digest(addressee(services, session, interaction).encode(), given.encode())


def allow(
    services: IdpServices, session: SessionFacts, interaction: Interaction, request: ConsentRequest
) -> Interaction:
    """
    Record the consent. Sent twice it has one effect: a consent that this same request has already given is left alone.

    Returns: the interaction with this person's consent in it, and nobody else's.
    """
    try:
        _allow(services, session, interaction, request)
    except IntegrityError:  # the same first consent was written in the same moment; now it is there
        _allow(services, session, interaction, request)
    return interaction.approved(addressee(services, session, interaction))


def _allow(services: IdpServices, session: SessionFacts, interaction: Interaction, request: ConsentRequest) -> None:
    clock, client_id = services.base.clock, request.client.client_id
    with services.base.db.begin() as connection:
        before = consents.granted(connection, session.user_id, client_id)
        covered = before is not None and before.covers(request.scope, request.claims)
        if before is not None and covered and before.granted_at >= interaction.started_at:
            return
        consents.grant(connection, session.user_id, client_id, request.scope, request.claims, clock.now())
        event = ConsentGranted(session.user_id, client_id, sorted(request.scope), sorted(request.claims))
        audit.append(connection, clock, event)


def deny(services: IdpServices, session: SessionFacts, request: ConsentRequest) -> None:
    """Record the refusal; a consent given earlier stays as it is."""
    with services.base.db.begin() as connection:
        audit.append(connection, services.base.clock, ConsentDenied(session.user_id, request.client.client_id))
