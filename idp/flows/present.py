"""
Who is there when a request is decided: a living session, and what its person allows the service.

Mostly it is read for the request. Somebody whose password was right a moment ago is there already, and her session is
written together with what is granted in it: one round trip and one commit, where each had its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from base.metrics import SIGN_INS
from idp.flows.sign_in import Proven, SignedIn, sign_in
from idp.services import IdpServices
from idp.store.consents import Consent
from idp.store.sessions import SessionFacts, live_session_and_consent
from idp.store.signing_in import Opening, begin, begin_with_next


class Beginning:
    """
    The session of somebody whose password was right. signed_in: what her browser is told of it.

    Where it only begins, on PostgreSQL, it waits for what is written next (travel); in all other cases it is written
    here. Whoever makes one calls finish() before he answers.
    """

    def __init__(self, services: IdpServices, proven: Proven) -> None:
        self._services = services
        self._opening: Opening | None = None
        self.present: Present | None = None
        if services.base.db.is_sqlite or not proven.only_begins:
            self.signed_in: SignedIn = sign_in(services, proven)
            return
        self._opening, self.signed_in = proven.opening(services)
        self.present = Present(_facts_of(self._opening, proven), proven.facts.consent, self)

    def travel(self, connection: Connection) -> None:
        """Have it written together with the next statement on this connection, unless it is there; then arrived()."""
        if self._opening is not None:
            begin_with_next(connection, self._services.base.clock, self._opening)

    def arrived(self) -> None:
        """It was written."""
        if self._opening is not None:
            self._opening = None
            SIGN_INS.labels("succeeded").inc()

    def finish(self) -> None:
        """Write it now, unless it is there."""
        if self._opening is not None:
            with self._services.base.db.once() as connection:
                begin(connection, self._services.base.clock, self._opening)
            self.arrived()


@dataclass(frozen=True, slots=True)
class Present:
    """The session; the standing consent for this client; beginning: who it is that just signed in, else None."""

    session: SessionFacts | None
    consent: Consent | None
    beginning: Beginning | None = None


def gather_present(services: IdpServices, session_cookie: str | None, client_id: str) -> Present:
    """Session and consent, in one SELECT."""
    if not session_cookie:
        return Present(None, None)
    with services.base.db.read() as connection:
        found = live_session_and_consent(connection, services.base.clock, services.settings, session_cookie, client_id)
    return Present(*found)


def _facts_of(opening: Opening, proven: Proven) -> SessionFacts:
    """The session as it will be read."""
    row = opening.session
    return SessionFacts(
        id=row["id"],
        user_id=row["user_id"],
        username=proven.facts.username,
        full_name=proven.facts.full_name,
        factors=proven.factors,
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
