from __future__ import annotations

import re
from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest

_BEARER = re.compile(r"[A-Za-z0-9._~+/-]{22,1024}=*")
MOST_CHARACTERS = 1024


def check_notification_token(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A client that is pinged gives the token that our ping will carry: long enough for 128 bits, at most 1,024 letters.

    Raises:  OAuthError("invalid_request"): missing, too short to be a secret, too long, or not the syntax of a token.
    Source:  OpenID Connect CIBA Core 1.0 §7.1; RFC 6750 §2.1 (syntax). 22 characters of base64url are 128 bits.
    """
    if request.client.backchannel.delivery_mode != "ping":
        return request
    given = request.parameters.get("client_notification_token", "")
    if len(given) > MOST_CHARACTERS or not _BEARER.fullmatch(given):
        raise OAuthError("invalid_request", "client_notification_token must be a bearer token of 22 to 1024 characters")
    return replace(request, elsewhere=replace(request.elsewhere, notification_token=given))
