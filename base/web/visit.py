"""
A page that very many people open, answered without Flask's machinery around it.

Such a page is a function `Visit → EdgeResponse`, written once. In front of Flask `on_edge` makes a hot endpoint of it;
in Flask `as_page` mounts the same function, for whatever the edge leaves alone (other methods, long or unusual forms)
and for its errors: what was raised on the edge is raised again there, where errors become pages. Language, the token
against forged forms, cookies and headers are those of all other pages and come from the same files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import flask
from jinja2 import Environment
from werkzeug.urls import iri_to_uri

from base.forms import read_pairs
from base.ids import hash_secret, new_secret
from base.texts import spoken_lang
from base.web import csrf
from base.web.cookies import cookie_header, cookie_name
from base.web.edge import EdgeRequest, EdgeResponse, FallThrough, Handler
from base.web.headers import origin_of, page_headers
from base.web.texts import LANG_COOKIE, lang_of, speak_unless
from base.web.ways import local_path

RAISED = "antin.raised"
"""Where in the environ an error travels from the edge to Flask; no header can reach this name."""
EXTENSION = "antin_visits"
_JOINTS = re.compile("([?&=])")
"""Between them an address mostly needs no quoting, which is soon seen; one letter that does makes all be looked at."""
HTML = ("Content-Type", "text/html; charset=utf-8")
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shell:
    """What pages share: templates, facts of the layout, the key of the form tokens, whether people come by https."""

    templates: Environment
    facts: Mapping[str, object]
    cookie_key: bytes
    secure: bool


class Visit:
    """One request to such a page. form: what was posted, {} for a GET."""

    __slots__ = ("_cookies", "_form_origins", "_given", "browser", "form", "query", "request", "shell")

    def __init__(self, shell: Shell, request: EdgeRequest, form: Mapping[str, str]) -> None:
        self.shell = shell
        self.request = request
        self.form = form
        self.query = first_values(request.query_string.encode("latin-1", "replace"))
        self._form_origins: list[str] = []
        self._cookies: list[tuple[str, str]] = []
        self._given = self.cookie(csrf.BROWSER_COOKIE)
        if self._given and csrf.is_browser(self._given):
            self.browser = self._given
        else:
            self.browser = new_secret()
            self.set_cookie(csrf.BROWSER_COOKIE, self.browser, csrf.BROWSER_COOKIE_SECONDS)

    @property
    def browser_id(self) -> str:
        """The handle of this browser: the hash of its cookie, 43 characters."""
        return str(hash_secret(self.browser))

    @property
    def here(self) -> str:
        """The address of this page for coming back to it by GET."""
        query = self.request.query_string
        return local_path(f"{self.request.path}?{query}" if query else self.request.path)

    @property
    def quoted_here(self) -> str:
        """The same, quoted once more, as it stands in another address."""
        return "".join(map(quote, _JOINTS.split(self.here)))

    def value(self, name: str) -> str:
        """What the address or the form says under this name; "" for nothing."""
        return self.query.get(name) or self.form.get(name, "")

    def cookie(self, name: str) -> str | None:
        """The value of a cookie of ours; None when absent."""
        return self.request.cookie(cookie_name(name, secure=self.shell.secure))

    def set_cookie(self, name: str, value: str, max_age: int | None) -> None:
        """Send a cookie along with the answer; as base/web/cookies.py: set_cookie."""
        self.send_cookie(cookie_header(name, value, max_age, secure=self.shell.secure))

    def send_cookie(self, header: str) -> None:
        """The same with the value of a whole Set-Cookie header."""
        self._cookies.append(("Set-Cookie", header))

    def speak_as_asked(self, tags: str) -> None:
        """As base/web/texts.py: speak_as_asked."""
        speak_unless(self.cookie(LANG_COOKIE), tags)

    def allow_form_action(self, url: str) -> None:
        """As base/web/headers.py: allow_form_action."""
        origin = origin_of(url)
        if origin:
            self._form_origins.append(origin)

    def check_csrf(self) -> None:
        """As base/web/csrf.py: check_csrf. Raises: CsrfRefused."""
        site = self.request.header("Sec-Fetch-Site")
        token = self.form.get(csrf.FIELD, "")
        csrf.check_token(self.shell.cookie_key, self._given, token, csrf.NO_SITE if site is None else site)

    def csrf_token(self) -> str:
        """A token for a form on this page."""
        return csrf.token_for(self.shell.cookie_key, self.browser)

    def render(self, template: str, *, back: str, token: str, **values: Any) -> str:
        """A page of the layout. back: where the switch of languages leads back to; token: what its form carries."""
        layout = {"lang": spoken_lang.get(), "shell": {**self.shell.facts, "here": back}}
        made = self.shell.templates.get_template(template)
        return made.render({**values, **layout, "csrf_field": lambda: csrf.field_of(token)})

    def page(self, html: str, *, status: int = 200, headers: Headers = ()) -> EdgeResponse:
        """A page as the answer."""
        return self.dressed(status, (HTML, *headers), html.encode())

    def redirect(self, address: str) -> EdgeResponse:
        """See Other, to a path on this site."""
        return self.dressed(303, (("Location", address if address.isascii() else iri_to_uri(address)),), b"")

    def dressed(self, status: int, headers: Headers, body: bytes) -> EdgeResponse:
        """An answer with the headers of every page, unless it says them itself, and the cookies of this visit."""
        said = {name.lower() for name, _ in headers}
        ours = page_headers(self._form_origins, secure=self.shell.secure)
        missing = [each for each in ours if each[0].lower() not in said]
        return EdgeResponse(status, (*headers, *missing, *self._cookies), body)


Page = Callable[[Visit], EdgeResponse]


def mount(app: flask.Flask, facts: Mapping[str, object], *, cookie_key: bytes, secure: bool) -> None:
    """Keep what pages share, for shell_of()."""
    app.extensions[EXTENSION] = Shell(app.jinja_env, facts, cookie_key, secure)


def shell_of(app: flask.Flask) -> Shell:
    """What the pages of this application share."""
    shell: Shell = app.extensions[EXTENSION]
    return shell


def on_edge(shell: Shell, page: Page) -> Handler:
    """The page as a hot endpoint. Whatever it raises, Flask makes a page of (as_page)."""

    def handler(request: EdgeRequest) -> EdgeResponse:
        if request.method not in ("GET", "POST") or (request.method == "POST" and not request.is_short_form):
            raise FallThrough
        try:
            form = first_values(request.body) if request.method == "POST" else {}
            return _answered(page, Visit(shell, request, form))
        except Exception as error:
            request.environ[RAISED] = error
            request.put_back()
            raise FallThrough from None

    return handler


def as_page(shell: Shell, page: Page) -> Callable[[], flask.Response]:
    """The same page as a Flask view, protected like every other."""

    def view() -> flask.Response:
        raised = flask.request.environ.pop(RAISED, None)
        if raised is not None:
            raise raised
        request = EdgeRequest(flask.request.environ)
        status, headers, body = _answered(page, Visit(shell, request, flask.request.form.to_dict()))
        response = flask.Response(body, status=status)
        del response.headers["Content-Type"]
        response.headers.extend(list(headers))
        return response

    return view


def _answered(page: Page, visit: Visit) -> EdgeResponse:
    header = visit.request.header("Accept-Language") or ""
    lang = lang_of(visit.cookie(LANG_COOKIE), visit.query.get("ui_locales", ""), header)
    before = spoken_lang.set(lang)
    try:
        return page(visit)
    finally:
        spoken_lang.reset(before)


def first_values(raw: bytes) -> dict[str, str]:
    """Form-encoded bytes → parameters, the first of each name."""
    found: dict[str, str] = {}
    for name, value in read_pairs(raw.decode("utf-8", "replace")):
        found.setdefault(name, value)
    return found
