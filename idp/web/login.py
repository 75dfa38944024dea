"""
The sign-in page: name and password. Many open it at once, so it is answered on the hot edge too (base/web/visit.py).

With nobody signed in and nothing said before, it differs from one person to the next by what waits behind it alone,
and is put together from parts that were rendered once (base/web/skeletons.py).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial

import flask

from base.errors import AntinError
from base.texts import spoken_lang
from base.web.cookies import readable_cookie_header
from base.web.edge import EdgeResponse, Handler
from base.web.skeletons import Skeletons, mark
from base.web.visit import Page, Visit, as_page, on_edge, shell_of
from idp.accounts.passwords import RETRY_AFTER_SECONDS, HashingBusy
from idp.flows.authorize import go_on
from idp.flows.browser_state import STATE_COOKIE, browser_state
from idp.flows.interactions import resumed
from idp.flows.pending import PENDING_COOKIE, PENDING_SECONDS
from idp.flows.present import Beginning
from idp.flows.sign_in import NeedsCode, Proven, SignedIn, SignInRefused, SignInThrottled, check_password, sign_in
from idp.flows.visitor import Visitor
from idp.protocol import endpoints
from idp.protocol.interaction import Interaction
from idp.protocol.request import AuthorizeRequest
from idp.services import IdpServices
from idp.store.sessions import SESSION_COOKIE, SessionFacts
from idp.web.visits import Waiting, session_of, waiting_behind

log = logging.getLogger("antin.sign_in")
REFUSED_STATUS = 401
AGAIN = "again"
"""In the address: whoever is signed in is to prove it afresh, and is not sent onward as she is."""
TEMPLATE = "idp/login.html"


def mount(blueprint: flask.Blueprint, app: flask.Flask, services: IdpServices) -> None:
    """GET and POST /login."""
    page = login_page(services)
    blueprint.add_url_rule(endpoints.LOGIN, "login", as_page(shell_of(app), page), methods=["GET", "POST"])


def routes(app: flask.Flask, services: IdpServices) -> Mapping[str, Handler]:
    """The same for the dispatcher."""
    return {endpoints.LOGIN: on_edge(shell_of(app), login_page(services))}


def login_page(services: IdpServices) -> Page:
    """The page, with the parts of it that are rendered once."""
    return partial(_answer, services, Skeletons())


def _answer(services: IdpServices, skeletons: Skeletons, visit: Visit) -> EdgeResponse:
    is_sent = visit.request.method == "POST"
    if is_sent:
        visit.check_csrf()
    here = waiting_behind(services, visit.value("tx"), visit.value("next"), visit.browser_id)
    if here.request is not None:
        visit.allow_form_action(here.request.redirect_uri)
        visit.speak_as_asked(here.request.ui_locales)
    return _sent(services, visit, here) if is_sent else _shown(services, skeletons, visit, here)


def _shown(services: IdpServices, skeletons: Skeletons, visit: Visit, here: Waiting) -> EdgeResponse:
    session = session_of(services, visit.cookie(SESSION_COOKIE))
    if session is not None and here.interaction is None and AGAIN not in visit.query:
        return visit.redirect(here.onward)
    if session is None and here.request is not None and not here.request.login_hint:
        return visit.page(_usual(skeletons, visit, here))
    return visit.page(_html(visit, here, session))


def _sent(services: IdpServices, visit: Visit, here: Waiting) -> EdgeResponse:
    name, password = visit.form.get("username", ""), visit.form.get("password", "")
    client_id = here.request.client.client_id if here.request else ""
    try:
        proven = check_password(services, visitor_of(visit), name, password, client_id)
    except (SignInRefused, SignInThrottled, HashingBusy) as error:
        session = session_of(services, visit.cookie(SESSION_COOKIE))
        return _refused(visit, error, _html(visit, here, session, error=error, username=name))
    if isinstance(proven, NeedsCode):
        visit.set_cookie(PENDING_COOKIE, proven.pending, PENDING_SECONDS)
        return visit.redirect(here.address(endpoints.LOGIN_CODE))
    if here.interaction is not None and here.request is not None:
        return _gone_on(services, visit, here.interaction.after("login"), here.request.judged, proven)
    _send_session(services, visit, sign_in(services, proven))
    return visit.redirect(here.onward)


def _gone_on(
    services: IdpServices, visit: Visit, interaction: Interaction, request: AuthorizeRequest, proven: Proven
) -> EdgeResponse:
    """
    To the service at once, or to the next page. Whatever stands in the way /authorize will say: she is signed in, and
    the answer that tells her browser so must not be lost.
    """
    beginning = Beginning(services, proven)
    _send_session(services, visit, beginning.signed_in)
    try:
        cookie, present = beginning.signed_in.cookie, beginning.present
        status, headers, body, _ = go_on(services, interaction, request, cookie, present)
    except Exception as error:
        if not isinstance(error, AntinError):
            log.exception("a sign-in did not go on at once")
        beginning.finish()
        return visit.redirect(resumed(services, interaction))
    beginning.finish()
    return visit.dressed(status, headers, body)


def visitor_of(visit: Visit) -> Visitor:
    """Who is there."""
    agent = (visit.request.header("User-Agent") or "")[:400]
    return Visitor(visit.browser_id, visit.request.remote, agent, visit.cookie(SESSION_COOKIE))


def _send_session(services: IdpServices, visit: Visit, signed_in: SignedIn) -> None:
    """Give the browser the session's new secret, and the state that goes with it."""
    state = browser_state(services, signed_in.session_id)
    visit.set_cookie(SESSION_COOKIE, signed_in.cookie, None)
    visit.send_cookie(readable_cookie_header(STATE_COOKIE, state, secure=visit.shell.secure))


def _usual(skeletons: Skeletons, visit: Visit, here: Waiting) -> str:
    """The page for somebody whom nobody knows yet; the client decides how it looks, and nothing else that was asked."""
    assert here.request is not None
    open_place = Waiting(mark("tx"), here.interaction, here.request, "")
    values = {"tx": here.tx, "token": visit.csrf_token(), "back": visit.quoted_here}

    def render() -> str:
        places = {"back": mark("back"), "token": mark("token")}
        return visit.render(TEMPLATE, **places, here=open_place, error=None, session=None, go_on="", username="")

    return skeletons.page(spoken_lang.get(), here.request.client, values, render)


def _html(
    visit: Visit, here: Waiting, session: SessionFacts | None, *, error: AntinError | None = None, username: str = ""
) -> str:
    """
    The page for everybody else.

    Somebody who signed in since this request began, in another tab, is offered to go on at once; somebody who signed
    in before is here because the service wants the password again, and finds the name filled in.
    """
    done_elsewhere = (
        session is not None
        and here.interaction is not None
        and session.factors.get("pwd", 0) > here.interaction.started_at
    )
    hint = here.request.login_hint if here.request else ""
    return visit.render(
        TEMPLATE,
        back=visit.here,
        token=visit.csrf_token(),
        here=here,
        error=error,
        session=session,
        go_on=f"{endpoints.AUTHORIZE}?tx={here.tx}" if done_elsewhere else "",
        username=username or hint or (session.username if session else ""),
    )


def _refused(visit: Visit, error: AntinError, html: str) -> EdgeResponse:
    """The page again, under a status that tells what happened and when to come back."""
    if isinstance(error, HashingBusy):
        return visit.page(html, status=503, headers=(("Retry-After", str(RETRY_AFTER_SECONDS)),))
    if isinstance(error, SignInThrottled):
        return visit.page(html, status=429, headers=(("Retry-After", str(error.seconds)),))
    return visit.page(html, status=REFUSED_STATUS)
