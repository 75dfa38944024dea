from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def check_nonce(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    An ID token that travels through the browser must answer this very request: a nonce is required.

    Raises:  OAuthError("invalid_request").
    Source:  OpenID Connect Core §3.2.2.1, §3.2.2.11, §3.3.2.11.
    """
    if request.response_type.has_id_token and request.nonce is None:
        raise OAuthError("invalid_request", "nonce is missing: it is required where an ID token is handed out here")
    return request
