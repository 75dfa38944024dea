"""
POST /revoke: a client gives a token back.

A refresh token or a device secret takes its whole authorization with it, access tokens included; an access token goes
alone.

Source: RFC 7009 §2.1, §2.2 (a token that is not known is as good as revoked: 200).
"""

from __future__ import annotations

from base import audit
from idp.errors import OAuthError
from idp.events import AccessTokenRevoked, GrantRevoked
from idp.flows.access_tokens import genuine_claims, is_access_token, is_opaque
from idp.flows.authenticate_client import authenticate_client
from idp.oauth.client_auth.base import Presented
from idp.oauth.device_secrets import grant_of
from idp.protocol.client import Client
from idp.services import IdpServices
from idp.store.access_tokens import delete_access_token
from idp.store.grants import owner_of, revoke_grant
from idp.store.refresh_tokens import find_refresh_token
from idp.store.revoked import AlreadySpent, revoke_token


def revoke(services: IdpServices, presented: Presented) -> None:
    """
    Raises:  OAuthError("invalid_client" | "invalid_request"), ("invalid_grant"): the token is another client's.
    """
    client = authenticate_client(services, presented)
    unverified = presented.form.get("token")
    if unverified is None:
        raise OAuthError("invalid_request", "token is missing")
    owned = grant_of(services.keys, unverified)
    if owned is not None:
        _device_secret(services, client, owned)
    elif is_access_token(unverified):
        _access_token(services, client, unverified)
    else:
        _refresh_token(services, client, unverified)


def _access_token(services: IdpServices, client: Client, unverified: str) -> None:
    claims = genuine_claims(services, unverified)
    if claims is None:
        return
    _check_owner(client, claims["client_id"])
    try:
        with services.base.db.begin() as connection:
            if is_opaque(unverified):
                if not delete_access_token(connection, unverified):
                    return
            else:
                revoke_token(connection, claims["jti"], claims["exp"])
            audit.append(connection, services.base.clock, AccessTokenRevoked(claims["jti"], client.client_id))
    except AlreadySpent:
        return


def _refresh_token(services: IdpServices, client: Client, unverified: str) -> None:
    now = services.base.clock.now()
    with services.base.db.read() as connection:
        ticket = find_refresh_token(connection, unverified, now)
    if ticket is None:
        return
    _check_owner(client, ticket.client_id)
    grant_id = ticket.authorization.id
    with services.base.db.begin() as connection:
        if revoke_grant(connection, grant_id, now):
            audit.append(connection, services.base.clock, GrantRevoked(grant_id, client.client_id, "client"))


def _device_secret(services: IdpServices, client: Client, grant_id: str) -> None:
    """It stands for its whole authorization, and takes it along."""
    now = services.base.clock.now()
    with services.base.db.begin() as connection:
        if owner_of(connection, grant_id) == client.client_id and revoke_grant(connection, grant_id, now):
            audit.append(connection, services.base.clock, GrantRevoked(grant_id, client.client_id, "client"))


def _check_owner(client: Client, owner: str) -> None:
    if owner != client.client_id:
        raise OAuthError("invalid_grant", "the token was not issued to this client")
