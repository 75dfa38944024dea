"""
GET and POST /userinfo: the person's claims, as far as they were granted. One query: state of the token and record; one
more for an opaque token, and for an office asked for by name. Signed and encrypted where the client registered that.

Source: OpenID Connect Core §5.3; RFC 6750 §2.1, §2.2 (never §2.3: a token in the address ends up in logs).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from idp.flows.check_bearer import (
    PresentedToken,
    check_access_token,
    check_authentication,
    check_sender,
    refused,
)
from idp.flows.protect import encrypt_for, protect
from idp.protocol.claims import SCOPES, claims_of_scopes, scopes_of_claims
from idp.protocol.client import Client
from idp.protocol.person_claims import PersonRecord, personal_claims
from idp.services import IdpServices
from idp.store.grants import person_of_grant
from keys.api import TokenType


def userinfo(services: IdpServices, presented: PresentedToken) -> tuple[str, dict[str, Any]]:
    """
    The client the token belongs to, and the claims.

    Raises:  OAuthError("invalid_token"): not ours, expired, for another audience, revoked, or no person's.
             OAuthError("insufficient_scope"): without openid. Those of check_sender() and check_authentication().
    """
    dpop = presented.is_dpop
    claims, scope = check_access_token(services, presented)
    if "gid" not in claims:
        raise refused("invalid_token", "the access token is no person's", dpop=dpop)
    if "openid" not in scope:
        raise refused("insufficient_scope", "the scope openid is needed", status=403, dpop=dpop)
    check_sender(services, presented, claims)
    with services.base.db.read() as connection:
        found = person_of_grant(
            connection,
            claims["gid"],
            claims["client_id"],
            claims["jti"],
            services.base.clock.now(),
            with_position="official" in scope,
        )
    if found is None:
        raise refused("invalid_token", "the access token was revoked", dpop=dpop)
    authorization, record = found
    by_name = frozenset(authorization.userinfo_claims)
    check_authentication(services, presented, claims, scope | scopes_of_claims(by_name))
    if "official" not in scope and not by_name.isdisjoint(SCOPES["official"]):
        record = _with_position(services, claims) or record
    return claims["client_id"], {"sub": claims["sub"], **personal_claims(record, claims_of_scopes(scope) | by_name)}


def _with_position(services: IdpServices, claims: Mapping[str, Any]) -> PersonRecord | None:
    """The record once more, with the position that was asked for by name; None: the token was revoked meanwhile."""
    now, named = services.base.clock.now(), (claims["gid"], claims["client_id"], claims["jti"])
    with services.base.db.read() as connection:
        found = person_of_grant(connection, *named, now, with_position=True)
    return found[1] if found else None


def protected_userinfo(services: IdpServices, client: Client, claims: dict[str, Any]) -> str | None:
    """
    The same answer as a JWT; None where the client takes plain JSON. It holds no `exp`: it is no token to be used.

    Raises:  OAuthError("invalid_request"): the client has no key to encrypt for.
    Source:  OpenID Connect Core §5.3.2: signed, it names `iss` and `aud`; both signed and encrypted, in this order.
    """
    if client.userinfo_alg is not None:
        signed = {**claims, "iss": services.issuer, "aud": client.client_id}
        return protect(services, client, signed, message="userinfo", typ=TokenType.USERINFO, alg=client.userinfo_alg)
    encryption = client.encryptions.get("userinfo")
    return None if encryption is None else encrypt_for(services, client, orjson.dumps(claims), encryption)
