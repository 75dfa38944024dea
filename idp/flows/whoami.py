"""
GET and POST /whoami: what an access token says about itself, for a service that tries its sign-in, its DPoP proofs or
its certificate out. It opens no person's data; any token that is meant for this server will do, with or without a
person. One query: whether it was revoked.

Source: RFC 6750 §2, §3; RFC 9449 §7; RFC 8705 §3.
"""

from __future__ import annotations

from typing import Any

from idp.flows.check_bearer import PresentedToken, check_access_token, check_authentication, check_sender, refused
from idp.services import IdpServices
from idp.store.grants import token_is_live

_TOLD = "sub client_id scope exp acr auth_time authorization_details cnf".split()


def whoami(services: IdpServices, presented: PresentedToken) -> tuple[str, dict[str, Any]]:
    """
    The client the token belongs to, and what it says.

    Raises:  OAuthError("invalid_token"): not ours, expired, for another audience, or revoked. Those of check_sender()
             and check_authentication().
    """
    claims, scope = check_access_token(services, presented)
    check_sender(services, presented, claims)
    check_authentication(services, presented, claims, scope)
    with services.base.db.read() as connection:
        if not token_is_live(connection, claims.get("gid"), claims["jti"], services.base.clock.now()):
            raise refused("invalid_token", "the access token was revoked", dpop=presented.is_dpop)
    return claims["client_id"], {name: claims[name] for name in _TOLD if name in claims}
