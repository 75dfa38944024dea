"""
Reading our own access tokens, of both forms: JWTs, which anybody can read, and opaque ones, which are rows of ours.

The shape says which it is: an opaque one begins with `at.`, and a JWT has two dots.
"""

from __future__ import annotations

from typing import Any

from base.ids import new_secret
from idp.services import IdpServices
from idp.store.access_tokens import find_access_token
from idp.store.grants import token_is_live
from keys.api import TokenType
from keys.errors import JoseError

OPAQUE_PREFIX = "at."
Claims = dict[str, Any]


def new_opaque_token() -> str:
    """A handle of 256 random bits."""
    return OPAQUE_PREFIX + new_secret()


def is_opaque(unverified: str) -> bool:
    """Whether it has the shape of an opaque access token."""
    return unverified.startswith(OPAQUE_PREFIX) and unverified.count(".") == 1


def is_access_token(unverified: str) -> bool:
    """Whether it has the shape of an access token at all; refresh tokens have no dot."""
    return unverified.count(".") == 2 or is_opaque(unverified)


def genuine_claims(services: IdpServices, unverified: str) -> Claims | None:
    """
    The claims of a token that we issued and that is in its time; a JWT may have been revoked all the same.

    None: anything else, also where its client has been removed or disabled. One query for an opaque one, none else.
    """
    if is_opaque(unverified):
        with services.base.db.read() as connection:
            claims = find_access_token(connection, unverified, services.base.clock.now())
    else:
        try:
            claims = services.keys.verify_own_jwt(unverified, typ=TokenType.ACCESS, issuer=services.issuer)
        except JoseError:
            return None
    if claims is None:
        return None
    client = services.clients.get(claims["client_id"])
    return None if client is None or client.disabled else claims


def live_claims(services: IdpServices, unverified: str) -> Claims | None:
    """The claims of a token that counts at this moment. One query."""
    claims = genuine_claims(services, unverified)
    if claims is None or is_opaque(unverified):
        return claims
    with services.base.db.read() as connection:
        live = token_is_live(connection, claims.get("gid"), claims["jti"], services.base.clock.now())
    return claims if live else None
