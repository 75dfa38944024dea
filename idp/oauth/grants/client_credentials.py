"""A client acting for itself."""

from __future__ import annotations

from idp.errors import OAuthError
from idp.oauth.grants.base import Entitlement, Grant, Ticket, TokenRequest, aim, narrowed
from idp.protocol.claims import SCOPES


class ClientCredentials(Grant):
    """
    No person, hence no scope that opens a person's data, no ID token and no refresh token; nothing is stored.

    Source: RFC 6749 §4.4 (§4.4.3: no refresh token).
    """

    name = "client_credentials"

    def judge(self, request: TokenRequest, ticket: Ticket | None) -> Entitlement:
        if request.client.is_public:
            raise OAuthError("unauthorized_client", "a public client cannot act for itself")
        scope = narrowed(request, request.client.scope - SCOPES.keys())
        return Entitlement(request.client, None, scope, aim=aim(request, scope, None))
