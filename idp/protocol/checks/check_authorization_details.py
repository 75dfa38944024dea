from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.details import parse_details
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def check_authorization_details(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    Every detail of a known type that the client is registered for, and valid in every member.

    They are powers, such as to sign one document, so no token that carries them travels through a browser.

    Raises:  OAuthError("invalid_authorization_details"). OAuthError("invalid_request"): the response type is not code.
    Source:  RFC 9396 §5, §10; RFC 9700 §2.1.2.
    """
    given = request.parameters.get("authorization_details")
    if given is None:
        return request
    if request.response_type.is_front:
        raise OAuthError("invalid_request", "authorization_details need the response type code")
    details = parse_details(given)
    if {detail.type for detail in details} - request.client.authorization_details_types:
        raise OAuthError("invalid_authorization_details", "the client is not registered for a type it asks for")
    return replace(request, details=details)
