"""The page where a person answers a request from another device: who asks, for what, and what to beware of."""

from __future__ import annotations

from urllib.parse import urlencode

import flask
from werkzeug.wrappers import Response

from base.texts import Text
from base.web.pages import error_page
from base.web.texts import t
from idp.errors import OAuthError
from idp.flows.answer_request import allow, deny
from idp.flows.deferred_requests import Asked, RequestOver, find_asked, has_second_factor, page_before
from idp.protocol import endpoints
from idp.services import IdpServices
from idp.store import organisations, users
from idp.store.sessions import SessionFacts
from idp.web.attributes import access_rows, attribute_rows
from idp.web.consent import lifetime_words, permissions_of, sharing_words
from idp.web.login import AGAIN
from idp.web.visits import ACCOUNT_WAY, session_here, to_login, visitor

PAGES = {"login": endpoints.LOGIN, "code": endpoints.LOGIN_CODE}
ANSWERS = ("allow", "deny")


def mount(blueprint: flask.Blueprint, services: IdpServices) -> None:
    """GET and POST /requests?request=…"""

    @blueprint.get(endpoints.REQUESTS)
    def request_shown() -> Response | str:
        return _visit(services, None)

    @blueprint.post(endpoints.REQUESTS)
    def request_answered() -> Response | str:
        return _visit(services, flask.request.form.get("decision"))

    @blueprint.errorhandler(RequestOver)
    def over(error: RequestOver) -> Response:
        title = Text("Yêu cầu không còn hiệu lực", "The request is over")
        return error_page(error.status, title, Text(error.vi, error.en), (ACCOUNT_WAY,))


def _visit(services: IdpServices, decision: str | None) -> Response | str:
    """
    1. Somebody is signed in, and the request is hers to answer.
    2. What the request asks for was proven: the second factor, where she has one and the service wants it.
    3. The answer, or the page.
    """
    request_id = flask.request.values.get("request", "")
    proof = flask.request.values.get("entered", "")
    here = _address(request_id, proof)
    session = session_here(services)
    if session is None:
        return to_login(here)
    asked = find_asked(services, visitor(), session, request_id, proof)
    try:
        second = has_second_factor(services, session.user_id)
        page = page_before(services, session, asked, has_second_factor=second)
    except OAuthError as error:
        return _for_another() if error.code == "login_required" else _out_of_reach()
    if page is not None:
        return flask.redirect(f"{PAGES.get(page, endpoints.LOGIN)}?{urlencode({'next': here, AGAIN: '1'})}", 303)
    if decision not in ANSWERS:
        return _page(services, session, asked, proof)
    (allow if decision == "allow" else deny)(services, session, asked)
    return flask.render_template("idp/answered.html", allowed=decision == "allow", asked=asked)


def _address(request_id: str, proof: str) -> str:
    query = {"request": request_id, "entered": proof} if proof else {"request": request_id}
    return f"{endpoints.REQUESTS}?{urlencode(query)}"


def _page(services: IdpServices, session: SessionFacts, asked: Asked, proof: str) -> str:
    client = asked.request.client
    with services.base.db.read() as connection:
        agency = organisations.by_id(connection, client.organisation_id) if client.organisation_id else None
        profile = users.profile(connection, session.user_id, services.base.clock.now())
    return flask.render_template(
        "idp/request.html",
        asked=asked,
        proof=proof,
        session=session,
        client=client,
        agency_name=t(agency.name_vi, agency.name_en) if agency else "",
        attributes=attribute_rows(profile, asked.consent),
        accesses=access_rows(asked.consent),
        permissions=permissions_of(asked.consent),
        shared=sharing_words(asked.consent),
        lifetime=lifetime_words(services, offline=asked.consent.offline),
        binding_message=asked.stored.parameters.get("binding_message", ""),
    )


def _out_of_reach() -> Response:
    title = Text("Chưa đáp ứng được yêu cầu xác thực", "The sign-in is not strong enough")
    text = Text(
        "Dịch vụ này cần lớp xác thực thứ hai mà tài khoản của bạn chưa có. Chưa có dữ liệu nào được gửi đi.",
        "This service needs a second factor, which your account does not have yet. Nothing has been sent.",
    )
    return error_page(403, title, text, (ACCOUNT_WAY,))


def _for_another() -> Response:
    title = Text("Yêu cầu này dành cho tài khoản khác", "This request is for another account")
    text = Text(
        "Dịch vụ này muốn câu trả lời của một người khác. Chưa có dữ liệu nào được gửi đi.",
        "This service wants the answer of somebody else. Nothing has been sent.",
    )
    return error_page(403, title, text, (ACCOUNT_WAY,))
