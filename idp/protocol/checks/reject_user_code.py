from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def reject_user_code(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    People have no code that a service could collect from them; discovery says so.

    Raises:  OAuthError("invalid_request").
    Source:  OpenID Connect CIBA Core 1.0 §4 (backchannel_user_code_parameter_supported), §7.1.
    """
    if "user_code" in request.parameters:
        raise OAuthError("invalid_request", "user_code is not supported")
    return request
