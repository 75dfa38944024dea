"""
POST /par: a client sends its authorization request ahead, and gets an address that stands for it.

1. Authenticate the client (flows/authenticate_client.py).
2. Judge the request with the table of protocol/steps.py, as /authorize will again.
3. Act: one row, by the hash of the request_uri.

Source: RFC 9126 §2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from base.ids import new_secret
from idp.errors import OAuthError, UnsafeToRedirect
from idp.flows.authenticate_client import authenticate_sender
from idp.flows.request_facts import gather_facts
from idp.oauth.client_auth.base import Presented
from idp.protocol.request import PUSHED_PREFIX, AuthorizeRequest, UnverifiedRequest
from idp.protocol.sender_constraint import Sender
from idp.protocol.steps import Refused, judge_request
from idp.services import IdpServices
from idp.store.pushed_requests import add_pushed_request

CREDENTIALS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})
"""What proves the client is used here and not kept (RFC 9126 §2.1)."""
LONGEST_SECONDS = 599
"""Source: FAPI 2.0 Security Profile §5.3.2.2: less than 600 seconds."""


def push_request(services: IdpServices, presented: Presented) -> dict[str, Any]:
    """
    The answer with `request_uri` and `expires_in`.

    Raises:  OAuthError: of the client's authentication, or of the first rule that refuses; nothing is redirected here.
    """
    sender = authenticate_sender(services, presented)
    given = {name: value for name, value in presented.form.items() if name not in CREDENTIALS}
    given["client_id"] = sender.client.client_id
    unverified, now = UnverifiedRequest(given), services.base.clock.now()
    try:
        judged = judge_request(unverified, gather_facts(services, unverified, now), "par")
    except UnsafeToRedirect as unsafe:
        code = unsafe.code if unsafe.code.startswith("invalid_request") else "invalid_request"
        raise OAuthError(code, unsafe.hint or unsafe.en) from unsafe
    except Refused as refused:
        raise refused.error from refused
    request_uri = PUSHED_PREFIX + new_secret()
    lifetime = min(services.settings.par_lifetime_seconds, LONGEST_SECONDS)
    with services.base.db.begin() as connection:
        add_pushed_request(
            connection,
            request_uri=request_uri,
            client_id=sender.client.client_id,
            parameters=_bound(judged, sender),
            expires_at=now + lifetime,
        )
    return {"request_uri": request_uri, "expires_in": lifetime}


def _bound(judged: AuthorizeRequest, sender: Sender) -> Mapping[str, str]:
    """
    What is kept: the parameters in force. A key that was proven here is the one the code will be bound to.

    Raises:  OAuthError("invalid_dpop_proof"): the request says another. Source: RFC 9449 §10.1.
    """
    if sender.jkt is None:
        return judged.parameters
    if judged.dpop_jkt not in (None, sender.jkt):
        raise OAuthError("invalid_dpop_proof", "dpop_jkt is not the key of the DPoP proof")
    return {**judged.parameters, "dpop_jkt": sender.jkt}
