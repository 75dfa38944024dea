"""Signing in at the desk: the official goes to the provider and comes back with a desk session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from base.audit import append
from base.ids import new_id, new_secret
from signing.errors import DeskRefused
from signing.events import DeskSessionStarted
from signing.flows import journey
from signing.services import SigningServices
from signing.store import desk_logins, desk_sessions
from signing.store.desk_logins import DeskLogin
from signing.store.desk_sessions import NewDeskSession
from signing.store.sealed import id_token_context


@dataclass(frozen=True, slots=True)
class Started:
    """A new session: the value of its cookie and how long it may last."""

    cookie: str
    max_age: int


def start_sign_in(services: SigningServices, browser: str, lang: str, *, other_account: bool = False) -> str:
    """The provider's address to send the browser to; `other_account` asks for a fresh sign-in."""
    with services.base.db.begin() as connection:
        state = journey.set_out(connection, services, browser, desk_logins.SIGN_IN)
    return journey.address(services, state, lang, {"prompt": "login"} if other_account else {})


def finish_sign_in(services: SigningServices, login: DeskLogin, parameters: Mapping[str, str]) -> Started:
    """
    Open a desk session for an official.

    Raises: DeskRefused("not_official"): the person holds no position; what journey.arrive() raises.
    """
    arrival = journey.arrive(services, login, parameters)
    if arrival.signer is None:
        raise DeskRefused(
            "not_official",
            vi="Tài khoản này không gắn với cơ quan và chức vụ nào nên không dùng được bàn ký.",
            en="This account is not linked to an organisation and a position, so it cannot use the signing desk.",
            status=403,
        )
    session_id, now = new_id("dsk"), services.base.clock.now()
    sid = arrival.claims.get("sid")
    new = NewDeskSession(
        id=session_id,
        secret=new_secret(),
        owner=str(arrival.claims["sub"]),
        sid=sid if isinstance(sid, str) else None,
        signer=arrival.signer,
        acr=str(arrival.claims.get("acr", ""))[:80],
        sealed_id_token=services.keys.seal(arrival.tokens.id_token.encode(), id_token_context(session_id)),
    )
    life = services.settings.desk_total_seconds
    with services.base.db.begin() as connection:
        desk_sessions.start(connection, new, now=now, expires_at=now + life)
        append(connection, services.base.clock, DeskSessionStarted(session_id, new.owner, new.acr))
    return Started(cookie=new.secret, max_age=life)
