"""Who sends this request to one of the endpoints that clients post to, and which key do they hold?"""

from __future__ import annotations

from functools import lru_cache

from idp.errors import OAuthError
from idp.flows.prove_possession import KIND, prove_possession
from idp.flows.read_certificate import thumbprint_of
from idp.oauth.client_auth import authenticate
from idp.oauth.client_auth.base import AuthContext, OneTime, Presented, not_authenticated
from idp.protocol import endpoints
from idp.protocol.client import Client
from idp.protocol.sender_constraint import Sender
from idp.services import IdpServices
from idp.store.revoked import AlreadySpent, spend_identifier


def authenticate_client(services: IdpServices, presented: Presented) -> Client:
    """
    The client, proven by the one method it is registered for.

    Raises:  OAuthError("invalid_client" | "invalid_request").

    1. Gather and judge: oauth/client_auth.
    2. Act: spend the assertion's jti, if it came with one. Two requests with one assertion: the unique key decides.
    """
    client, one_time = _authenticated(services, presented)
    if one_time is not None:
        spend(services, one_time)
    return client


def authenticate_sender(services: IdpServices, presented: Presented) -> Sender:
    """
    The client, and the key it has proven to hold where it sent a proof; one transaction for what both use up.

    Raises:  OAuthError("invalid_client" | "invalid_request" | "invalid_dpop_proof" | "use_dpop_nonce").
    """
    client, one_time = _authenticated(services, presented)
    used, jkt = [one_time] if one_time else [], None
    x5t = thumbprint_of(services, presented.certificate) if client.certificate_bound else None
    if presented.dpop is not None:
        jkt, proof = prove_possession(services, presented.dpop, method="POST", address=presented.address)
        used.append(proof)
    if used:
        spend(services, *used)
    return Sender(client, jkt, x5t)


def _authenticated(services: IdpServices, presented: Presented) -> tuple[Client, OneTime | None]:
    context = AuthContext(
        issuer=services.issuer,
        now=services.base.clock.now(),
        keys=services.keys,
        keys_of=services.client_keys.of,
        certificate_form=services.settings.mtls_form,
        authorities=services.client_authorities,
        addresses=_addresses(services.issuer, services.settings.mtls_address),
    )
    return authenticate(presented, services.clients.get, context)


@lru_cache(8)
def _addresses(issuer: str, mtls_address: str) -> frozenset[str]:
    """Where clients authenticate, at the issuer's address and at that of mutual TLS."""
    return frozenset(
        base + path
        for base in (issuer, mtls_address.rstrip("/") or issuer)
        for path in (endpoints.TOKEN, endpoints.BACKCHANNEL_AUTHENTICATION)
    )


def spend(services: IdpServices, *one_time: OneTime) -> None:
    """
    Use up what came with one request and may come once, all of it or nothing.

    Raises:  OAuthError("invalid_client" | "invalid_dpop_proof"): it was seen before, by whichever worker.
    """
    try:
        with services.base.db.begin() as connection:
            for each in one_time:
                spend_identifier(connection, each.kind, each.identifier, each.expires_at)
    except AlreadySpent as spent:
        if str(spent) == KIND:
            raise OAuthError("invalid_dpop_proof", "the DPoP proof was used before") from None
        raise not_authenticated("the assertion was used before") from None
