"""
For people without an account: where accounts come from, and the way back. A service sends people here with
prompt=create, and the sign-in page links here.

There is no form to sign oneself up: an account stands for a person in the city's registry, and whoever issues it has
looked at an identity document. So the page says where that is done, and both ways on are open: sign in, or go back.

Source: Initiating User Registration via OpenID Connect 1.0 §3.1, §4.1.
"""

from __future__ import annotations

import flask
from werkzeug.wrappers import Response

from idp.flows.interactions import refuse
from idp.protocol import endpoints
from idp.services import IdpServices
from idp.web.oauth import as_response
from idp.web.visits import session_here, waiting


def mount(blueprint: flask.Blueprint, services: IdpServices) -> None:
    """GET and POST /login/new."""

    @blueprint.get(endpoints.NEW_ACCOUNT)
    def new_account() -> str:
        here, session = waiting(services), session_here(services)
        apply_at = services.settings.new_account_url
        return flask.render_template("idp/new_account.html", here=here, session=session, apply_at=apply_at)

    @blueprint.post(endpoints.NEW_ACCOUNT)
    def answered() -> Response:
        here = waiting(services)
        if here.interaction is None:
            return flask.redirect(here.address(endpoints.LOGIN), 303)
        if flask.request.form.get("decision") == "back":
            return as_response(refuse(services, here.interaction))
        return flask.redirect(here.after(services, "create"), 303)
