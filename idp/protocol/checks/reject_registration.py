from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def reject_registration(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A client does not register itself in the middle of a request; discovery says so.

    Raises:  OAuthError("registration_not_supported").
    Source:  OpenID Connect Core §3.1.2.6, §7.2.1.
    """
    if "registration" in request.parameters:
        raise OAuthError("registration_not_supported", "the parameter registration is not supported")
    return request
