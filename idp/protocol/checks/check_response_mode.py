from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest
from idp.protocol.response_modes import RESPONSE_MODES, carrier_of
from idp.protocol.response_types import default_mode


def check_response_mode(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    How the answer is to travel; it comes right after the address, because errors travel the same way.

    `jwt` stands for the signed form of what the response type would travel in. A mode that is refused is refused in the
    default one.

    Raises:  OAuthError("invalid_request"): a mode that we do not offer, or a token in the query of an address.
    Source:  OAuth 2.0 Multiple Response Type Encoding Practices §2.1, §5; OAuth 2.0 Form Post Response Mode §2; JARM
             §2.3.1, §2.3.4.
    """
    usual = default_mode(request.parameters.get("response_type"))
    mode = request.parameters.get("response_mode", usual)
    if mode == "jwt":
        mode = f"{usual}.jwt"
    if mode not in RESPONSE_MODES:
        raise OAuthError("invalid_request", "response_mode is not supported")
    if usual != "query" and carrier_of(mode) == "query":
        raise OAuthError("invalid_request", "a token must not travel in the query of an address")
    return replace(request, target=replace(request.target, response_mode=mode))
