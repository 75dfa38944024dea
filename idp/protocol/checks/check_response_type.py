from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest

RESPONSE_TYPES = ("code",)


def check_response_type(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    Only the code flow, and only for clients registered for it.

    Raises:  OAuthError("invalid_request" | "unsupported_response_type" | "unauthorized_client").
    Source:  RFC 6749 §4.1.2.1; RFC 9700 §2.1.2 (no tokens in the front channel).
    """
    wanted = request.parameters.get("response_type")
    if wanted is None:
        raise OAuthError("invalid_request", "response_type is missing")
    if wanted not in RESPONSE_TYPES:
        raise OAuthError("unsupported_response_type", "response_type must be code")
    if wanted not in request.client.response_types or "authorization_code" not in request.client.grant_types:
        raise OAuthError("unauthorized_client", "the client is not registered for the code flow")
    return replace(request, response_type=wanted)
