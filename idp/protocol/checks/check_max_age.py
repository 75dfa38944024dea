from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest

_MOST_DIGITS = 9


def check_max_age(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    max_age in whole seconds; the registered default where the request has none.

    Raises:  OAuthError("invalid_request"): not a number of seconds.
    Source:  OpenID Connect Core §3.1.2.1; OpenID Connect Registration §2, default_max_age.
    """
    given = request.parameters.get("max_age")
    if given is None:
        return replace(request, max_age=request.client.default_max_age)
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS):
        raise OAuthError("invalid_request", "max_age must be a number of seconds")
    return replace(request, max_age=int(given))
