"""Refresh token → tokens, and a new refresh token in its place."""

from __future__ import annotations

from idp.errors import OAuthError
from idp.oauth.grants.base import Entitlement, Grant, Successor, Ticket, TokenRequest, aim, detailed, narrowed


class RefreshToken(Grant):
    """
    Rotation on every use, for public and confidential clients alike; reuse ends the family (run() sees to it). But for
    clients of a profile that does not rotate: theirs stays as it is, for it is worth nothing without their key.

    The successor is computed from the token itself, with a key of ours. So within a few seconds the same token gets the
    same successor again, without anything being stored in clear: an answer that was lost on its way, or eight tabs that
    refresh at once, log nobody out, and there is one chain all the same.

    The family keeps the scope it was granted: a narrower request narrows its own access token only. Its absolute end
    is the grant's, however often it is refreshed.

    Source: RFC 6749 §6; RFC 9700 §4.14.2; FAPI 2.0 Security Profile §5.3.2.1; OpenID Connect Core §12.2 (no nonce
    in a refreshed ID token).
    """

    name = "refresh_token"
    ticket_parameter = "refresh_token"
    takes_details = True

    def may_repeat(self, request: TokenRequest, ticket: Ticket) -> bool:
        """
        For a moment, and only to a sender that has proven to hold the same as the one who used it.

        Another server may have spent it in a second that has not begun here: without a window that is a replay too.
        """
        if ticket.spent_at is None or request.refresh_grace == 0:
            return False
        return request.now - ticket.spent_at < request.refresh_grace and ticket.spent_by == request.holds

    def judge(self, request: TokenRequest, ticket: Ticket | None) -> Entitlement:
        assert ticket is not None  # this grant has a ticket parameter
        if ticket.is_bound_elsewhere(request.jkt, request.x5t):
            raise OAuthError("invalid_grant", "the refresh token is bound to another key or certificate")
        authorization = detailed(request, ticket.authorization)
        scope = narrowed(request, authorization.scope)
        target = aim(request, scope, authorization)
        if not request.client.profile.rotates:
            return Entitlement(request.client, authorization, scope, aim=target, keeps_ticket=True)
        ends_at = min(request.now + request.refresh_lifetime, authorization.expires_at)
        token = request.successor_of(request.form["refresh_token"])
        successor = Successor(token, ends_at, ticket.dpop_jkt, ticket.x5t, request.holds)
        return Entitlement(request.client, authorization, scope, None, successor, target)
