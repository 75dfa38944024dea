"""What every page of ours reads from a request first: the visitor, the session, and the request that waits behind."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import flask
from werkzeug.wrappers import Response

from base.forms import written_pairs
from base.texts import Text
from base.web.cookies import delete_cookie, read_cookie, readable_cookie_header, set_cookie
from base.web.csrf import browser_id
from base.web.headers import allow_form_action
from base.web.pages import error_page
from base.web.texts import speak_as_asked
from base.web.ways import HOME, Way, local_path
from idp.errors import InteractionInvalid, InteractionStale
from idp.flows.browser_state import STATE_COOKIE, browser_state, signed_out_state
from idp.flows.interactions import ConsentRequest, describe, read_interaction, resume_url
from idp.flows.sign_in import SignedIn
from idp.flows.visitor import Visitor
from idp.protocol.interaction import Did, Interaction
from idp.services import IdpServices
from idp.store.sessions import SESSION_COOKIE, SessionFacts, live_session

ACCOUNT_WAY = Way("/account", Text("Đến trang tài khoản", "To the account page"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    What waits for the person to finish with our pages.

    tx:          the interaction as it stands in the address, "" for a visit to our own account page.
    interaction: the same, read; request: what the service behind it asks for.
    onward:      local path to go to when there is no interaction.
    """

    tx: str
    interaction: Interaction | None
    request: ConsentRequest | None
    onward: str

    def address(self, path: str) -> str:
        """Another page of ours for the same thing."""
        carried = {"tx": self.tx} if self.tx else {"next": self.onward}
        return f"{path}?{written_pairs(carried)}"

    def after(self, services: IdpServices, did: Did) -> str:
        """Where to go when a page has done its part."""
        return resume_url(services, self.interaction, did) if self.interaction else self.onward


def visitor() -> Visitor:
    """The visitor of the request at hand."""
    request = flask.request
    return Visitor(
        browser=browser_id(),
        address=request.remote_addr or "",
        user_agent=request.headers.get("User-Agent", "")[:400],
        cookie=read_cookie(request, SESSION_COOKIE),
    )


def session_here(services: IdpServices) -> SessionFacts | None:
    """The living session of the request at hand."""
    return session_of(services, read_cookie(flask.request, SESSION_COOKIE))


def session_of(services: IdpServices, cookie: str | None) -> SessionFacts | None:
    """The living session of a cookie."""
    if not cookie:
        return None
    with services.base.db.read() as connection:
        return live_session(connection, services.base.clock, services.settings, cookie)


def waiting(services: IdpServices) -> Waiting:
    """
    What waits behind this page. Raises: InteractionInvalid, InteractionStale (handled for all pages, see mount_stale).

    The page's form may end at the service: Chromium applies the page's form-action to every redirect that answers it.
    """
    given = flask.request.values
    here = waiting_behind(services, given.get("tx", ""), given.get("next", ""), browser_id())
    if here.request is not None:
        allow_form_action(here.request.redirect_uri)
        speak_as_asked(here.request.ui_locales)
    return here


def waiting_behind(services: IdpServices, tx: str, following: str, browser: str) -> Waiting:
    """The same by what the address or the form says, for pages that tell their answer themselves what it may do."""
    onward = local_path(following, "/account")
    if not tx:
        return Waiting("", None, None, onward)
    interaction = read_interaction(services, tx, browser)
    return Waiting(tx, interaction, describe(services, interaction), onward)


def with_session_cookie(services: IdpServices, response: Response, signed_in: SignedIn) -> Response:
    """Give the browser the session's new secret, and the state that goes with it; it forgets both when it is closed."""
    set_cookie(response, SESSION_COOKIE, signed_in.cookie, None)
    _send_state(services, response, browser_state(services, signed_in.session_id))
    return response


def without_session_cookie(services: IdpServices, response: Response) -> Response:
    """Take the session's secret back; the new state tells the services that watch it."""
    delete_cookie(response, SESSION_COOKIE)
    _send_state(services, response, signed_out_state())
    return response


def _send_state(services: IdpServices, response: Response, value: str) -> None:
    response.headers.add("Set-Cookie", readable_cookie_header(STATE_COOKIE, value, secure=services.base.base.secure))


def to_login(path: str) -> Response:
    """To the sign-in page, and back to `path` afterwards."""
    return flask.redirect(f"/login?{urlencode({'next': path})}", 303)


def mount_stale(blueprint: flask.Blueprint, services: IdpServices) -> None:
    """An old tab, a foreign browser or a mangled address never ends at a wall: each says how to go on."""

    @blueprint.errorhandler(InteractionStale)
    def stale(error: InteractionStale) -> Response:
        if error.code == "interaction_elsewhere":
            return flask.redirect(error.restart, 303)
        return error_page(
            410,
            Text("Yêu cầu đăng nhập đã hết hạn", "The sign-in request has expired"),
            Text(
                "Trang này đã mở quá lâu nên không dùng tiếp được. Bấm vào liên kết dưới đây để tiếp tục; "
                "chưa có dữ liệu nào được gửi đi.",
                "This page has been open for too long. Follow the link below to go on; nothing has been sent.",
            ),
            (Way(error.restart, _continue_to(services, error.restart)), ACCOUNT_WAY),
        )

    @blueprint.errorhandler(InteractionInvalid)
    def invalid(error: InteractionInvalid) -> Response:
        title = Text("Liên kết không hợp lệ", "The link is not valid")
        return error_page(400, title, Text(error.vi, error.en), (ACCOUNT_WAY, HOME))


def _continue_to(services: IdpServices, restart: str) -> Text:
    client_id = parse_qs(urlsplit(restart).query).get("client_id", [""])[0]
    client = services.clients.get(client_id) if client_id else None
    if client is None:
        return Text("Tiếp tục đăng nhập", "Continue signing in")
    return Text(f"Tiếp tục đến {client.title.vi}", f"Continue to {client.title.en}")
