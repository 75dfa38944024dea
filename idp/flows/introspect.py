"""
POST /introspect: is this token good, and for what? At most one query.

Who asks for it gets the answer signed, and encrypted where it registered that.

Source: RFC 7662; RFC 9701; RFC 9449 §6.2 (cnf). Only the client that a token was issued to, and the one it is meant
for, are told anything; to others a token is inactive (RFC 7662 §4: a service must not learn about tokens that are not
for it).
"""

from __future__ import annotations

from typing import Any

from idp.errors import OAuthError
from idp.flows.access_tokens import is_access_token, live_claims
from idp.flows.authenticate_client import authenticate_client
from idp.flows.protect import protect
from idp.oauth.client_auth.base import Presented, not_authenticated
from idp.protocol.client import Client
from idp.services import IdpServices
from idp.store.refresh_tokens import find_refresh_token
from keys.api import TokenType

INACTIVE: dict[str, Any] = {"active": False}
_TOLD = "iss sub aud client_id scope iat exp jti acr auth_time authorization_details cnf act".split()


def introspect(services: IdpServices, presented: Presented) -> tuple[Client, dict[str, Any]]:
    """
    The introspection response, for whom. `token_type_hint` is not needed: the shape of a token says what it is.

    Raises:  OAuthError("invalid_client" | "invalid_request").
    """
    client = authenticate_client(services, presented)
    if client.is_public:
        raise not_authenticated("introspection needs a client that can prove who it is")
    unverified = presented.form.get("token")
    if unverified is None:
        raise OAuthError("invalid_request", "token is missing")
    if is_access_token(unverified):
        return client, _access_token(services, client, unverified)
    return client, _refresh_token(services, client, unverified)


def introspection_token(services: IdpServices, client: Client, answer: dict[str, Any]) -> str:
    """
    The answer as a token for the client that asked. No `sub` and no `exp`: it must not pass for an access token.

    Raises:  OAuthError("invalid_request"): the client has no key to encrypt for.
    Source:  RFC 9701 §5.
    """
    claims = {
        "iss": services.issuer,
        "aud": client.client_id,
        "iat": services.base.clock.now(),
        "token_introspection": answer,
    }
    return protect(
        services,
        client,
        claims,
        message="introspection",
        typ=TokenType.INTROSPECTION,
        alg=client.introspection_alg,
    )


def _access_token(services: IdpServices, client: Client, unverified: str) -> dict[str, Any]:
    claims = live_claims(services, unverified)
    if claims is None:
        return INACTIVE
    is_audience = client.resource is not None and claims["aud"] == client.resource
    if claims["client_id"] != client.client_id and not is_audience:
        return INACTIVE
    scheme = "DPoP" if "jkt" in claims.get("cnf", {}) else "Bearer"
    return {"active": True, "token_type": scheme, **{name: claims[name] for name in _TOLD if name in claims}}


def _refresh_token(services: IdpServices, client: Client, unverified: str) -> dict[str, Any]:
    with services.base.db.read() as connection:
        ticket = find_refresh_token(connection, unverified, services.base.clock.now())
    if ticket is None or ticket.client_id != client.client_id or ticket.is_spent or not ticket.is_live:
        return INACTIVE
    return {
        "active": True,
        "client_id": client.client_id,
        "scope": " ".join(sorted(ticket.authorization.scope)),
        "exp": ticket.expires_at,
        "iss": services.issuer,
    }
