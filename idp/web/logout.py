"""Logout pages: what a service may ask for (RP-Initiated Logout), the question to the person, and who is being told."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlencode

import flask
import orjson
from werkzeug.wrappers import Response

from base.errors import AntinError
from base.texts import Text
from base.web.cookies import read_cookie
from base.web.csrf import csrf_exempt
from base.web.headers import allow_form_action
from base.web.ways import HOME, Way
from idp.flows.account import service_title
from idp.flows.end_session import end_session
from idp.flows.logout import confirmed_return, request_logout
from idp.protocol import endpoints
from idp.services import IdpServices
from idp.store import endings
from idp.store.sessions import SESSION_COOKIE
from idp.web.visits import ACCOUNT_WAY, session_here, without_session_cookie

CARRIED = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
DONE = "/logout/done"
CONFIRM = "/logout/confirm"
MOST_SESSIONS = 20
SEALED_FOR = "idp.logged_out"


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
                "idp/logout.html", session=request.current, client=request.client, parameters=parameters
            )
        response = flask.redirect(request.return_to or done_address(services, [request.ended or ""]), 303)
        if request.current is not None:
            without_session_cookie(services, response)
        return response

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
        onward = confirmed_return(services, parameters)
        response = flask.redirect(onward or done_address(services, [session.id] if session else []), 303)
        return without_session_cookie(services, response)

    @blueprint.get(DONE)
    def done() -> str:
        session_ids = _read(services, flask.request.args.get("of", ""))
        with services.base.db.read() as connection:
            used = endings.clients_of(connection, session_ids) if session_ids else []
        told = [(_title(services, item.client_id), item.delivery or "") for item in used]
        again = Way(flask.request.full_path, Text("Xem lại trạng thái", "Look again"))
        session = session_here(services)
        first = ACCOUNT_WAY if session else Way("/login", Text("Đăng nhập lại", "Sign in again"))
        return flask.render_template("idp/logged_out.html", told=told, again=again, ways=(first, HOME), session=session)


def done_address(services: IdpServices, session_ids: list[str]) -> str:
    """
    The page that shows which services are being told about these ended sessions.

    The ids travel sealed. They are not bound to the browser cookie: a form sent from a service's page comes without it.
    """
    ids = [item for item in session_ids if item][:MOST_SESSIONS]
    if not ids:
        return DONE
    sealed = services.keys.seal(orjson.dumps(ids), SEALED_FOR)
    return f"{DONE}?{urlencode({'of': base64.urlsafe_b64encode(sealed).decode()})}"


def _title(services: IdpServices, client_id: str) -> Text:
    return service_title(services.clients.get(client_id), client_id)


def _read(services: IdpServices, coded: str) -> list[str]:
    try:
        plain = services.keys.unseal(base64.urlsafe_b64decode(coded), SEALED_FOR) if coded else b"[]"
    except (AntinError, binascii.Error, ValueError):
        return []
    return [str(item) for item in orjson.loads(plain)]
