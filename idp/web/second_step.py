"""The pages after the password, or instead of it: second factor, choice of account."""

from __future__ import annotations

import flask
from werkzeug.wrappers import Response

from base.errors import AntinError
from base.web.cookies import delete_cookie, read_cookie
from idp.flows.pending import PENDING_COOKIE, read_pending
from idp.flows.sign_in import (
    NothingPending,
    SignInRefused,
    SignInThrottled,
    prove_code,
)
from idp.protocol import endpoints
from idp.services import IdpServices
from idp.store import users
from idp.web.login import REFUSED_STATUS
from idp.web.visits import Waiting, session_here, visitor, waiting, with_session_cookie


def mount(blueprint: flask.Blueprint, services: IdpServices) -> None:
    """GET and POST /login/code, /select."""

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
    if isinstance(error, SignInThrottled):
        response.status_code, response.headers["Retry-After"] = 429, str(error.seconds)
    elif response.status_code == 200:
        response.status_code = REFUSED_STATUS
    return response
