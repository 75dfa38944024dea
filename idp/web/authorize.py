"""The authorization endpoint at the edge: what it reads from the request, and the browser cookie it may have to set."""

from __future__ import annotations

from base.web.cookies import cookie_name, readable_cookie_header
from base.web.csrf import edge_browser
from base.web.edge import FORM_TYPE, BadForm, EdgeRequest, EdgeResponse
from idp.flows.authorize import Incoming, authorize, come_again
from idp.flows.browser_state import STATE_COOKIE
from idp.protocol.request import unsafe
from idp.services import IdpServices
from idp.store.sessions import SESSION_COOKIE


def authorize_endpoint(services: IdpServices, request: EdgeRequest) -> EdgeResponse:
    """
    GET with a query, or POST with a form (OpenID Connect Core §3.1.2.1); never both.

    With a form of another site a browser sends none of our (Lax) cookies. It is told to come again by GET, which brings
    them; a new cookie now would replace the one it has, and with it the known device and every form that is open.

    Raises:  UnsafeToRedirect, InteractionInvalid, FetchesThrottled: an error page, which Flask makes.
    """
    secure = services.base.base.secure
    browser, set_cookie = edge_browser(request, secure=secure)
    raw = _raw(request)
    if request.method == "POST" and set_cookie:
        return EdgeResponse(*come_again(raw)[:3])
    held, state = (request.cookie(cookie_name(name, secure=secure)) for name in (SESSION_COOKIE, STATE_COOKIE))
    answer = authorize(services, Incoming(raw, browser, held, state, request.remote))
    cookies = [set_cookie] if set_cookie else []
    if answer.browser_state is not None:
        cookies.append(readable_cookie_header(STATE_COOKIE, answer.browser_state, secure=secure))
    return EdgeResponse(answer.status, (*answer.headers, *(("Set-Cookie", one) for one in cookies)), answer.body)


def _raw(request: EdgeRequest) -> bytes:
    if request.method != "POST":
        return request.query_string.encode("latin-1", "replace")
    content_type = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    try:
        if content_type == FORM_TYPE:
            return request.body
    except BadForm:
        pass
    raise unsafe("invalid_request", "Không đọc được yêu cầu.", "The request cannot be read.")
