from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest
from idp.protocol.response_modes import RESPONSE_MODES


def check_response_mode(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    How the answer is to travel; it comes right after the address, because errors travel the same way.

    Raises:  OAuthError("invalid_request"): a mode that we do not offer.
    Source:  OAuth 2.0 Multiple Response Type Encoding Practices §2.1; OAuth 2.0 Form Post Response Mode §2.
    """
    mode = request.parameters.get("response_mode", "query")
    if mode not in RESPONSE_MODES:
        raise OAuthError("invalid_request", "response_mode is not supported")
    return replace(request, target=replace(request.target, response_mode=mode))
