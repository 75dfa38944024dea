"""Logout pages: what a service may ask for (RP-Initiated Logout), the question to the person, and who is being told."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import urlencode

import flask
import orjson
from werkzeug.wrappers import Response

from base.errors import AntinError
from base.texts import Text
from base.web.cookies import read_cookie
from base.web.csrf import csrf_exempt
from base.web.headers import allow_form_action, allow_frame
from base.web.ways import HOME, Way
from idp.flows.account import used_service
from idp.flows.browser_state import STATE_COOKIE, browser_state
from idp.flows.end_session import end_session
from idp.flows.front_channel import front_channel_addresses
from idp.flows.logout import LogoutRequest, confirmed_return, request_logout
from idp.flows.logout_delivery import tell_now
from idp.protocol import endpoints
from idp.services import IdpServices
from idp.store import endings
from idp.store.endings import SessionClient
from idp.store.sessions import SESSION_COOKIE
from idp.web.visits import ACCOUNT_WAY, session_here, without_session_cookie

CARRIED = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
DONE = "/logout/done"
CONFIRM = "/logout/confirm"
MOST_SESSIONS = 20
SEALED_FOR = "idp.logged_out"
ONWARD_SECONDS = 1
"""From the moment every service's frame is there; the page's script goes on after three seconds in any case."""


def mount(blueprint: flask.Blueprint, services: IdpServices) -> None:
    """GET and POST /logout (a protocol endpoint), POST /logout/confirm (our form), GET /logout/done."""

    def asked() -> Response | str:
        parameters = {name: flask.request.values[name] for name in CARRIED if flask.request.values.get(name)}
        cookie = read_cookie(flask.request, SESSION_COOKIE)
        request = request_logout(services, parameters, cookie)
        if flask.request.method == "POST" and cookie is None and request.ended is None:
            # A form of another site brings no Lax cookie, so nobody knows yet whether there is a session; a GET does.
            return flask.redirect(f"{endpoints.END_SESSION}?{urlencode(parameters)}", 303)
        if request.confirm:
            allow_form_action(request.return_to or "")
            return flask.render_template(
                "idp/logout.html",
                session=request.current,
                client=request.client,
                parameters=parameters,
                refused=request.refused,
            )
        ended = [request.ended] if request.ended else []
        response = farewell(services, ended, request.return_to, misdirected="address" in request.refused)
        return without_session_cookie(services, response) if _was_here(services, request) else response

    @blueprint.get(endpoints.END_SESSION)
    def logout() -> Response | str:
        return asked()

    # A service may send the request as a form from its own pages; it ends nothing but what its hint proves.
    @blueprint.post(endpoints.END_SESSION)
    @csrf_exempt
    def logout_sent() -> Response | str:
        return asked()

    @blueprint.post(CONFIRM)
    def confirmed() -> Response:
        form = flask.request.form
        session = session_here(services)
        if form.get("decision") != "end":
            return flask.redirect("/account", 303)
        if session is not None:
            end_session(services, session.id, "logout")
        parameters = {name: form[name] for name in CARRIED if form.get(name)}
        response = farewell(services, [session.id] if session else [], confirmed_return(services, parameters))
        return without_session_cookie(services, response)

    @blueprint.get(DONE)
    def done() -> str:
        farewell_at = _read(services, flask.request.args.get("of", ""))
        used = _used_in(services, farewell_at.session_ids)
        frames = front_channel_addresses(services, used)
        for address in frames:
            allow_frame(address)
        again = Way(flask.request.full_path, Text("Xem lại trạng thái", "Look again"))
        session = session_here(services)
        first = ACCOUNT_WAY if session else Way("/login", Text("Đăng nhập lại", "Sign in again"))
        return flask.render_template(
            "idp/logged_out.html",
            told=[used_service(services, item) for item in used],
            frames=frames,
            onward=farewell_at.return_to,
            onward_seconds=ONWARD_SECONDS,
            again=again,
            ways=(first, HOME),
            session=session,
            misdirected=farewell_at.misdirected,
        )


def farewell(
    services: IdpServices, session_ids: list[str], return_to: str | None = None, *, misdirected: bool = False
) -> Response:
    """
    What somebody is answered whose sessions have just ended. misdirected: an address to go to was given that is not
    registered, so nobody is sent anywhere; the page says so.

    1. Tell the services that can be told directly, for a moment at most.
    2. Straight to the service that asked, unless there are others to tell through this browser;
    3. else to our page, which tells them, shows who was told, and leads on.
    """
    tell_now(services, session_ids)
    if return_to is not None and not front_channel_addresses(services, _used_in(services, session_ids)):
        return flask.redirect(return_to, 303)
    return flask.redirect(_done_address(services, _Farewell(session_ids[:MOST_SESSIONS], return_to, misdirected)), 303)


@dataclass(frozen=True, slots=True)
class _Farewell:
    """What the address of the last page holds: the ended sessions, where to go on to, and whether that was refused."""

    session_ids: list[str]
    return_to: str | None
    misdirected: bool


NOTHING = _Farewell([], None, False)


def _done_address(services: IdpServices, held: _Farewell) -> str:
    """
    The page that shows which services are being told about these ended sessions.

    All of it travels sealed, so that nobody makes it lead anywhere else. It is not bound to the browser cookie: a form
    sent from a service's page comes without it.
    """
    if held == NOTHING:
        return DONE
    content = orjson.dumps({"of": held.session_ids, "to": held.return_to, "wrong": held.misdirected})
    sealed = base64.urlsafe_b64encode(services.keys.seal(content, SEALED_FOR)).decode()
    return f"{DONE}?{urlencode({'of': sealed})}"


def _read(services: IdpServices, coded: str) -> _Farewell:
    try:
        content = orjson.loads(services.keys.unseal(base64.urlsafe_b64decode(coded), SEALED_FOR)) if coded else {}
    except (AntinError, binascii.Error, ValueError):
        content = {}
    return _Farewell([str(item) for item in content.get("of", [])], content.get("to"), content.get("wrong") is True)


def _used_in(services: IdpServices, session_ids: list[str]) -> list[SessionClient]:
    if not session_ids:
        return []
    with services.base.db.read() as connection:
        return endings.clients_of(connection, session_ids[:MOST_SESSIONS])


def _was_here(services: IdpServices, request: LogoutRequest) -> bool:
    """
    Whether the session that ended is this browser's: it brought its cookie, or, with a form of another site, only the
    state that goes with it.
    """
    if request.current is not None:
        return True
    held = read_cookie(flask.request, STATE_COOKIE)
    return request.ended is not None and held == browser_state(services, request.ended)
