"""Code → tokens."""

from __future__ import annotations

import hmac
import re

from idp.oauth.authlib_door import s256_challenge
from idp.oauth.grants.base import (
    Entitlement,
    Grant,
    Ticket,
    TicketBurnt,
    TokenRequest,
    aim,
    detailed,
    first_refresh_token,
)

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class AuthorizationCode(Grant):
    """
    Source: RFC 6749 §4.1.3; RFC 7636 §4.6; RFC 9700 §4.5.

    Presented by another client, a code stays good for its owner (run() refuses it before). Presented by its own client
    with the wrong verifier or address, it is burnt: an attacker who injects codes gets one try.
    """

    name = "authorization_code"
    ticket_parameter = "code"
    takes_details = True

    def judge(self, request: TokenRequest, ticket: Ticket | None) -> Entitlement:
        """
        1. The redirect address is the one of the authorization request.
        2. The verifier belongs to the challenge.
        3. The key is the one it was promised to.
        4. A refresh token goes along where the client is registered for it; never for authorization details that
           are spent once.
        """
        assert ticket is not None  # this grant has a ticket parameter
        if request.form.get("redirect_uri") != ticket.redirect_uri:
            raise TicketBurnt("invalid_grant", "redirect_uri is not the one of the authorization request")
        _check_verifier(request.form.get("code_verifier"), ticket.code_challenge)
        if ticket.is_bound_elsewhere(request.jkt):
            raise TicketBurnt("invalid_grant", "the code is bound to another key")
        authorization = detailed(request, ticket.authorization)
        target = aim(request, authorization.scope, authorization)
        successor = first_refresh_token(request, ticket.authorization)
        return Entitlement(request.client, authorization, authorization.scope, authorization.nonce, successor, target)


def _check_verifier(verifier: str | None, challenge: str | None) -> None:
    """
    A verifier belongs to a challenge, and both are there or neither. A verifier without a challenge means that somebody
    took the challenge out of the request on its way: a downgrade.

    Source: RFC 7636 §4.6; RFC 9700 §4.8.2.
    """
    if challenge is None:
        if verifier is not None:
            raise TicketBurnt("invalid_grant", "code_verifier came, but the request held no code_challenge")
        return
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        raise TicketBurnt("invalid_grant", "code_verifier is missing or malformed")
    if not hmac.compare_digest(s256_challenge(verifier), challenge):
        raise TicketBurnt("invalid_grant", "code_verifier does not belong to the code_challenge")
