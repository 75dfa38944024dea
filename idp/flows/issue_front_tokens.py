"""
Tokens that the authorization endpoint hands out itself: implicit and hybrid response types. Nothing is written here;
what was one-time (consent, pushed request) was spent in the transaction that granted.

They belong to that grant: whatever ends it (a code that comes back, the person, the end of the session) ends them.

Source: OpenID Connect Core §3.2.2.5, §3.2.2.9, §3.2.2.10, §3.3.2.5, §3.3.2.9, §3.3.2.11, §5.4; RFC 6749 §4.2.2.
"""

from __future__ import annotations

from idp.flows.issue_tokens import mint_access_token, mint_id_token
from idp.oauth.grants.base import Entitlement
from idp.protocol.authorization import Authorization
from idp.protocol.claims import claims_of_scopes
from idp.protocol.request import AuthorizeRequest
from idp.services import IdpServices

UNBOUND: dict[str, str] = {}


def issue_front_tokens(
    services: IdpServices, request: AuthorizeRequest, authorization: Authorization, code: str | None
) -> dict[str, str]:
    """The parameters of the response besides the code. The ID token is tied to what travels with it by hashes."""
    now, wanted = services.base.clock.now(), request.response_type
    values: dict[str, str] = {}
    if wanted.has_token:
        entitlement = Entitlement(request.client, authorization, authorization.scope)
        minted = mint_access_token(services, entitlement, now, UNBOUND)
        values |= {name: str(value) for name, value in minted.items()}
    if wanted.has_id_token:
        values["id_token"] = mint_id_token(
            services,
            request.client,
            authorization,
            now,
            nonce=authorization.nonce,
            claims=_claims(request, authorization),
            access_token=values.get("access_token"),
            code=code,
            state=request.target.state,
        )
    return values


def _claims(request: AuthorizeRequest, authorization: Authorization) -> frozenset[str]:
    """
    Personal claims for the ID token that travels through the browser: as few as may be.

    Where a code comes with it they wait for the token endpoint (§3.3.3.6); where there will be no access token, the
    claims of the scopes have no other place (§5.4).
    """
    if request.response_type.has_code:
        return frozenset()
    asked = frozenset(authorization.id_token_claims)
    return asked if request.response_type.has_token else asked | claims_of_scopes(authorization.scope)
