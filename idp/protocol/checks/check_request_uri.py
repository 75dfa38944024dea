from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def check_request_uri(request: AuthorizeRequest, facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A request_uri that is still here could not be followed: not registered, not reachable, too long, or not alone.

    Raises:  OAuthError("invalid_request_uri"); ("request_uri_not_supported"): at an endpoint that follows none.
    Source:  OpenID Connect Core §3.1.2.6, §6.2; RFC 9101 §5, §7 (request and request_uri exclude each other).
    """
    if "request_uri" in request.parameters:
        if not facts.reference_problem:
            raise OAuthError("request_uri_not_supported", "request_uri is not served at this endpoint")
        raise OAuthError("invalid_request_uri", facts.reference_problem)
    return request
