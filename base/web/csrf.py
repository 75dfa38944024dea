"""
Cross-site request forgery: every POST to a Flask view carries a token bound to this browser, unless the view is exempt.

The browser is known by a long random cookie, `antin_browser`, given with the first form. A token is a random salt and
HMAC-SHA256(cookie key, salt ‖ cookie); the salt makes every page's token different, so that a compressing proxy
does not give it away letter by letter. The hash of the same cookie is the 'known device' handle.

Source: RFC 9700 §4.16; OWASP ASVS 5.0 §3.5.1.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

import flask
from markupsafe import Markup

from base.errors import AntinError
from base.ids import hash_secret, new_secret
from base.web.cookies import cookie_header, cookie_name, read_cookie, set_cookie
from base.web.edge import EdgeRequest

BROWSER_COOKIE = "antin_browser"
BROWSER_COOKIE_SECONDS = 365 * 24 * 3600
FIELD = "csrf"
COOKIE_KEY = "ANTIN_COOKIE_KEY"
SALT_BYTES = 12
NO_SITE = "none"
"""What counts for a browser that does not say where a request comes from."""
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")
_FRESH = "antin_fresh_browser"
View = TypeVar("View", bound=Callable[..., Any])


class CsrfRefused(AntinError):
    """A form came without the token of this browser."""

    def __init__(self, debug: str) -> None:
        super().__init__(
            "csrf",
            vi="Biểu mẫu đã cũ hoặc không được gửi từ trang này. Hãy quay lại, tải lại trang và gửi lại.",
            en="The form is out of date or was not sent from this page. Go back, reload the page and send it again.",
            hint="Cookies must be enabled for this site.",
            debug=debug,
            status=403,
        )


def csrf_exempt(view: View) -> View:
    """Mark a view that programs post to (a protocol endpoint with credentials of its own, or one without effects)."""
    view.__dict__["csrf_exempt"] = True
    return view


def browser_secret() -> str:
    """The value of this browser's cookie; a new one is made, and sent with the answer, when it brought none."""
    given = read_cookie(flask.request, BROWSER_COOKIE)
    if given and _SHAPE.fullmatch(given):
        return given
    fresh = flask.g.get(_FRESH)
    if fresh is None:
        fresh = new_secret()
        setattr(flask.g, _FRESH, fresh)
    return str(fresh)


def browser_id() -> str:
    """The handle of this browser: the hash of its cookie, 43 characters."""
    return str(hash_secret(browser_secret()))


def edge_browser(request: EdgeRequest, *, secure: bool) -> tuple[str, str | None]:
    """The same handle on the hot edge, and the Set-Cookie header to send when the browser brought no cookie."""
    given = request.cookie(cookie_name(BROWSER_COOKIE, secure=secure))
    if given and _SHAPE.fullmatch(given):
        return str(hash_secret(given)), None
    fresh = new_secret()
    return str(hash_secret(fresh)), cookie_header(BROWSER_COOKIE, fresh, BROWSER_COOKIE_SECONDS, secure=secure)


def csrf_token() -> str:
    """A token for a form on the page that is being made."""
    return token_for(flask.current_app.config[COOKIE_KEY], browser_secret())


def token_for(key: bytes, browser: str) -> str:
    """A token for a form that this browser will send; browser: the value of its cookie."""
    salt = secrets.token_bytes(SALT_BYTES)
    return base64.urlsafe_b64encode(salt + _mac(key, salt, browser)).decode()


def csrf_field() -> Markup:
    """The token as a hidden field."""
    return field_of(csrf_token())


def field_of(token: str) -> Markup:
    """A token, which is base64url, as a hidden field."""
    return Markup(f'<input type="hidden" name="{FIELD}" value="{token}">')  # noqa: S704 - base64url: nothing to escape


def check_csrf() -> None:
    """
    Refuse a changing request to a view that is not exempt unless it carries this browser's token.

    Raises: CsrfRefused: sent from another site, no cookie, no token, or a token of another browser.

    Sec-Fetch-Site is asked first because it costs nothing; Origin is not, since our own `Referrer-Policy: no-referrer`
    makes browsers send `Origin: null`.
    """
    request = flask.request
    if request.method in ("GET", "HEAD", "OPTIONS") or request.endpoint is None:
        return
    if getattr(flask.current_app.view_functions.get(request.endpoint), "csrf_exempt", False):
        return
    key, browser = flask.current_app.config[COOKIE_KEY], read_cookie(request, BROWSER_COOKIE)
    check_token(key, browser, request.form.get(FIELD, ""), request.headers.get("Sec-Fetch-Site", NO_SITE))


def check_token(key: bytes, browser: str | None, token: str, site: str) -> None:
    """
    browser: value of the cookie that came along, if one did; site: Sec-Fetch-Site, NO_SITE where there is none.

    Raises: CsrfRefused.
    """
    if site not in ("same-origin", "none"):
        raise CsrfRefused("sent from another site")
    if not browser or not is_browser(browser):
        raise CsrfRefused("no browser cookie")
    try:
        decoded = base64.urlsafe_b64decode(token)
    except ValueError:
        raise CsrfRefused("token is not base64url") from None
    salt, given = decoded[:SALT_BYTES], decoded[SALT_BYTES:]
    if not hmac.compare_digest(given, _mac(key, salt, browser)):
        raise CsrfRefused("token of another browser")


def is_browser(value: str) -> bool:
    """Whether a browser cookie may be one of ours."""
    return _SHAPE.fullmatch(value) is not None


def _mac(key: bytes, salt: bytes, browser: str) -> bytes:
    return hmac.new(key, b"csrf\0" + salt + browser.encode(), hashlib.sha256).digest()


def mount(app: flask.Flask) -> None:
    """Check before each request; send a new browser cookie after a page that needed one."""
    app.before_request(check_csrf)

    @app.after_request
    def send_cookie(response: flask.Response) -> flask.Response:
        fresh = flask.g.get(_FRESH)
        if fresh is not None:
            set_cookie(response, BROWSER_COOKIE, str(fresh), BROWSER_COOKIE_SECONDS)
        return response
