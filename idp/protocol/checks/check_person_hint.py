from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest

_HINTS = ("login_hint", "id_token_hint", "login_hint_token")
MOST_CHARACTERS = 200


def check_person_hint(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    Exactly one hint says who is asked: a sign-in name, or an ID token of ours.

    Raises:  OAuthError("invalid_request"): none, several, too long, or a login_hint_token, which we have no format for.
    Source:  OpenID Connect CIBA Core 1.0 §7.1, §7.2.
    """
    given = [name for name in _HINTS if name in request.parameters]
    if len(given) != 1:
        raise OAuthError("invalid_request", f"exactly one of {', '.join(_HINTS)} is needed")
    if given == ["login_hint_token"]:
        raise OAuthError("invalid_request", "login_hint_token is not supported")
    login_hint = request.parameters.get("login_hint", "")
    if len(login_hint) > MOST_CHARACTERS:
        raise OAuthError("invalid_request", "login_hint is too long")
    return replace(request, elsewhere=replace(request.elsewhere, login_hint=login_hint))
