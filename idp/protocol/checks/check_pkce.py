from __future__ import annotations

import re
from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest

_S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


def check_pkce(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A code is handed out only against an S256 code challenge.

    A client may be registered without (registration.py: require_pkce, confidential clients of the profile oidc alone).
    It may then leave the challenge out; one that it sends counts all the same. Without a code there is nothing to do.

    Reads:   code_challenge (43 base64url characters, no padding) and code_challenge_method.
    Raises:  OAuthError("invalid_request"): challenge missing, malformed, or method not S256.

    Source:  RFC 7636 §4.3, §4.4.1; RFC 9700 §2.1.1, §4.8.2. Stricter than the RFC: `plain`, and a method left out
             (which means plain), are refused, and confidential clients are not exempt by themselves (ADR 0005).
    """
    if not request.response_type.has_code:
        return request
    challenge, method = request.parameters.get("code_challenge"), request.parameters.get("code_challenge_method")
    if challenge is None and method is None and not request.client.require_pkce:
        return request
    if challenge is None:
        raise OAuthError("invalid_request", "code_challenge is missing: PKCE is required of this client")
    if method != "S256":
        raise OAuthError("invalid_request", "code_challenge_method must be S256")
    if not _S256_CHALLENGE.fullmatch(challenge):
        raise OAuthError("invalid_request", "code_challenge must be 43 base64url characters")
    return replace(request, code_challenge=challenge)
