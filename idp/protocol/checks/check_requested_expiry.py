from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest

_MOST_DIGITS = 9


def check_requested_expiry(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    requested_expiry in whole seconds, at least one; the flow keeps it within our own lifetime.

    Raises:  OAuthError("invalid_request").
    Source:  OpenID Connect CIBA Core 1.0 §7.1.
    """
    given = request.parameters.get("requested_expiry")
    if given is None:
        return request
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS and int(given) > 0):
        raise OAuthError("invalid_request", "requested_expiry must be a positive number of seconds")
    return replace(request, elsewhere=replace(request.elsewhere, expires_in=int(given)))
