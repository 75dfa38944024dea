"""Gathering what the rules of the backchannel may know: what the client signed, and whom its hint names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from idp.accounts.usernames import BadUsername, canonical_username
from idp.errors import OAuthError
from idp.flows.protect import unsealed
from idp.oauth.subjects import subject_for
from idp.protocol.client import Client
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest, Hint, RequestObject
from idp.protocol.request_objects import OBJECT_TYPES, backchannel_parameters
from idp.services import IdpServices
from idp.store import users
from idp.store.endings import approver_of_sid
from keys.api import TokenType
from keys.errors import JoseError


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The identifier of a signed request, which counts once, until expires_at (epoch seconds)."""

    jti: str
    expires_at: int


def gather_backchannel(
    services: IdpServices, client: Client, parameters: Mapping[str, str]
) -> tuple[SignedRequest | None, AuthorizeFacts]:
    """What is signed, checked with the client's published keys; and what an id_token_hint says."""
    now = services.base.clock.now()
    signed, found = None, None
    if "request" in parameters:
        signed, found = _signed(services, client, parameters["request"], now)
        parameters = found.parameters or {}
    hint = None
    if "id_token_hint" in parameters:
        hint = Hint(_hinted(services, client, parameters["id_token_hint"]).get("sub"))
    return signed, AuthorizeFacts(services.issuer, client, hint, begun_at=now, request_object=found)


def _signed(
    services: IdpServices, client: Client, unverified: str, now: int
) -> tuple[SignedRequest | None, RequestObject]:
    try:
        unverified = unsealed(services.keys, unverified)
        try:
            claims = _verified(services, client, unverified, anew=False)
        except JoseError:
            if client.jwks_uri is None:
                raise
            claims = _verified(services, client, unverified, anew=True)
        parameters = backchannel_parameters(claims, now)
    except JoseError as error:
        return None, RequestObject(None, f"the signed request does not verify ({error.code})")
    except OAuthError as error:
        return None, RequestObject(None, error.description)
    return SignedRequest(claims["jti"], int(claims["exp"])), RequestObject(parameters)


def _verified(services: IdpServices, client: Client, unverified: str, *, anew: bool) -> dict[str, Any]:
    return services.keys.verify_jwt_with(
        unverified,
        services.client_keys.of(client, anew),
        algs=(client.backchannel.signing_alg,) if client.backchannel.signing_alg else (),
        typ=OBJECT_TYPES,
        issuer=client.client_id,
        audience=services.issuer,
    )


def person_hinted(services: IdpServices, connection: Connection, request: AuthorizeRequest) -> str | None:
    """
    The person a hint names, by one query; None: nobody, or an account that is out of use.

    An ID token names its person by the session it was given in: a pairwise `sub` cannot be turned round.
    """
    token = request.parameters.get("id_token_hint")
    if token is None:
        try:
            name = canonical_username(request.elsewhere.login_hint)
        except BadUsername:
            name = "?"  # nobody's name; looked for all the same, so that it takes as long
        facts = users.by_username(connection, name, "")
    else:
        claims = _hinted(services, request.client, token)
        session = approver_of_sid(connection, request.client.client_id, str(claims.get("sid", "")))
        facts = users.by_id(connection, session[1], "") if session else None
        if facts is not None and subject_for(services.keys, request.client, facts.user_id) != claims.get("sub"):
            return None
    return facts.user_id if facts is not None and facts.active else None


def _hinted(services: IdpServices, client: Client, unverified: str) -> dict[str, Any]:
    """The claims of an ID token of ours for this client, expired or not; {} for anything else."""
    try:
        plain = unsealed(services.keys, unverified)
        claims = services.keys.verify_own_jwt(plain, typ=TokenType.ID, issuer=services.issuer, allow_expired=True)
    except JoseError:
        return {}
    return claims if claims.get("aud") == client.client_id else {}
