from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def check_request_object(request: AuthorizeRequest, facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A request object is in order, and is there where the client has to sign. What was pushed was judged when it came.

    Raises:  OAuthError("invalid_request_object"): refused. OAuthError("invalid_request"): missing.
    Source:  RFC 9101 §6, §10.5 (require_signed_request_object); FAPI 2.0 Message Signing §5.3.1.
    """
    if facts.request_object is not None and facts.request_object.parameters is None:
        raise OAuthError("invalid_request_object", facts.request_object.problem)
    if request.client.require_signed and facts.request_object is None and facts.pushed is None:
        raise OAuthError("invalid_request", "this client must sign its authorization requests")
    return request
