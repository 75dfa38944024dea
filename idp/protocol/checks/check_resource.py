from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def check_resource(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A named resource must be the one registered for this client.

    Raises:  OAuthError("invalid_target").
    Source:  RFC 8707 §2.
    """
    given = request.parameters.get("resource")
    if given is not None and given != request.client.resource:
        raise OAuthError("invalid_target", "the resource is not one this client may use")
    return request
