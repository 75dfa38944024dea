"""Judging a request that a person answers on another device: when it comes, and again whenever she is shown it."""

from __future__ import annotations

from collections.abc import Mapping

from idp.errors import OAuthError, UnsafeToRedirect
from idp.protocol.client import Client
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest, UnverifiedRequest
from idp.protocol.steps import Endpoint, Refused, judge_request
from idp.services import IdpServices

CREDENTIALS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


def kept(form: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters without what proves the client, which is used once and not kept."""
    return {name: value for name, value in form.items() if name not in CREDENTIALS}


def judged(
    services: IdpServices,
    client: Client,
    parameters: Mapping[str, str],
    endpoint: Endpoint,
    facts: AuthorizeFacts | None = None,
) -> AuthorizeRequest:
    """
    The table of protocol/steps.py for an authenticated client.

    Raises:  OAuthError: of the first rule that refuses.
    """
    unverified = UnverifiedRequest({**parameters, "client_id": client.client_id})
    facts = facts or AuthorizeFacts(services.issuer, client, begun_at=services.base.clock.now())
    try:
        return judge_request(unverified, facts, endpoint)
    except UnsafeToRedirect as unsafe:
        raise OAuthError("invalid_request", unsafe.hint or unsafe.en) from unsafe
    except Refused as refused:
        raise refused.error from refused
