from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest

_NOT_OFFERED = {
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


def reject_request_objects(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    Request objects by reference and inline registration are not offered; discovery says so.

    Raises:  OAuthError("request_uri_not_supported" | "registration_not_supported").
    Source:  OpenID Connect Core §3.1.2.6.
    """
    for name, code in _NOT_OFFERED.items():
        if name in request.parameters:
            raise OAuthError(code, f"the parameter {name} is not supported")
    return request
