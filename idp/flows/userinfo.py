"""
GET and POST /userinfo: the person's claims, as far as they were granted. One query: state of the token and record.

Source: OpenID Connect Core §5.3; RFC 6750 §2.1, §2.2 (never §2.3: a token in the address ends up in logs), §3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.errors import OAuthError
from idp.protocol.claims import claims_of_scopes
from idp.protocol.person_claims import personal_claims
from idp.services import IdpServices
from idp.store.grants import person_of_grant
from keys.api import TokenType
from keys.errors import JoseError

REALM = 'Bearer realm="antin"'


def bearer_token(authorization: str | None, form: Mapping[str, str]) -> str:
    """
    The token of a request, from one place only.

    Raises:  OAuthError("invalid_request"): two of them. OAuthError("invalid_token"): none; then the challenge holds no
             error, since the client may just not have known that it needs one (RFC 6750 §3.1).
    """
    in_form = form.get("access_token")
    in_header = authorization[7:].strip() if authorization and authorization[:7].lower() == "bearer " else None
    if in_form and in_header:
        raise refused("invalid_request", "the token is given twice", status=400)
    found = in_header or in_form
    if not found:
        raise OAuthError("invalid_token", "an access token is needed", status=401, challenge=REALM)
    return found


def userinfo(services: IdpServices, unverified_token: str) -> tuple[str, dict[str, Any]]:
    """
    The client the token belongs to, and the claims.

    Raises:  OAuthError("invalid_token"): not ours, expired, for another audience, revoked, or no person's.
             OAuthError("insufficient_scope"): without openid.
    """
    try:
        claims = services.keys.verify_own_jwt(unverified_token, typ=TokenType.ACCESS, issuer=services.issuer)
    except JoseError:
        raise refused("invalid_token", "the access token is not valid or has expired") from None
    scope = frozenset(claims["scope"].split())
    if claims["aud"] != services.issuer or "gid" not in claims:
        raise refused("invalid_token", "the access token is not for this endpoint")
    if "openid" not in scope:
        raise refused("insufficient_scope", "the scope openid is needed", status=403)
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
        raise refused("invalid_token", "the access token was revoked")
    authorization, record = found
    wanted = claims_of_scopes(scope) | set(authorization.userinfo_claims)
    return claims["client_id"], {"sub": claims["sub"], **personal_claims(record, wanted)}


def refused(code: str, why: str, *, status: int = 401) -> OAuthError:
    """A refusal with the challenge of RFC 6750 §3."""
    challenge = f'{REALM}, error="{code}", error_description="{why}"'
    return OAuthError(code, why, status=status, challenge=challenge)
