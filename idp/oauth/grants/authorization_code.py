"""Code → tokens."""

from __future__ import annotations

import hmac
import re

from base.ids import new_secret
from idp.oauth.authlib_door import s256_challenge
from idp.oauth.grants.base import Entitlement, Grant, Successor, Ticket, TicketBurnt, TokenRequest, aim
from idp.protocol.authorization import Authorization

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class AuthorizationCode(Grant):
    """
    Source: RFC 6749 §4.1.3; RFC 7636 §4.6; RFC 9700 §4.5.

    Presented by another client, a code stays good for its owner (run() refuses it before). Presented by its own client
    with the wrong verifier or address, it is burnt: an attacker who injects codes gets one try.
    """

    name = "authorization_code"
    ticket_parameter = "code"

    def judge(self, request: TokenRequest, ticket: Ticket | None) -> Entitlement:
        """
        1. The redirect address is the one of the authorization request.
        2. The verifier belongs to the challenge.
        3. The key is the one it was promised to.
        4. A refresh token goes along where the client is registered for it; never for authorization details, which
           are spent once.
        """
        assert ticket is not None  # this grant has a ticket parameter
        if request.form.get("redirect_uri") != ticket.redirect_uri:
            raise TicketBurnt("invalid_grant", "redirect_uri is not the one of the authorization request")
        verifier = request.form.get("code_verifier", "")
        if not _VERIFIER.fullmatch(verifier):
            raise TicketBurnt("invalid_grant", "code_verifier is missing or malformed")
        if not hmac.compare_digest(s256_challenge(verifier), ticket.code_challenge or ""):
            raise TicketBurnt("invalid_grant", "code_verifier does not belong to the code_challenge")
        if ticket.is_bound_elsewhere(request.jkt):
            raise TicketBurnt("invalid_grant", "the code is bound to another key")
        authorization, successor = ticket.authorization, None
        target = aim(request, authorization.scope, authorization)
        if "refresh_token" in request.client.grant_types and not authorization.details:
            successor = _first(request, authorization)
        return Entitlement(request.client, authorization, authorization.scope, authorization.nonce, successor, target)


def _first(request: TokenRequest, authorization: Authorization) -> Successor:
    """
    The first refresh token. That of a client which cannot authenticate is bound to what it holds; one that will not
    rotate lives as long as its grant.

    Source: RFC 9449 §5; RFC 8705 §7.1.
    """
    ends_at = authorization.expires_at
    if request.client.profile.rotates:
        ends_at = min(request.now + request.refresh_lifetime, ends_at)
    public = request.client.is_public
    return Successor(
        new_secret(), ends_at, request.jkt if public else None, request.x5t if public else None, request.holds
    )
