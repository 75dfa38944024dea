from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def check_pushed(request: AuthorizeRequest, facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A client that pushes its requests is not served when one comes directly: anybody could have written that one.

    Returns: the request, with the reference of the pushed one it came as.
    Raises:  OAuthError("invalid_request").
    Source:  RFC 9126 §6 (require_pushed_authorization_requests); FAPI 2.0 Security Profile §5.3.2.2.
    """
    if facts.pushed is None:
        if request.client.require_pushed:
            raise OAuthError("invalid_request", "this client must push its authorization requests")
        return request
    return replace(request, pushed=facts.pushed.reference)
