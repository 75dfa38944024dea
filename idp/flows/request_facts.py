"""Gathering what the rules of the authorization endpoint may know: the client, and what an id_token_hint says."""

from __future__ import annotations

from typing import Any

from idp.errors import OAuthError
from idp.flows.protect import unsealed
from idp.protocol.client import Client
from idp.protocol.request import (
    PUSHED_PREFIX,
    AuthorizeFacts,
    Hint,
    PushedRequest,
    RequestObject,
    UnverifiedRequest,
)
from idp.protocol.request_objects import OBJECT_TYPES, parameters_of
from idp.services import IdpServices
from idp.store.pushed_requests import find_pushed_request
from keys.api import TokenType
from keys.errors import JoseError


def gather_facts(
    services: IdpServices, unverified: UnverifiedRequest, begun_at: int, reference_problem: str = ""
) -> AuthorizeFacts:
    """
    One query for a request that was pushed, none for others where the client is cached.

    begun_at: when the request first came (epoch seconds); now, unless it comes back from one of our pages.
    """
    client_id = unverified.parameters.get("client_id")
    pushed = _pushed(services, unverified.parameters.get("request_uri", ""))
    parameters = unverified.parameters if pushed is None else pushed.parameters
    client = services.clients.get(client_id) if client_id else None
    signed = None
    if client is not None and "request" in parameters:
        signed = _request_object(services, client, parameters["request"], begun_at)
        parameters = signed.parameters or parameters
    return AuthorizeFacts(
        issuer=services.issuer,
        client=client,
        hint=_hint(services, parameters.get("id_token_hint"), client_id),
        pushed=pushed,
        begun_at=begun_at,
        request_object=signed,
        front_channel=services.settings.front_channel_tokens,
        reference_problem=reference_problem,
    )


def _request_object(services: IdpServices, client: Client, unverified: str, begun_at: int) -> RequestObject:
    """
    What the client has signed, and may have encrypted to us, checked with its published keys, once more with freshly
    fetched ones.

    It had to be in its time when the request came; the person may take longer.
    """
    try:
        unverified = unsealed(services.keys, unverified)
        try:
            claims = _verified(services, client, unverified, begun_at, anew=False)
        except JoseError:
            if client.jwks_uri is None:
                raise
            claims = _verified(services, client, unverified, begun_at, anew=True)
        return RequestObject(parameters_of(claims, client, begun_at))
    except JoseError as error:
        return RequestObject(None, f"the request object does not verify ({error.code})")
    except OAuthError as error:
        return RequestObject(None, error.description)


def _verified(services: IdpServices, client: Client, unverified: str, begun_at: int, *, anew: bool) -> dict[str, Any]:
    return services.keys.verify_jwt_with(
        unverified,
        services.client_keys.of(client, anew),
        algs=client.object_algs,
        typ=OBJECT_TYPES,
        issuer=client.client_id,
        audience=services.issuer,
        at=begun_at,
        needs_exp=client.require_signed or client.profile.bounds_objects,
    )


def _pushed(services: IdpServices, unverified_uri: str) -> PushedRequest | None:
    if not unverified_uri.startswith(PUSHED_PREFIX):
        return None
    with services.base.db.read() as connection:
        return find_pushed_request(connection, unverified_uri)


def _hint(services: IdpServices, unverified_token: str | None, client_id: str | None) -> Hint | None:
    if unverified_token is None:
        return None
    try:
        claims = services.keys.verify_own_jwt(
            unsealed(services.keys, unverified_token), typ=TokenType.ID, issuer=services.issuer, allow_expired=True
        )
    except JoseError:
        return Hint(None)
    return Hint(claims["sub"] if claims.get("aud") == client_id else None)
