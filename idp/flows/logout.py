"""
Logout at the request of a service.

An `id_token_hint` of ours, even an expired one, names the session by its `sid`; that session ends without a question.
Anything else needs the person's confirmation, and nobody is sent to an address that is not registered letter by letter.

Source: OpenID Connect RP-Initiated Logout 1.0 §2-4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from base.errors import AntinError
from idp.flows.end_session import end_session
from idp.flows.protect import unsealed
from idp.protocol.client import Client
from idp.services import IdpServices
from idp.store import endings, sessions
from idp.store.sessions import SessionFacts
from keys.api import TokenType

MOST_HINT_CHARACTERS = 16 * 1024
Refused = Literal["hint", "address"]


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """
    A judged logout request.

    client:       the service that asks; None when nobody can be made out.
    ended:        id of the session that the hint named and that was ended, or None.
    confirm:      whether the person must be asked (about the session of this browser).
    return_to:    registered address to go to afterwards, with `state`; None without one.
    current:      the living session of this browser before anything ended.
    refused:      what of the request counts for nothing, and is said to the person: its hint, its return address.
    """

    client: Client | None
    ended: str | None
    confirm: bool
    return_to: str | None
    current: SessionFacts | None
    refused: frozenset[Refused]


def request_logout(services: IdpServices, parameters: Mapping[str, str], cookie: str | None) -> LogoutRequest:
    """
    Judge a request and end what its hint proves.

    1. Gather: the hint's claims, the service, the session of its sid, the session of this browser.
    2. Judge where to go afterwards: exact match with the service's registration, or nowhere.
    3. Act: end the session that the hint names. The browser needs no cookie for it: a logout that only cleared cookies
       would leave the session to whoever uses the computer next.
    4. Another living session in this browser is asked about, not ended.
    """
    claims = _hint_claims(services, parameters.get("id_token_hint"))
    client = _client(services, claims, parameters.get("client_id"))
    with services.base.db.read() as connection:
        current = sessions.live_session(connection, services.base.clock, services.settings, cookie)
        named = None
        if claims is not None and client is not None and isinstance(claims.get("sid"), str):
            named = endings.session_of_sid(connection, client.client_id, claims["sid"])
    return_to = _return_address(client, parameters)
    ended = None
    if named is not None:
        end_session(services, named[0], "rp_logout")
        ended = named[0]
    confirm = current is not None and current.id != ended
    refused = _refused(client, claims, parameters)
    return LogoutRequest(client, ended, confirm, return_to if ended or claims or confirm else None, current, refused)


def confirmed_return(services: IdpServices, parameters: Mapping[str, str]) -> str | None:
    """The address to go to after the person confirmed a request."""
    claims = _hint_claims(services, parameters.get("id_token_hint"))
    return _return_address(_client(services, claims, parameters.get("client_id")), parameters)


def _hint_claims(services: IdpServices, hint: str | None) -> dict[str, Any] | None:
    """The claims of an ID token that we issued, however old; None for anything else."""
    if not hint or len(hint) > MOST_HINT_CHARACTERS:
        return None
    try:
        plain = unsealed(services.keys, hint)
        return services.keys.verify_own_jwt(plain, typ=TokenType.ID, issuer=services.issuer, allow_expired=True)
    except AntinError:
        return None


def _client(services: IdpServices, claims: Mapping[str, Any] | None, client_id: str | None) -> Client | None:
    """The service of the hint; a client_id that contradicts it makes both worthless (§2)."""
    audience = claims.get("aud") if claims else None
    if isinstance(audience, list):
        audience = audience[0] if len(audience) == 1 else None
    if audience is not None and client_id is not None and audience != client_id:
        return None
    named = audience or client_id
    return services.clients.get(named) if isinstance(named, str) and named else None


def _refused(
    client: Client | None, claims: Mapping[str, Any] | None, parameters: Mapping[str, str]
) -> frozenset[Refused]:
    """An address can only be called wrong where it is known whose it should be."""
    found: set[Refused] = set()
    if parameters.get("id_token_hint") and claims is None:
        found.add("hint")
    uri = parameters.get("post_logout_redirect_uri")
    if client is not None and uri and uri not in client.post_logout_redirect_uris:
        found.add("address")
    return frozenset(found)


def _return_address(client: Client | None, parameters: Mapping[str, str]) -> str | None:
    uri = parameters.get("post_logout_redirect_uri")
    if client is None or not uri or uri not in client.post_logout_redirect_uris:
        return None
    state = parameters.get("state")
    if state is None:
        return uri
    joint = "&" if "?" in uri else "?"  # a registered address has no fragment (protocol/registration.py)
    return f"{uri}{joint}{urlencode({'state': state})}"
