"""The page where a person enters the code that another device shows. Source: RFC 8628 §3.3, §5.4, §6.2."""

from __future__ import annotations

from urllib.parse import urlencode

import flask
from werkzeug.wrappers import Response

from base.errors import AntinError
from idp.flows.deferred_requests import UserCodeUnknown, enter_code, entered
from idp.flows.sign_in import SignInThrottled
from idp.protocol import endpoints
from idp.protocol.user_codes import shown_code, typed_code
from idp.services import IdpServices
from idp.web.visits import session_here, to_login, visitor


def mount(blueprint: flask.Blueprint, services: IdpServices) -> None:
    """GET and POST /device."""

    @blueprint.get(endpoints.DEVICE)
    def device() -> Response | str:
        given = flask.request.args.get("user_code", "")
        if session_here(services) is None:
            return to_login(_address(given))
        return _page(given)

    @blueprint.post(endpoints.DEVICE)
    def code_entered() -> Response:
        given = flask.request.form.get("user_code", "")
        session = session_here(services)
        if session is None:
            return to_login(_address(given))
        try:
            found = enter_code(services, visitor(), session, given)
        except (UserCodeUnknown, SignInThrottled) as error:
            response = flask.make_response(_page(given, error=error))
            response.status_code = error.status
            if isinstance(error, SignInThrottled):
                response.headers["Retry-After"] = str(error.seconds)
            return response
        query = {"request": found.id, "entered": entered(services, visitor(), session, found.id)}
        return flask.redirect(f"{endpoints.REQUESTS}?{urlencode(query)}", 303)


def _address(given: str) -> str:
    """Where to come back to after signing in; only what could be a code is carried along."""
    letters = typed_code(given)
    return f"{endpoints.DEVICE}?{urlencode({'user_code': shown_code(letters)})}" if letters else endpoints.DEVICE


def _page(given: str, *, error: AntinError | None = None) -> str:
    letters = typed_code(given)
    return flask.render_template(
        "idp/device.html",
        user_code=shown_code(letters) if letters else given[:20],
        brought=letters is not None and error is None,
        error=error,
    )
