"""
POST /token.

1. Authenticate the client and the key it sends from (flows/authenticate_client.py).
2. Know a key of the client's, if its ID tokens are encrypted (flows/protect.py).
3. Choose the grant (oauth/grants); its run() gathers, judges, and spends the ticket before anything is minted.
4. Mint (flows/issue_tokens.py). What some grants gather before and record after is in flows/errands.py.
"""

from __future__ import annotations

from typing import Any

from base.ids import letters_of
from base.metrics import TOKENS
from idp.errors import OAuthError
from idp.flows.authenticate_client import authenticate_sender
from idp.flows.errands import ERRANDS
from idp.flows.issue_tokens import issue_tokens
from idp.flows.ledgers import ledger_for
from idp.flows.protect import check_recipient
from idp.oauth.client_auth.base import Presented
from idp.oauth.grants import GRANT_BY_NAME
from idp.oauth.grants.base import TokenRequest
from idp.protocol.sender_constraint import confirmation_of
from idp.services import EVERY_RESOURCE, IdpServices


def token(services: IdpServices, presented: Presented) -> dict[str, Any]:
    """
    The token response as a JSON object.

    Raises:  OAuthError, with the codes of RFC 6749 §5.2.
    """
    unverified_grant = presented.form.get("grant_type", "")
    label = unverified_grant if unverified_grant in GRANT_BY_NAME else "unknown"
    try:
        answer = _token(services, presented, unverified_grant)
    except OAuthError:
        TOKENS.labels(label, "refused").inc()
        raise
    TOKENS.labels(label, "issued").inc()
    return answer


def _token(services: IdpServices, presented: Presented, unverified_grant: str) -> dict[str, Any]:
    sender = authenticate_sender(services, presented)
    if not unverified_grant:
        raise OAuthError("invalid_request", "grant_type is missing")
    grant = GRANT_BY_NAME.get(unverified_grant)
    if grant is None:
        raise OAuthError("unsupported_grant_type", "the grant type is not supported")
    check_recipient(services, sender.client, "id_token")
    now = services.base.clock.now()
    confirmation = confirmation_of(sender)
    errand = ERRANDS.get(grant.name) if grant.name in sender.client.grant_types else None
    request = TokenRequest(
        client=sender.client,
        form=presented.form,
        now=now,
        refresh_lifetime=services.settings.refresh_token_lifetime_seconds,
        jkt=sender.jkt,
        x5t=sender.x5t,
        refresh_grace=services.settings.refresh_grace_seconds,
        successor_of=lambda token: _successor(services, token),
        resources=services.resources.get(EVERY_RESOURCE) or {},
        confirmation=confirmation,
        issuer=services.issuer,
        evidence=errand.gather(services, sender.client, presented.form, now) if errand else None,
    )
    entitlement = grant.run(request, ledger_for(services, grant, now))
    if errand is not None:
        errand.act(services, entitlement, request.evidence, now)
    return issue_tokens(services, entitlement, now, confirmation)


def _successor(services: IdpServices, token: str) -> str:
    """43 base64url characters. Who steals a token cannot compute what follows it: that takes our master key."""
    return letters_of(services.keys.mac("idp.refresh_successor", token))
