"""The desk's front page, coming in through the provider, and going out."""

from __future__ import annotations

import flask

from base.errors import AntinError
from base.texts import Text
from base.web.cookies import delete_cookie, set_cookie
from base.web.csrf import browser_id, csrf_exempt
from base.web.headers import allow_form_action
from base.web.pages import error_page
from base.web.texts import current_lang
from base.web.ways import Way
from signing.errors import DeskRefused, SigningError
from signing.flows import authorise, desk_session, journey, offers, provider
from signing.flows.desk_sign_in import finish_sign_in, start_sign_in
from signing.services import SigningServices
from signing.store import desk_logins, documents
from signing.store.desk_logins import DeskLogin
from signing.store.desk_sessions import DeskSession
from signing.web.desk_visitor import COOKIE, Answer, visitor

DESK = Way("/desk", Text("Về bàn ký", "To the signing desk"))
OTHER_ACCOUNT = Way("/desk/sign-in?other=1", Text("Đăng nhập bằng tài khoản khác", "Sign in with another account"))
AGAIN = Way("/desk/sign-in", Text("Đăng nhập lại", "Sign in again"))


class EntryPages:
    """Front page, sign-in, callback, sign-out, back-channel logout."""

    def __init__(self, services: SigningServices) -> None:
        self.services = services

    def home(self) -> Answer:
        """The desk for an official, an invitation to sign in for everybody else."""
        session = visitor(self.services)
        if session is None:
            return flask.render_template("signing/desk_welcome.html")
        return desk_page(self.services, session)

    def sign_in(self) -> Answer:
        """Off to the provider."""
        other = flask.request.args.get("other") == "1"
        return flask.redirect(start_sign_in(self.services, browser_id(), current_lang(), other_account=other), 303)

    def callback(self) -> Answer:
        """Back from the provider: from a sign-in or from an approval."""
        parameters = {name: value for name, value in flask.request.args.items() if value}
        login: DeskLogin | None = None
        try:
            if len(flask.request.args) != sum(len(v) for _, v in flask.request.args.lists()):
                raise DeskRefused(
                    "repeated_parameter",
                    vi="Câu trả lời từ hệ thống định danh không đúng mẫu. Hãy bắt đầu lại từ bàn ký.",
                    en="The answer from the identity provider is malformed. Start again from the signing desk.",
                )
            login = journey.look_up(self.services, browser_id(), parameters)
            if login.purpose == desk_logins.APPROVE:
                request = authorise.take_answer(self.services, visitor(self.services), login, parameters)
                return flask.redirect(f"/desk/requests/{request.id}", 303)
            started = finish_sign_in(self.services, login, parameters)
        except SigningError as error:
            if error.code == "busy":  # nothing was used up: the browser brings the same answer again
                return flask.render_template("signing/desk_busy.html"), 503, {"Refresh": "1", "Retry-After": "1"}
            return _not_let_in(self.services, error, login)
        response = flask.redirect("/desk", 303)
        set_cookie(response, COOKIE, started.cookie, started.max_age)
        return response

    def sign_out(self) -> Answer:
        """End the session here, then at the provider."""
        session = visitor(self.services)
        try:
            onward = desk_session.sign_out(self.services, session) if session else "/desk"
        except DeskRefused:  # the provider does not answer: our own session has ended all the same
            onward = "/desk"
        response = flask.redirect(onward, 303)
        delete_cookie(response, COOKIE)
        return response

    @csrf_exempt
    def backchannel_logout(self) -> Answer:
        """
        The provider says a session ended. 200 when it was ended here, 400 with JSON otherwise.

        Source: OpenID Connect Back-Channel Logout 1.0 §2.5, §2.8.
        """
        try:
            desk_session.receive_logout_token(self.services, flask.request.form.get("logout_token", "")[:20_000])
        except AntinError as error:
            status = error.status if error.status >= 500 else 400
            return {"error": "invalid_request", "error_description": error.en}, status, {"Cache-Control": "no-store"}
        return "", 200, {"Cache-Control": "no-store"}


def desk_page(services: SigningServices, session: DeskSession, *, error: str = "", status: int = 200) -> Answer:
    """The list of documents and the upload form."""
    allow_form_action(provider.issuer(services))
    with services.base.db.read() as connection:
        papers = documents.of_owner(connection, session.owner, services.settings.document_quota)
    html = flask.render_template(
        "signing/desk.html",
        session=session,
        documents=papers,
        offers=offers.waiting(services, session),
        error=error,
        most_megabytes=services.settings.document_max_bytes // 1024**2,
        keep_days=services.settings.signed_retention_seconds // 86_400,
        keep_hours=services.settings.draft_retention_seconds // 3600,
    )
    return html, status


def _not_let_in(services: SigningServices, error: SigningError, login: DeskLogin | None) -> flask.Response:
    """Why the journey ended, and ways on that fit."""
    body = Text(error.vi or error.en, error.en)
    flask.current_app.logger.info("desk refused: %s %s", error.code, error.debug)
    if error.code == "not_official":
        return flask.Response(flask.render_template("signing/desk_not_official.html", other=OTHER_ACCOUNT), status=403)
    session = visitor(services)
    if session is not None:
        ways = (*_back_to_document(services, session, login), DESK)
        return error_page(error.status, Text("Chưa ký được", "Not signed"), body, ways)
    return error_page(error.status, Text("Chưa đăng nhập được", "Not signed in"), body, (AGAIN, DESK))


def _back_to_document(services: SigningServices, session: DeskSession, login: DeskLogin | None) -> tuple[Way, ...]:
    if login is None or login.request_id is None:
        return ()
    try:
        request = authorise.find_request(services, session.owner, login.request_id)
    except SigningError:
        return ()
    return (Way(f"/desk/documents/{request.document_id}", Text("Về văn bản", "To the document")),)
