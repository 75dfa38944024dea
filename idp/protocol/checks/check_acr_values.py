from __future__ import annotations

from dataclasses import replace

from idp.protocol.acr import ACR_VALUES
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def check_acr_values(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    Keep the levels that we know, in the client's order; it is a wish, so others are no error.

    Source:  OpenID Connect Core §3.1.2.1 and §5.5.1.1 (acr_values asks for a voluntary claim).
    """
    given = request.parameters.get("acr_values")
    wanted = request.client.default_acr_values if given is None else tuple(given.split())
    return replace(request, acr_values=tuple(value for value in wanted if value in ACR_VALUES))
