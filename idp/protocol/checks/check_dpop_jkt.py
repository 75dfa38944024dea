from __future__ import annotations

import re
from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


def check_dpop_jkt(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A client may say in advance which key it will use; the code then counts only together with that key.

    Reads:   dpop_jkt (43 base64url characters: SHA-256 of the public key, RFC 7638).
    Raises:  OAuthError("invalid_request"): malformed, or an access token is asked for here, where none can be bound.
    Source:  RFC 9449 §10.
    """
    thumbprint = request.parameters.get("dpop_jkt")
    if thumbprint is not None and not _THUMBPRINT.fullmatch(thumbprint):
        raise OAuthError("invalid_request", "dpop_jkt must be 43 base64url characters")
    if thumbprint is not None and request.response_type.has_token:
        raise OAuthError("invalid_request", "an access token that is handed out here cannot be bound to a key")
    return replace(request, dpop_jkt=thumbprint)
