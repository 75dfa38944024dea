"""
THE TABLE: the authorization request on one screen. Every rule in its order, and the endpoints it applies to.

Before `check_redirect_uri` nothing is known about where an answer may go: rules there can only raise UnsafeToRedirect,
which becomes a page. From that row on they raise OAuthError, which travels to the client's proven address.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from idp.errors import OAuthError
from idp.protocol.checks.check_acr_values import check_acr_values
from idp.protocol.checks.check_authorization_details import check_authorization_details
from idp.protocol.checks.check_backchannel_object import check_backchannel_object
from idp.protocol.checks.check_binding_message import check_binding_message
from idp.protocol.checks.check_claims import check_claims
from idp.protocol.checks.check_client import check_client
from idp.protocol.checks.check_dpop_jkt import check_dpop_jkt
from idp.protocol.checks.check_id_token_hint import check_id_token_hint
from idp.protocol.checks.check_max_age import check_max_age
from idp.protocol.checks.check_nonce import check_nonce
from idp.protocol.checks.check_notification_token import check_notification_token
from idp.protocol.checks.check_openid import check_openid
from idp.protocol.checks.check_person_hint import check_person_hint
from idp.protocol.checks.check_pkce import check_pkce
from idp.protocol.checks.check_prompt import check_prompt
from idp.protocol.checks.check_pushed import check_pushed
from idp.protocol.checks.check_redirect_uri import check_redirect_uri
from idp.protocol.checks.check_request_object import check_request_object
from idp.protocol.checks.check_request_uri import check_request_uri
from idp.protocol.checks.check_requested_expiry import check_requested_expiry
from idp.protocol.checks.check_resource import check_resource
from idp.protocol.checks.check_response_mode import check_response_mode
from idp.protocol.checks.check_response_type import check_response_type
from idp.protocol.checks.check_scope import check_scope
from idp.protocol.checks.reject_details_in_person import reject_details_in_person
from idp.protocol.checks.reject_device_object import reject_device_object
from idp.protocol.checks.reject_duplicates import reject_duplicates
from idp.protocol.checks.reject_front_duplicates import reject_front_duplicates
from idp.protocol.checks.reject_registration import reject_registration
from idp.protocol.checks.reject_request_uri import reject_request_uri
from idp.protocol.checks.reject_user_code import reject_user_code
from idp.protocol.checks.use_backchannel_object import use_backchannel_object
from idp.protocol.checks.use_pushed_request import use_pushed_request
from idp.protocol.checks.use_request_object import use_request_object
from idp.protocol.request import NO_TARGET, AuthorizeFacts, AuthorizeRequest, Target, UnverifiedRequest

Endpoint = Literal["authorize", "par", "device", "ciba"]
ALL: frozenset[Endpoint] = frozenset({"authorize", "par", "device", "ciba"})
WITH_REDIRECT: frozenset[Endpoint] = frozenset({"authorize", "par"})
AUTHORIZE: frozenset[Endpoint] = frozenset({"authorize"})
PAR: frozenset[Endpoint] = frozenset({"par"})
ELSEWHERE: frozenset[Endpoint] = frozenset({"device", "ciba"})
CIBA: frozenset[Endpoint] = frozenset({"ciba"})
DEVICE: frozenset[Endpoint] = frozenset({"device"})


class FrontStep(NamedTuple):
    """A rule that runs while no redirect is safe."""

    check: Callable[[UnverifiedRequest, AuthorizeFacts], UnverifiedRequest]
    endpoints: frozenset[Endpoint]


class Step(NamedTuple):
    """A rule that runs once the target is proven."""

    check: Callable[[AuthorizeRequest, AuthorizeFacts], AuthorizeRequest]
    endpoints: frozenset[Endpoint]


FRONT_STEPS = (
    FrontStep(reject_front_duplicates, ALL),
    FrontStep(check_client, ALL),
    FrontStep(reject_request_uri, PAR),
    FrontStep(use_pushed_request, AUTHORIZE),
    FrontStep(use_request_object, WITH_REDIRECT),
    FrontStep(use_backchannel_object, CIBA),
)
PROVE_TARGET = check_redirect_uri
"""──── from here on a redirect is safe ────"""
STEPS = (
    Step(check_response_mode, WITH_REDIRECT),
    Step(reject_duplicates, ALL),
    Step(check_pushed, AUTHORIZE),
    Step(check_request_uri, ALL),
    Step(check_request_object, WITH_REDIRECT),
    Step(check_backchannel_object, CIBA),
    Step(reject_device_object, DEVICE),
    Step(reject_registration, ALL),
    Step(check_response_type, WITH_REDIRECT),
    Step(check_nonce, WITH_REDIRECT),
    Step(check_pkce, WITH_REDIRECT),
    Step(check_dpop_jkt, WITH_REDIRECT),
    Step(check_scope, ALL),
    Step(check_openid, CIBA),
    Step(check_resource, ALL),
    Step(check_prompt, WITH_REDIRECT),
    Step(check_max_age, ALL),
    Step(check_acr_values, ALL),
    Step(check_claims, ALL),
    Step(check_id_token_hint, WITH_REDIRECT | CIBA),
    Step(check_authorization_details, ALL),
    Step(reject_details_in_person, ELSEWHERE),
    Step(check_person_hint, CIBA),
    Step(check_binding_message, CIBA),
    Step(check_requested_expiry, CIBA),
    Step(check_notification_token, CIBA),
    Step(reject_user_code, CIBA),
)


class Refused(Exception):
    """A valid target must be told this error."""

    def __init__(self, error: OAuthError, target: Target) -> None:
        super().__init__(str(error))
        self.error = error
        self.target = target


def judge_request(
    unverified: UnverifiedRequest, facts: AuthorizeFacts, endpoint: Endpoint = "authorize"
) -> AuthorizeRequest:
    """
    Run the table for one endpoint.

    Raises:  UnsafeToRedirect: for the person alone. Refused: for the client.
    """
    for front in FRONT_STEPS:
        if endpoint in front.endpoints:
            unverified = front.check(unverified, facts)
    request = _targeted(unverified, facts, endpoint)
    for step in STEPS:
        if endpoint in step.endpoints:
            try:
                request = step.check(request, facts)
            except OAuthError as error:
                raise Refused(error, request.target) from error
    return request


def _targeted(unverified: UnverifiedRequest, facts: AuthorizeFacts, endpoint: Endpoint) -> AuthorizeRequest:
    """Where a person answers on another device there is no address to answer to; the client gets JSON."""
    if endpoint in WITH_REDIRECT:
        return PROVE_TARGET(unverified, facts)
    assert facts.client is not None  # check_client came before
    return AuthorizeRequest(unverified.parameters, unverified.duplicated, facts.client, NO_TARGET)
