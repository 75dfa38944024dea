from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def reject_duplicates(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    No parameter may come twice.

    Raises:  OAuthError("invalid_request").
    Source:  RFC 6749 §3.1.
    """
    if request.duplicated:
        raise OAuthError("invalid_request", "a parameter is given more than once")
    return request
