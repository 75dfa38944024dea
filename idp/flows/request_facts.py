"""Gathering what the rules of the authorization endpoint may know: the client, and what an id_token_hint says."""

from __future__ import annotations

from idp.protocol.request import AuthorizeFacts, Hint, UnverifiedRequest
from idp.services import IdpServices
from keys.api import TokenType
from keys.errors import JoseError


def gather_facts(services: IdpServices, unverified: UnverifiedRequest) -> AuthorizeFacts:
    """No query where the client is cached."""
    client_id = unverified.parameters.get("client_id")
    return AuthorizeFacts(
        issuer=services.issuer,
        client=services.clients.get(client_id) if client_id else None,
        hint=_hint(services, unverified.parameters.get("id_token_hint"), client_id),
    )


def _hint(services: IdpServices, unverified_token: str | None, client_id: str | None) -> Hint | None:
    if unverified_token is None:
        return None
    try:
        claims = services.keys.verify_own_jwt(
            unverified_token, typ=TokenType.ID, issuer=services.issuer, allow_expired=True
        )
    except JoseError:
        return Hint(None)
    return Hint(claims["sub"] if claims.get("aud") == client_id else None)
