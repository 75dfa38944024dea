"""
Telling a service that a session ended. The token is made at delivery, not when the session ended, because it lives for
two minutes and the service may be down for longer.

Source: OpenID Connect Back-Channel Logout 1.0 §2.4-2.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from base.errors import AntinError
from base.ids import new_id
from base.outbox import MOST_AT_ONCE, Payload, Worker
from idp.flows.end_session import BACKCHANNEL_LOGOUT
from idp.flows.protect import protect
from idp.oauth.subjects import subject_for
from idp.protocol.client import Client
from idp.services import IdpServices
from idp.store import endings
from keys.api import TokenType

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_LIFETIME_SECONDS = 120
LONGEST_WAIT_SECONDS = 1.5


class LogoutNotTaken(AntinError):
    """The service did not accept the logout token; it will be tried again."""


def deliver_logout(services: IdpServices, payload: Payload) -> None:
    """
    Post one logout token. Reads payload: client_id, sid, user_id.

    Raises: LogoutNotTaken, OutboundRefused, OAuthError (it has no key to encrypt for): not delivered; the outbox tries
            again.
    A client that was removed, or has no back channel any more, is nobody to tell: the row counts as delivered.
    """
    client = services.clients.get(payload["client_id"])
    if client is None or not client.backchannel_logout_uri:
        return
    token = protect(
        services,
        client,
        logout_claims(services, client, sid=payload["sid"], user_id=payload["user_id"]),
        message="id_token",
        typ=TokenType.LOGOUT,
        alg=client.id_token_alg,
    )
    answer = services.base.http.post(client.backchannel_logout_uri, {"logout_token": token})
    if answer.status not in (200, 204):
        raise LogoutNotTaken(f"answered_{answer.status}", en=f"The service answered {answer.status}.")


def tell_now(services: IdpServices, session_ids: Sequence[str]) -> None:
    """
    Tell the services of sessions that a person just ended, side by side, before she is sent on.

    She waits for `logout_wait_seconds` at most, whatever the services do; the outbox sees to the rest.
    """
    if not session_ids:
        return
    with services.base.db.read() as connection:
        waiting = endings.waiting_notices(connection, session_ids, MOST_AT_ONCE)
    handlers = {BACKCHANNEL_LOGOUT: partial(deliver_logout, services)}
    wait = min(services.settings.logout_wait_seconds, LONGEST_WAIT_SECONDS)
    Worker(services.base.db, services.base.clock, handlers).deliver_now(waiting, wait)


def logout_claims(services: IdpServices, client: Client, *, sid: str, user_id: str) -> dict[str, Any]:
    """The claims of a logout token. It must never hold a nonce, so that it cannot pass for an ID token (§2.4)."""
    now = services.base.clock.now()
    return {
        "iss": services.issuer,
        "aud": client.client_id,
        "iat": now,
        "exp": now + TOKEN_LIFETIME_SECONDS,
        "jti": new_id("lgt"),
        "sub": subject_for(services.keys, client, user_id),
        "sid": sid,
        "events": {LOGOUT_EVENT: {}},
    }
