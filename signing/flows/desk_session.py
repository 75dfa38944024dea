"""A desk session from request to request, and its three ends: the official's, the provider's, and time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from base.audit import append
from base.errors import AntinError
from signing.errors import DeskRefused
from signing.events import DeskSessionEnded, LogoutTokenRefused
from signing.flows import provider
from signing.services import SigningServices
from signing.store import desk_logins, desk_sessions
from signing.store.desk_sessions import DeskSession
from signing.store.sealed import id_token_context

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TOKEN_SECONDS = 300


def current_session(services: SigningServices, cookie: str | None) -> DeskSession | None:
    """The live session of a cookie; its last use is noted at most once a minute."""
    if not cookie or len(cookie) > 100:
        return None
    now = services.base.clock.now()
    with services.base.db.read() as connection:
        session = desk_sessions.find_live(connection, cookie, now=now, idle_seconds=services.settings.desk_idle_seconds)
        due = session is not None and desk_sessions.seen_long_ago(connection, session.id, now=now)
    if session is not None and due:
        with services.base.db.begin() as connection:
            desk_sessions.mark_seen(connection, session.id, now=now)
    return session


def sign_out(services: SigningServices, session: DeskSession) -> str:
    """
    End the session here. Returns the provider's address that ends it there too.

    Source: OpenID Connect RP-Initiated Logout 1.0 §2.
    """
    now = services.base.clock.now()
    with services.base.db.begin() as connection:
        for session_id, owner in desk_sessions.end(connection, session.id, now=now):
            append(connection, services.base.clock, DeskSessionEnded(session_id, owner, "own"))
    id_token = services.keys.unseal(session.sealed_id_token, id_token_context(session.id)).decode()
    parameters = {
        "id_token_hint": id_token,
        "client_id": services.settings.desk_client_id,
        "post_logout_redirect_uri": services.audience,
    }
    return f"{provider.endpoint(services, 'end_session_endpoint')}?{urlencode(parameters)}"


def receive_logout_token(services: SigningServices, token: str) -> int:
    """
    End the sessions a back-channel logout token names. Returns how many ended.

    Raises: DeskRefused("logout_token_refused"): not a valid logout token, or seen before; the refusal is audited.
    Source: OpenID Connect Back-Channel Logout 1.0 §2.6.
    """
    try:
        claims = provider.verify_with_provider_keys(services, token, "logout+jwt")
        sid, sub = _judge_logout(claims, services.base.clock.now())
    except AntinError as error:
        if error.code == "provider_unreachable":
            raise
        reason = error.debug or error.code
        with services.base.db.begin() as connection:
            append(connection, services.base.clock, LogoutTokenRefused(reason[:40]))
        raise _bad_logout(reason) from error
    return _end_sessions(services, claims, sid, sub)


def _end_sessions(services: SigningServices, claims: Mapping[str, Any], sid: str | None, sub: str | None) -> int:
    now = services.base.clock.now()
    with services.base.db.begin() as connection:
        fresh = desk_logins.spend_logout_token(connection, claims["jti"], expires_at=now + 2 * LOGOUT_TOKEN_SECONDS)
        ended: list[tuple[str, str]] = []
        if fresh and sid:
            ended = desk_sessions.end_by_sid(connection, sid, now=now)
        elif fresh and sub:
            ended = desk_sessions.end_by_owner(connection, sub, now=now)
        for session_id, owner in ended:
            append(connection, services.base.clock, DeskSessionEnded(session_id, owner, "provider"))
        if not fresh:
            append(connection, services.base.clock, LogoutTokenRefused("replayed"))
    if not fresh:
        raise _bad_logout("replayed")
    return len(ended)


def _judge_logout(claims: Mapping[str, Any], now: int) -> tuple[str | None, str | None]:
    """The claims of §2.4 beyond signature, iss, aud and exp. Returns (sid, sub)."""
    events = claims.get("events")
    sid, sub, jti, iat = claims.get("sid"), claims.get("sub"), claims.get("jti"), claims.get("iat")
    if not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT_EVENT), Mapping):
        raise _bad_logout("events")
    if "nonce" in claims:
        raise _bad_logout("nonce")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 200:
        raise _bad_logout("jti")
    if not isinstance(iat, int) or abs(now - iat) > LOGOUT_TOKEN_SECONDS:
        raise _bad_logout("iat")
    sid, sub = sid if isinstance(sid, str) else None, sub if isinstance(sub, str) else None
    if not sid and not sub:
        raise _bad_logout("sid_or_sub")
    return sid, sub


def _bad_logout(reason: str) -> DeskRefused:
    return DeskRefused("logout_token_refused", en="The logout token is not valid.", hint=reason, debug=reason)
