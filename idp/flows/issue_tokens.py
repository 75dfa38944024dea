"""
Minting: what a grant entitles to becomes tokens. What is one-time is already spent; all that is written here is the row
of an opaque access token.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from idp.flows.access_tokens import new_opaque_token
from idp.flows.protect import protect
from idp.flows.step_up import withheld_claims
from idp.oauth.device_secrets import device_secret_of
from idp.oauth.grants.base import Entitlement
from idp.oauth.subjects import subject_for
from idp.protocol import native_sso
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

    Source:  RFC 6749 §5.1; OpenID Connect Core §3.1.3.3; RFC 9396 §7 (the details as granted).
    """
    authorization = entitlement.authorization
    answer = mint_access_token(services, entitlement, now, confirmation)
    if entitlement.issued_token_type is not None:
        answer["issued_token_type"] = entitlement.issued_token_type
    if authorization is None:
        return answer
    if entitlement.successor is not None:
        answer["refresh_token"] = entitlement.successor.token
    if authorization.details:
        answer["authorization_details"] = [dict(detail) for detail in authorization.details]
    secret = None
    if native_sso.SCOPE in entitlement.scope:
        secret = answer["device_secret"] = device_secret_of(services.keys, authorization.id)
    if "openid" in entitlement.scope:
        answer["id_token"] = mint_id_token(
            services,
            entitlement.client,
            authorization,
            now,
            nonce=entitlement.nonce,
            claims=authorization.id_token_claims,
            access_token=answer["access_token"],
            device_secret=secret,
        )
    return answer


def mint_access_token(
    services: IdpServices, entitlement: Entitlement, now: int, confirmation: Mapping[str, str]
) -> dict[str, Any]:
    """
    `access_token`, `token_type`, `expires_in` and `scope`, as an answer holds them.

    Source:  RFC 6749 §5.1; RFC 9449 §5 (token_type), §6.1 (cnf).
    """
    client, authorization = entitlement.client, entitlement.authorization
    audience, scope = _aim(services, entitlement)
    lifetime, jti = services.settings.access_token_lifetime_seconds, secrets.token_urlsafe(16)
    if authorization is None:
        claims = machine_token(
            client, scope=scope, audience=audience, issuer=services.issuer, jti=jti, now=now, lifetime=lifetime
        )
    else:
        claims = person_token(
            client,
            authorization,
            scope=scope,
            audience=audience,
            subject=subject_for(services.keys, client, authorization.user_id),
            issuer=services.issuer,
            jti=jti,
            now=now,
            lifetime=lifetime,
        )
    if confirmation:
        claims = {**claims, "cnf": confirmation}
    if entitlement.act is not None:
        claims = {**claims, "act": entitlement.act}
    return {
        "access_token": _written(services, client, claims),
        "token_type": "DPoP" if "jkt" in confirmation else "Bearer",
        "expires_in": claims["exp"] - now,
        "scope": claims["scope"],
    }


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


def mint_id_token(
    services: IdpServices,
    client: Client,
    authorization: Authorization,
    now: int,
    *,
    nonce: str | None,
    claims: Iterable[str],
    access_token: str | None,
    code: str | None = None,
    state: str | None = None,
    device_secret: str | None = None,
) -> str:
    """
    An ID token, signed, and encrypted where the client registered that. claims: names of the personal claims it is to
    hold; access_token, code, state, device_secret: what travels beside it (protocol/id_token.py).
    """
    content = id_token(
        authorization,
        subject=subject_for(services.keys, client, authorization.user_id),
        issuer=services.issuer,
        access_token=access_token,
        alg=client.id_token_alg,
        nonce=nonce,
        personal=_personal(services, authorization, frozenset(claims), now),
        now=now,
        lifetime=services.settings.id_token_lifetime_seconds,
        code=code,
        state=state,
        device_secret=device_secret,
    )
    return protect(services, client, content, message="id_token", typ=TokenType.ID, alg=client.id_token_alg)


def _personal(
    services: IdpServices, authorization: Authorization, wanted: frozenset[str], now: int
) -> Mapping[str, Any]:
    """Claims granted for the ID token: one more read, only where it is to hold some; none that want a step-up first."""
    wanted -= withheld_claims(services, authorization, now)
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
