"""Changing one's own password, and setting one-time codes up: pages behind a proof that is minutes old at most."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import flask
from werkzeug.wrappers import Response

from base.errors import AntinError
from idp.accounts.fresh_proof import is_fresh
from idp.accounts.password_rules import SHORTEST_ALONE, SHORTEST_WITH_SECOND_FACTOR, WeakPassword
from idp.accounts.passwords import RETRY_AFTER_SECONDS, HashingBusy
from idp.flows.change_password import change_password
from idp.flows.change_second_factor import WrongFirstCode, accept_totp, offer_totp
from idp.flows.deferred_requests import has_second_factor
from idp.flows.logout_delivery import tell_now
from idp.flows.renew_session import AccountChanged, Renewed
from idp.protocol import endpoints
from idp.services import IdpServices
from idp.store.sessions import SessionFacts
from idp.web.login import AGAIN
from idp.web.visits import session_here, to_login, with_session_cookie

PASSWORD, SECOND_FACTOR = "/account/password", "/account/second-factor"
Shown = Response | str


class NotTwice(AntinError):
    """The two passwords that were typed differ."""

    def __init__(self) -> None:
        super().__init__(
            "not_the_same",
            vi="Hai lần nhập không giống nhau. Hãy nhập lại cả hai.",
            en="The two entries differ. Enter both again.",
        )


def mount(blueprint: flask.Blueprint, services: IdpServices) -> None:
    """GET and POST /account/password and /account/second-factor."""

    @blueprint.get(PASSWORD)
    def password() -> Shown:
        return _behind_proof(services, PASSWORD, lambda session, two: _password_page(session, two))

    @blueprint.post(PASSWORD)
    def password_sent() -> Shown:
        return _behind_proof(services, PASSWORD, lambda session, two: _password_sent(services, session, two))

    @blueprint.get(SECOND_FACTOR)
    def second_factor() -> Shown:
        return _behind_proof(services, SECOND_FACTOR, lambda session, two: _code_page(services, session, two))

    @blueprint.post(SECOND_FACTOR)
    def second_factor_sent() -> Shown:
        return _behind_proof(services, SECOND_FACTOR, lambda session, two: _code_sent(services, session, two))


def _behind_proof(services: IdpServices, path: str, go: Callable[[SessionFacts, bool], Shown]) -> Shown:
    """Somebody is signed in and has just proven every factor of the account; otherwise to the sign-in, and back."""
    session = session_here(services)
    if session is None:
        return to_login(path)
    two = has_second_factor(services, session.user_id)
    if not is_fresh(session.factors, has_second_factor=two, now=services.base.clock.now()):
        return flask.redirect(f"{endpoints.LOGIN}?{urlencode({'next': path, AGAIN: '1'})}", 303)
    return go(session, two)


def _password_page(session: SessionFacts, two: bool, error: AntinError | None = None) -> str:
    shortest = SHORTEST_WITH_SECOND_FACTOR if two else SHORTEST_ALONE
    return flask.render_template("idp/own_password.html", session=session, shortest=shortest, error=error)


def _password_sent(services: IdpServices, session: SessionFacts, two: bool) -> Shown:
    form = flask.request.form
    try:
        if form.get("password", "") != form.get("repeated", ""):
            raise NotTwice
        return _done(services, change_password(services, session, form.get("password", "")), "password")
    except HashingBusy as error:
        page = flask.make_response(_password_page(session, two, error), error.status)
        page.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return page
    except (NotTwice, WeakPassword, AccountChanged) as error:
        return flask.make_response(_password_page(session, two, error), error.status)


def _code_page(services: IdpServices, session: SessionFacts, two: bool, error: AntinError | None = None) -> str:
    import segno  # here: most processes never draw a code

    offer = offer_totp(services, session, shown_before=flask.request.form.get("offer", "") if error else "")
    drawn = segno.make_qr(offer.uri, error="m").svg_data_uri(border=4)
    return flask.render_template(
        "idp/own_second_factor.html",
        session=session,
        offer=offer,
        drawn=drawn,
        replaces=two,
        error=error,
    )


def _code_sent(services: IdpServices, session: SessionFacts, two: bool) -> Shown:
    form = flask.request.form
    try:
        return _done(
            services, accept_totp(services, session, form.get("offer", ""), form.get("code", "")), "second-factor"
        )
    except (WrongFirstCode, AccountChanged) as error:
        return flask.make_response(_code_page(services, session, two, error), error.status)


def _done(services: IdpServices, renewed: Renewed, what: str) -> Response:
    tell_now(services, renewed.ended)
    return with_session_cookie(services, flask.redirect(f"/account?done={what}", 303), renewed.signed_in)
