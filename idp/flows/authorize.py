"""
GET and POST /authorize.

1. Begin: a fresh request (one by reference is fetched here), or one that comes back from a page with its `tx`.
2. Gather and judge the request: the table of protocol/steps.py.
3. Gather who is there: session and consent, in one SELECT.
4. Judge whether a page is needed first: the policies of protocol/prompts.py.
5. Act, in one transaction: authorization, code, service of the session, audit event.
6. Mint the tokens that are handed out here, for the response types that have any.
7. Answer the client in its response mode.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from base.forms import written_pairs
from base.ids import new_id, new_secret
from idp.accounts.assurance import acr_of, auth_time_of
from idp.errors import InteractionStale, OAuthError
from idp.flows.browser_state import state_for_client, state_to_send
from idp.flows.client_documents import know_client
from idp.flows.consent import is_addressee
from idp.flows.grant_authorization import Ended, PushedUsed, grant_authorization
from idp.flows.interactions import read_interaction, restart_url, resumed, write_interaction
from idp.flows.issue_front_tokens import issue_front_tokens
from idp.flows.judging import judged
from idp.flows.present import Present, gather_present
from idp.flows.protect import check_recipient
from idp.flows.request_facts import gather_facts
from idp.flows.resolve_reference import resolve_reference
from idp.flows.sign_response import check_answerable, signer
from idp.oauth.subjects import subject_for
from idp.protocol import endpoints
from idp.protocol.checks.use_pushed_request import used_before
from idp.protocol.interaction import Interaction
from idp.protocol.prompts import Need, Page, Person, Situation, next_need
from idp.protocol.request import AuthorizeRequest, UnverifiedRequest, kept_parameters, read_parameters, unsafe
from idp.protocol.response_modes import Answer, carrier_of, failure, redirect, success
from idp.protocol.steps import Refused
from idp.services import IdpServices
from idp.store.revoked import AlreadySpent

PAGES: dict[Page, str] = {
    "create": endpoints.NEW_ACCOUNT,
    "login": endpoints.LOGIN,
    "code": endpoints.LOGIN_CODE,
    "select": endpoints.SELECT,
    "consent": endpoints.CONSENT,
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """raw: query string or form body; browser: its handle; cookies: what they hold, unchecked; address: the peer's."""

    raw: bytes
    browser: str
    session_cookie: str | None
    state_cookie: str | None = None
    address: str = ""


def authorize(services: IdpServices, incoming: Incoming) -> Answer:
    """
    A redirect to the client or to one of our pages, or the form that posts to the client.

    Raises:  UnsafeToRedirect, InteractionInvalid, FetchesThrottled: for a page that the person sees.
    """
    try:
        interaction, unverified, problem = _begin(services, incoming)
    except InteractionStale as stale:
        return redirect(stale.restart)
    try:
        request = judged(unverified, gather_facts(services, unverified, interaction.started_at, problem))
    except Refused as refused:
        return failure(refused.target, services.issuer, refused.error, signer(services))
    present = gather_present(services, incoming.session_cookie, request.client.client_id)
    answer = _answered(services, request, interaction, present)
    state = state_to_send(services, present.session, incoming.session_cookie, incoming.state_cookie)
    return answer if state is None else answer._replace(browser_state=state)


def go_on(
    services: IdpServices,
    interaction: Interaction,
    request: AuthorizeRequest,
    session_cookie: str,
    here: Present | None,
) -> Answer:
    """
    What /authorize would answer to an interaction that a page of ours has read in this very request: one request less.
    The page has told the browser its state.

    request: the interaction's, judged. session_cookie: as the browser will hold it. here: who is present, if the page
    knows.

    A form that posts itself is left to /authorize: as the answer to a password it would be sent again by whoever
    reloads it.

    Raises:  as authorize().
    """
    if carrier_of(request.target.response_mode) == "form_post":
        return redirect(resumed(services, interaction))
    present = here or gather_present(services, session_cookie, request.client.client_id)
    return _answered(services, request, interaction, present)


def _answered(services: IdpServices, request: AuthorizeRequest, interaction: Interaction, present: Present) -> Answer:
    check_answerable(services, request)
    try:
        return _decide(services, request, interaction, present)
    except OAuthError as error:
        return failure(request.target, services.issuer, error, signer(services))


def come_again(raw: bytes) -> Answer:
    """The same request, parameter by parameter, by GET. Raises: UnsafeToRedirect: it cannot be read."""
    read_parameters(raw)
    pairs = parse_qsl(raw.decode(), keep_blank_values=True)
    return redirect(f"{endpoints.AUTHORIZE}?{urlencode(pairs)}")


def _begin(services: IdpServices, incoming: Incoming) -> tuple[Interaction, UnverifiedRequest, str]:
    unverified = read_parameters(incoming.raw)
    token = unverified.parameters.get("tx")
    if token is not None:
        if len(unverified.parameters) > 1 or unverified.duplicated:
            raise unsafe("invalid_request", "Yêu cầu không hợp lệ.", "The request is not valid.")
        interaction = read_interaction(services, token, incoming.browser)
        return interaction, UnverifiedRequest(interaction.parameters), ""
    know_client(services, unverified.parameters.get("client_id"), incoming.address)
    unverified, problem = resolve_reference(services, unverified, incoming.address)
    now = services.base.clock.now()
    return Interaction(new_id("tx"), kept_parameters(unverified), now, incoming.browser), unverified, problem


def _decide(services: IdpServices, request: AuthorizeRequest, interaction: Interaction, present: Present) -> Answer:
    interaction = _trusted_part(services, interaction, present)
    need = next_need(_situation(services, request, interaction, present))
    if need is not None:
        return _to_page(services, interaction, need, request.parameters.get("ui_locales"))
    assert present.session is not None  # the first policy sends everybody else to the login page
    if request.response_type.is_front:
        check_recipient(services, request.client, "id_token")
    code = new_secret() if request.response_type.has_code else None
    try:
        granted = grant_authorization(services, request, interaction, present, code)
    except PushedUsed:
        raise used_before() from None
    except (AlreadySpent, Ended):
        # Consent given in this interaction has been used, or it or the session ended a moment ago: begin again.
        return redirect(_again(services, interaction, request))
    values = {} if code is None else {"code": code}
    if request.response_type.is_front:
        values |= issue_front_tokens(services, request, granted, code)
    monitored = state_for_client(services, request, present.session.id)
    if monitored is not None:
        values["session_state"] = monitored
    return success(request.target, services.issuer, values, signer(services))


def _again(services: IdpServices, interaction: Interaction, request: AuthorizeRequest) -> str:
    """Back to the beginning of the same request. A pushed one may have expired meanwhile, but was begun in time."""
    if request.pushed is None:
        return restart_url(interaction)
    begun = replace(interaction, id=new_id("tx"), done=frozenset(), approved_by="")
    return f"{endpoints.AUTHORIZE}?{written_pairs({'tx': write_interaction(services, begun)})}"


def _trusted_part(services: IdpServices, interaction: Interaction, present: Present) -> Interaction:
    """
    Consent counts for this request only if the person who is signed in now gave it, on this request's own page, and
    has not taken it back since.
    """
    session, consent = present.session, present.consent
    if (
        session is not None
        and consent is not None
        and consent.granted_at >= interaction.started_at
        and is_addressee(services, session, interaction, interaction.approved_by)
    ):
        return interaction
    return replace(interaction, done=interaction.done - {"consent"}, approved_by="")


def _situation(
    services: IdpServices, request: AuthorizeRequest, interaction: Interaction, present: Present
) -> Situation:
    session, consent = present.session, present.consent
    person = None
    if session is not None:
        person = Person(
            user_id=session.user_id,
            subject=subject_for(services.keys, request.client, session.user_id),
            factors=session.factors,
            acr=acr_of(session.factors),
            auth_time=auth_time_of(session.factors),
        )
    return Situation(
        request=request,
        person=person,
        consented=consent is not None and consent.covers(request.scope, request.asked_besides_scope),
        started_at=interaction.started_at,
        now=services.base.clock.now(),
        done=interaction.done,
    )


def _to_page(services: IdpServices, interaction: Interaction, need: Need, ui_locales: str | None) -> Answer:
    values = {"tx": write_interaction(services, interaction)}
    if ui_locales is not None:
        values["ui_locales"] = ui_locales
    return redirect(f"{PAGES[need.page]}?{written_pairs(values)}")
