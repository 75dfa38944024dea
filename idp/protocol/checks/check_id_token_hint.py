from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def check_id_token_hint(request: AuthorizeRequest, facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A hint must be an ID token that we gave this client; an expired one will do.

    Raises:  OAuthError("invalid_request").
    Source:  OpenID Connect Core §3.1.2.1, §3.1.2.2.
    """
    if facts.hint is None:
        return request
    if facts.hint.subject is None:
        raise OAuthError("invalid_request", "id_token_hint is not an ID token issued to this client")
    return replace(request, hinted_subject=facts.hint.subject)
