from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.acr import level_of
from idp.protocol.claims import claims_of_scopes, parse_claims
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def check_claims(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    The claims parameter, within what the client's registered scopes could open. A value of `sub` names the person; an
    acr that is not essential is a wish, as in acr_values, and counts where there are none.

    Raises:  OAuthError("invalid_request"): malformed, or without openid. OAuthError("invalid_scope"): a claim beyond
             the registration. OAuthError("unmet_authentication_requirements"): an essential acr that we do not know.
    Source:  OpenID Connect Core §3.1.2.2, §5.5, §5.5.1.1. Stricter: a single claim needs the registered scope that
             holds it.
    """
    given = request.parameters.get("claims")
    if given is None:
        return request
    if "openid" not in request.scope:
        raise OAuthError("invalid_request", "claims needs the scope openid")
    claims = parse_claims(given)
    beyond = claims.personal - claims_of_scopes(request.client.scope)
    if beyond:
        raise OAuthError("invalid_scope", f"the client is not registered for: {' '.join(sorted(beyond))}")
    acr = claims.id_token.get("acr")
    if acr is not None and acr.essential and acr.values and not any(level_of(value) for value in acr.values):
        raise OAuthError("unmet_authentication_requirements", "none of the essential acr values is known")
    wished = request.acr_values
    if acr is not None and not acr.essential and not wished:
        wished = tuple(value for value in acr.values if level_of(value))
    subject = claims.id_token.get("sub")
    named = frozenset(subject.values) if subject else frozenset()
    return replace(request, claims=claims, named_subjects=named, acr_values=wished)
