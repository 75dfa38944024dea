from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def check_openid(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A backchannel request is an authentication: the scope openid is there.

    Raises:  OAuthError("invalid_scope").
    Source:  OpenID Connect CIBA Core 1.0 §7.1, scope.
    """
    if "openid" not in request.scope:
        raise OAuthError("invalid_scope", "scope must hold openid")
    return request
