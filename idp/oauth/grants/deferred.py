"""What the two grants share in which a person answers on another device; the client asks again until she has."""

from __future__ import annotations

from typing import Protocol, cast

from idp.errors import OAuthError
from idp.oauth.grants.base import (
    Entitlement,
    Grant,
    Ledger,
    Ticket,
    TokenRequest,
    Waiting,
    aim,
    detailed,
    first_refresh_token,
)


class PollLedger(Ledger, Protocol):
    """A ledger whose tickets may be asked for before the person has answered."""

    def poll(self, waiting: Waiting) -> bool:
        """Count one poll. False: it came too soon, and the interval has grown."""
        ...


class DeferredGrant(Grant):
    """
    Source: RFC 8628 §3.4, §3.5; OpenID Connect CIBA Core 1.0 §10.1, §11.

    Presented by another client or with another key than the request came with, the ticket stays good for its owner. A
    ticket that was redeemed and comes back ends the whole family, as with codes. The interval counts only while there
    is nothing to fetch: once the person has answered, the next poll gets the answer.
    """

    takes_details = True

    def not_yet(self, request: TokenRequest, waiting: Waiting, ledger: Ledger) -> OAuthError:
        """
        1. Another key learns nothing and counts for nothing.
        2. A refusal and the end of the time are final.
        3. Otherwise the poll is counted, by a statement that lets one of many at once through.
        """
        if waiting.dpop_jkt is not None and waiting.dpop_jkt != request.jkt:
            return OAuthError("invalid_grant", f"the {self.ticket_parameter} is bound to another key")
        if waiting.is_denied:
            return OAuthError("access_denied", "the person refused")
        if waiting.is_expired:
            return OAuthError("expired_token", f"the {self.ticket_parameter} has expired")
        if not cast("PollLedger", ledger).poll(waiting):
            return OAuthError("slow_down", "wait five seconds longer between requests")
        return OAuthError("authorization_pending", "the person has not answered yet")

    def judge(self, request: TokenRequest, ticket: Ticket | None) -> Entitlement:
        """The key is the one that came with the request; then tokens as for a code."""
        assert ticket is not None  # these grants have a ticket parameter
        if ticket.is_bound_elsewhere(request.jkt):
            raise OAuthError("invalid_grant", f"the {self.ticket_parameter} is bound to another key")
        authorization = detailed(request, ticket.authorization)
        target = aim(request, authorization.scope, authorization)
        successor = first_refresh_token(request, ticket.authorization)
        return Entitlement(request.client, authorization, authorization.scope, None, successor, target)
