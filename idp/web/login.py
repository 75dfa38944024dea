"""The sign-in pages: name and password, second factor, choice of account."""

from __future__ import annotations

import flask
from werkzeug.wrappers import Response

from base.errors import AntinError
from base.web.cookies import delete_cookie, read_cookie, set_cookie
from idp.accounts.passwords import RETRY_AFTER_SECONDS, HashingBusy
from idp.flows.pending import PENDING_COOKIE, PENDING_SECONDS, read_pending
from idp.flows.sign_in import (
    NeedsCode,
    NothingPending,
    SignInRefused,
    SignInThrottled,
    prove_code,
    prove_password,
)
from idp.protocol import endpoints
from idp.services import IdpServices
from idp.store import users
from idp.web.visits import Waiting, session_here, visitor, waiting, with_session_cookie

REFUSED_STATUS = 401
AGAIN = "again"
"""In the address: whoever is signed in is to prove it afresh, and is not sent onward as she is."""


def mount(blueprint: flask.Blueprint, services: IdpServices) -> None:
    """GET and POST /login, /login/code, /select."""

    @blueprint.get(endpoints.LOGIN)
    def login() -> Response | str:
        here = waiting(services)
        session = session_here(services)
        if session is not None and here.interaction is None and AGAIN not in flask.request.args:
            return flask.redirect(here.onward, 303)
        return _login_page(services, here)

    @blueprint.post(endpoints.LOGIN)
    def login_sent() -> Response:
        here, form = waiting(services), flask.request.form
        try:
            result = prove_password(services, visitor(), form.get("username", ""), form.get("password", ""))
        except (SignInRefused, SignInThrottled, HashingBusy) as error:
            return _refused(error, _login_page(services, here, error=error, username=form.get("username", "")))
        if isinstance(result, NeedsCode):
            response = flask.redirect(here.address(endpoints.LOGIN_CODE), 303)
            set_cookie(response, PENDING_COOKIE, result.pending, PENDING_SECONDS)
            return response
        return with_session_cookie(services, flask.redirect(here.after(services, "login"), 303), result)

    @blueprint.get(endpoints.LOGIN_CODE)
    def code() -> Response | str:
        here = waiting(services)
        return _code_page(services, here)

    @blueprint.post(endpoints.LOGIN_CODE)
    def code_sent() -> Response | str:
        here = waiting(services)
        pending = read_cookie(flask.request, PENDING_COOKIE)
        first_step_done = read_pending(services, visitor().browser, pending) is not None
        try:
            result = prove_code(services, visitor(), flask.request.form.get("code", ""), pending)
        except NothingPending:
            return flask.redirect(here.address(endpoints.LOGIN), 303)
        except (SignInRefused, SignInThrottled) as error:
            return _refused(error, _code_page(services, here, error=error))
        if here.interaction is not None and first_step_done:
            here = Waiting(here.tx, here.interaction.after("login"), here.request, here.onward)
        response = with_session_cookie(services, flask.redirect(here.after(services, "code"), 303), result)
        delete_cookie(response, PENDING_COOKIE)
        return response

    @blueprint.get(endpoints.SELECT)
    def select() -> Response | str:
        here = waiting(services)
        session = session_here(services)
        if session is None:
            return flask.redirect(here.address(endpoints.LOGIN), 303)
        return flask.render_template("idp/select.html", here=here, session=session)

    @blueprint.post(endpoints.SELECT)
    def selected() -> Response:
        here = waiting(services)
        if session_here(services) is None:
            return flask.redirect(here.address(endpoints.LOGIN), 303)
        return flask.redirect(here.after(services, "select"), 303)


def _login_page(services: IdpServices, here: Waiting, *, error: AntinError | None = None, username: str = "") -> str:
    """
    The page for name and password.

    Somebody who signed in since this request began, in another tab, is offered to go on at once; somebody who signed
    in before is here because the service wants the password again, and finds the name filled in.
    """
    session = session_here(services)
    done_elsewhere = (
        session is not None
        and here.interaction is not None
        and session.factors.get("pwd", 0) > here.interaction.started_at
    )
    hint = here.request.login_hint if here.request else ""
    return flask.render_template(
        "idp/login.html",
        here=here,
        error=error,
        session=session,
        go_on=f"{endpoints.AUTHORIZE}?tx={here.tx}" if done_elsewhere else "",
        username=username or hint or (session.username if session else ""),
    )


def _code_page(services: IdpServices, here: Waiting, *, error: AntinError | None = None) -> Response | str:
    """The page for the code; to the password page when nobody has proven one, to an explanation without a factor."""
    pending = read_pending(services, visitor().browser, read_cookie(flask.request, PENDING_COOKIE))
    session = session_here(services)
    user_id = pending.user_id if pending else session.user_id if session else None
    if user_id is None:
        return flask.redirect(here.address(endpoints.LOGIN), 303)
    with services.base.db.read() as connection:
        facts = users.by_id(connection, user_id, "")
    if facts is None or facts.sealed_totp is None:
        return flask.render_template("idp/no_code.html", here=here, go_on=here.after(services, "no_code"))
    return flask.render_template("idp/code.html", here=here, error=error, step_up=pending is None)


def _refused(error: AntinError, page: Response | str) -> Response:
    """The page again, under a status that tells what happened and when to come back."""
    response = flask.make_response(page)
    if isinstance(error, HashingBusy):
        response.status_code, response.headers["Retry-After"] = 503, str(RETRY_AFTER_SECONDS)
    elif isinstance(error, SignInThrottled):
        response.status_code, response.headers["Retry-After"] = 429, str(error.seconds)
    elif response.status_code == 200:
        response.status_code = REFUSED_STATUS
    return response
