"""
Minting: what a grant entitles to becomes tokens. What is one-time is already spent; all that is written here is the row
of an opaque access token.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from idp.flows.access_tokens import new_opaque_token
from idp.oauth.grants.base import Entitlement
from idp.oauth.subjects import subject_for
from idp.protocol.authorization import Authorization
from idp.protocol.client import Client
from idp.protocol.id_token import id_token
from idp.protocol.person_claims import personal_claims
from idp.protocol.token_claims import audience_of, machine_token, person_token
from idp.services import IdpServices
from idp.store.access_tokens import add_access_token
from idp.store.grants import person_of_grant
from keys.api import TokenType

POSITION_CLAIMS = frozenset({"organisation", "position"})


def issue_tokens(
    services: IdpServices, entitlement: Entitlement, now: int, confirmation: Mapping[str, str]
) -> dict[str, Any]:
    """
    The token response. confirmation: what the access token is bound to (protocol/sender_constraint.py).

    Source:  RFC 6749 §5.1; OpenID Connect Core §3.1.3.3; RFC 9396 §7 (the details as granted);
             RFC 9449 §5 (token_type), §6.1 (cnf).
    """
    client, authorization = entitlement.client, entitlement.authorization
    lifetime = services.settings.access_token_lifetime_seconds
    jti = secrets.token_urlsafe(16)
    audience, scope = _aim(services, entitlement)
    if authorization is None:
        claims = machine_token(
            client, scope=scope, audience=audience, issuer=services.issuer, jti=jti, now=now, lifetime=lifetime
        )
        subject = client.client_id
    else:
        subject = subject_for(services.keys, client, authorization.user_id)
        claims = person_token(
            client,
            authorization,
            scope=scope,
            audience=audience,
            subject=subject,
            issuer=services.issuer,
            jti=jti,
            now=now,
            lifetime=lifetime,
        )
    if confirmation:
        claims = {**claims, "cnf": confirmation}
    if entitlement.act is not None:
        claims = {**claims, "act": entitlement.act}
    access_token = _written(services, client, claims)
    answer: dict[str, Any] = {
        "access_token": access_token,
        "token_type": "DPoP" if "jkt" in confirmation else "Bearer",
        "expires_in": claims["exp"] - now,
        "scope": claims["scope"],
    }
    if entitlement.issued_token_type is not None:
        answer["issued_token_type"] = entitlement.issued_token_type
    if authorization is not None:
        answer |= _for_a_person(services, entitlement, authorization, subject, access_token, now)
    return answer


def _aim(services: IdpServices, entitlement: Entitlement) -> tuple[str, frozenset[str]]:
    """The audience of the access token, and its scope there; by the client's registration where the grant is silent."""
    aim, authorization = entitlement.aim, entitlement.authorization
    if aim is not None:
        return aim.audience or services.issuer, aim.scope
    has_details = authorization is not None and bool(authorization.details)
    scope = entitlement.scope if authorization is not None else frozenset()
    audience = audience_of(entitlement.client, services.issuer, scope=scope, has_details=has_details)
    return audience, entitlement.scope


def _written(services: IdpServices, client: Client, claims: Mapping[str, Any]) -> str:
    """The access token in the form its client is registered for. Source: RFC 9068; RFC 6749 §1.4."""
    if not client.opaque_tokens:
        return services.keys.sign_jwt(claims, typ=TokenType.ACCESS)
    token = new_opaque_token()
    with services.base.db.begin() as connection:
        add_access_token(connection, token, claims)
    return token


def _for_a_person(
    services: IdpServices,
    entitlement: Entitlement,
    authorization: Authorization,
    subject: str,
    access_token: str,
    now: int,
) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if entitlement.successor is not None:
        more["refresh_token"] = entitlement.successor.token
    if authorization.details:
        more["authorization_details"] = [dict(detail) for detail in authorization.details]
    if "openid" in entitlement.scope:
        claims = id_token(
            authorization,
            subject=subject,
            issuer=services.issuer,
            access_token=access_token,
            alg=entitlement.client.id_token_alg,
            nonce=entitlement.nonce,
            personal=_personal(services, authorization, now),
            now=now,
            lifetime=services.settings.id_token_lifetime_seconds,
        )
        more["id_token"] = services.keys.sign_jwt(claims, typ=TokenType.ID, alg=entitlement.client.id_token_alg)
    return more


def _personal(services: IdpServices, authorization: Authorization, now: int) -> Mapping[str, Any]:
    """Claims granted for the ID token: one more read, only for clients that asked for some."""
    wanted = authorization.id_token_claims
    if not wanted:
        return {}
    with services.base.db.read() as connection:
        found = person_of_grant(
            connection,
            authorization.id,
            authorization.client_id,
            "",
            now,
            with_position=not POSITION_CLAIMS.isdisjoint(wanted),
        )
    return {} if found is None else personal_claims(found[1], wanted)
