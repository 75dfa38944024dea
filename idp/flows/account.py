"""What a person sees of her own account, and what she can end there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import urlencode

from base import audit
from base.texts import Text
from idp.events import ConsentRevoked
from idp.protocol.claims import CLAIM_TEXTS, claims_of_scopes
from idp.protocol.client import Client
from idp.protocol.person_claims import PersonRecord, personal_claims
from idp.protocol.registration import is_client_id
from idp.services import IdpServices
from idp.store import consents, endings, users
from idp.store.endings import SessionClient, SessionRow
from idp.store.users import Profile


@dataclass(frozen=True, slots=True)
class UsedService:
    """
    A service used in a session. delivery: due, delivered or failed once its logout was sent; "browser": it hears of it
    through the browser alone; "": it cannot be told.
    """

    client_id: str
    title: Text
    last_at: int
    delivery: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """One sign-in; state is current, live, idle (too long unused or too old) or ended."""

    row: SessionRow
    state: str
    services: tuple[UsedService, ...]


@dataclass(frozen=True, slots=True)
class ConnectedService:
    """
    A service with a standing consent: what it may receive of what is on record, since when, when last used.

    opens: where a sign-in to it can be begun from here, "" where it offers none (OpenID Connect Core §4).
    """

    client_id: str
    title: Text
    purpose: Text
    attributes: tuple[Text, ...]
    offline: bool
    granted_at: int
    last_at: int | None
    opens: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """The whole account page."""

    profile: Profile
    sessions: tuple[SessionView, ...]
    connected: tuple[ConnectedService, ...]

    @property
    def live_count(self) -> int:
        return sum(session.state in ("current", "live") for session in self.sessions)


def account_of(services: IdpServices, user_id: str, current_session_id: str) -> AccountView:
    """Gather the account page."""
    now = services.base.clock.now()
    with services.base.db.read() as connection:
        profile = users.profile(connection, user_id, now)
        rows = endings.sessions_of(connection, user_id)
        used = endings.clients_of(connection, [row.id for row in rows])
        given = consents.granted_by(connection, user_id)
    by_session: dict[str, list[SessionClient]] = defaultdict(list)
    last_used: dict[str, int] = {}
    for item in used:
        by_session[item.session_id].append(item)
        last_used[item.client_id] = max(item.last_at, last_used.get(item.client_id, 0))
    sessions = tuple(
        SessionView(
            row=row,
            state=_state(services, row, current_session_id, now),
            services=tuple(used_service(services, item) for item in by_session[row.id]),
        )
        for row in rows
    )
    connected = tuple(
        _connected(services, consent, profile.record, last_used.get(consent.client_id)) for consent in given
    )
    return AccountView(profile, sessions, connected)


def revoke_service(services: IdpServices, user_id: str, client_id: str) -> bool:
    """Take the consent for one service back and end its authorizations. False: there was nothing to take back."""
    clock = services.base.clock
    if not is_client_id(client_id):
        return False
    with services.base.db.begin() as connection:
        taken = consents.revoke(connection, user_id, client_id, clock.now())
        ended = endings.revoke_grants_of_client(connection, user_id, client_id, clock.now())
        if not taken and not ended:
            return False
        audit.append(connection, clock, ConsentRevoked(user_id, client_id, ended))
    return True


def service_title(client: Client | None, client_id: str) -> Text:
    """The name of a service, also when it was removed since."""
    return client.title if client is not None else Text(f"Dịch vụ {client_id}", f"Service {client_id}")


def _state(services: IdpServices, row: SessionRow, current: str, now: int) -> str:
    if row.ended_at is not None and row.ended_at < row.expires_at:
        return "ended"
    if (
        row.ended_at is not None
        or row.expires_at <= now
        or row.last_seen_at < now - services.settings.session_idle_seconds
    ):
        return "idle"
    return "current" if row.id == current else "live"


def used_service(services: IdpServices, item: SessionClient) -> UsedService:
    """A service of a session as pages show it."""
    client = services.clients.get(item.client_id)
    otherwise = "browser" if client is not None and client.frontchannel_logout_uri else ""
    title = service_title(client, item.client_id)
    return UsedService(item.client_id, title, item.last_at, item.delivery or otherwise)


def _connected(
    services: IdpServices, consent: consents.Consent, record: PersonRecord, last_at: int | None
) -> ConnectedService:
    client = services.clients.get(consent.client_id)
    allowed = claims_of_scopes(consent.scope) | consent.claims
    names = personal_claims(record, (name for name in CLAIM_TEXTS if name in allowed))
    return ConnectedService(
        client_id=consent.client_id,
        title=service_title(client, consent.client_id),
        purpose=client.purpose if client else Text("", ""),
        attributes=tuple(CLAIM_TEXTS[name] for name in names if not name.endswith("_verified")),
        offline="offline_access" in consent.scope,
        granted_at=consent.granted_at,
        last_at=last_at,
        opens=_opens(services, client),
    )


def _opens(services: IdpServices, client: Client | None) -> str:
    """The service's own address that begins a sign-in, told which provider is meant. Source: OpenID Connect Core §4."""
    if client is None or client.disabled or client.initiate_login_uri is None:
        return ""
    joint = "&" if "?" in client.initiate_login_uri else "?"
    return f"{client.initiate_login_uri}{joint}{urlencode({'iss': services.issuer})}"
