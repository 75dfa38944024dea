"""Who sends this request to the token, introspection or revocation endpoint?"""

from __future__ import annotations

from idp.oauth.client_auth import authenticate
from idp.oauth.client_auth.base import AuthContext, OneTime, Presented, not_authenticated
from idp.protocol.client import Client
from idp.services import IdpServices
from idp.store.revoked import AlreadySpent, spend_identifier


def authenticate_client(services: IdpServices, presented: Presented) -> Client:
    """
    The client, proven by the one method it is registered for.

    Raises:  OAuthError("invalid_client" | "invalid_request").

    1. Gather and judge: oauth/client_auth.
    2. Act: spend the assertion's jti, if it came with one. Two requests with one assertion: the unique key decides.
    """
    context = AuthContext(
        issuer=services.issuer,
        now=services.base.clock.now(),
        keys=services.keys,
        keys_of=services.client_keys.of,
    )
    client, one_time = authenticate(presented, services.clients.get, context)
    if one_time is not None:
        _spend(services, one_time)
    return client


def _spend(services: IdpServices, one_time: OneTime) -> None:
    try:
        with services.base.db.begin() as connection:
            spend_identifier(connection, "client_assertion", one_time.identifier, one_time.expires_at)
    except AlreadySpent:
        raise not_authenticated("the assertion was used before") from None
