from __future__ import annotations

import re
from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.claims import SCOPES
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest

_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*")


def check_scope(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    Scopes within the client's registration. Words that nobody knows are left out; others beyond it are refused.

    Raises:  OAuthError("invalid_scope"): malformed, nothing left, beyond the registration, or openid missing.
    Source:  RFC 6749 §3.3; OpenID Connect Core §3.1.2.1 (unknown scope values are ignored), §11 (offline_access is
             ignored where the client cannot use it, and where no code is handed out); Native SSO §3.1 (device_sso goes
             with openid, and comes at the token endpoint).
    """
    given = request.parameters.get("scope", "")
    if given and not _SCOPE.fullmatch(given):
        raise OAuthError("invalid_scope", "scope is malformed")
    known = frozenset(given.split()) & (SCOPES.keys() | request.client.scope)
    if "refresh_token" not in request.client.grant_types or not request.response_type.has_code:
        known -= {"offline_access"}
    if "openid" not in known or not request.response_type.has_code:
        known -= {"device_sso"}
    beyond = known - request.client.scope
    if beyond:
        raise OAuthError("invalid_scope", f"the client is not registered for: {' '.join(sorted(beyond))}")
    if request.response_type.is_front and "openid" not in known:
        raise OAuthError("invalid_scope", "tokens that are handed out here need the scope openid")
    if not known and "authorization_details" not in request.parameters:
        raise OAuthError("invalid_scope", "scope is missing, or holds nothing that the client may ask for")
    return replace(request, scope=known)
