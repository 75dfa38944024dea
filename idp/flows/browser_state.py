"""
The browser's state: a cookie that the script of the provider's frame can read, so that services notice a logout.

It is computed from the session, is not the session's secret and opens nothing; it changes with every sign-in and
sign-out. A browser that was signed out holds a fresh value, one without the cookie (third-party cookies blocked) is
told apart from it: the frame then answers "error", never "changed", which would send the service round in circles.

Source: OpenID Connect Session Management 1.0 §3.1-3.3.
"""

from __future__ import annotations

from base.ids import letters_of, new_secret
from idp.protocol.request import AuthorizeRequest
from idp.protocol.session_state import session_state
from idp.services import IdpServices
from idp.store.sessions import SessionFacts

STATE_COOKIE = "antin_state"
"""Base name; the wire name comes from base.web.cookies.cookie_name."""
SIGNED_OUT = "out-"
SALT_CHARACTERS = 22


def browser_state(services: IdpServices, session_id: str) -> str:
    """The value of the state cookie while this session lives: 43 base64url characters."""
    return letters_of(services.keys.mac("idp.browser_state", session_id))


def signed_out_state() -> str:
    """A value that belongs to no session and was never used before."""
    return SIGNED_OUT + new_secret()


def state_to_send(
    services: IdpServices, session: SessionFacts | None, session_cookie: str | None, state_cookie: str | None
) -> str | None:
    """
    What the state cookie has to become, None when it may stay.

    A session cookie that opens nothing any more means that the session ended elsewhere. No session cookie at all means
    nothing: inside a foreign page a browser sends the state cookie alone.
    """
    if session is not None:
        wanted = browser_state(services, session.id)
        return None if state_cookie == wanted else wanted
    ended = session_cookie and state_cookie and not state_cookie.startswith(SIGNED_OUT)
    return signed_out_state() if ended else None


def state_for_client(services: IdpServices, request: AuthorizeRequest, session_id: str) -> str | None:
    """`session_state` for a successful response to an OpenID request; None for OAuth alone and for private schemes."""
    if "openid" not in request.scope:
        return None
    salt = new_secret()[:SALT_CHARACTERS]
    state = browser_state(services, session_id)
    return session_state(request.client.client_id, request.target.redirect_uri, state, salt)
