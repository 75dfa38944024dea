"""
The provider's pages as a browser sees them: the real application on an empty database, a clock that can be moved, and
browsers that keep cookies and send back the hidden fields of the forms they were shown.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import flask
from werkzeug.test import TestResponse

from base.clock import FixedClock
from base.services import BaseServices
from base.texts import Text
from base.web.edge import dispatcher
from base.web.shell import make_app
from idp.accounts.totp import code_at
from idp.flows.create_user import NewUser, create_user
from idp.flows.open_idp import open_idp
from idp.flows.register_client import register
from idp.services import IdpServices
from idp.web import login, mount
from keys.api import Keys
from tests import warm
from tests.ready_keys import open_ready_keys

PASSWORD = "con trâu đi trước cái cày theo sau"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "https://portal.example.vn/callback"
AFTER_LOGOUT = "https://portal.example.vn/goodbye"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
_FORM = re.compile(r'<form method="post" action="([^"]*)"(.*?)</form>', re.DOTALL)


@dataclass
class Site:
    """The application and what tests reach behind it for."""

    services: IdpServices
    app: flask.Flask
    clock: FixedClock

    def with_settings(self, **changes: Any) -> Site:
        """The same provider with other settings."""
        services = replace(self.services, settings=replace(self.services.settings, **changes))
        return assemble(services, self.clock)

    def browser(self, address: str = "203.113.131.1", agent: str = "Mozilla/5.0 Firefox/127.0 Windows NT") -> Browser:
        return Browser(self, address, agent)

    def add_user(self, username: str, **more: Any) -> tuple[str, str]:
        """A person with PASSWORD. Returns id and TOTP secret ("" without one)."""
        new = NewUser(**{"username": username, "password": PASSWORD, "full_name": "Nguyễn Thị Hồng"} | more)
        created = create_user(self.services, new)
        return created.user_id, created.totp_secret or ""

    def add_client(self, client_id: str = "portal", **more: Any) -> dict[str, Any]:
        """A confidential service that asks for consent."""
        purpose = more.pop("purpose", Text("Điền sẵn tờ khai", "Filling in forms"))
        options = {name: more.pop(name) for name in ("trusted", "organisation_code") if name in more}
        metadata = {
            "client_name": "Cổng dịch vụ công",
            "client_name#en": "Public-service portal",
            "redirect_uris": [CALLBACK],
            "post_logout_redirect_uris": [AFTER_LOGOUT],
            "id_token_signed_response_alg": "ES256",
            "scope": "openid profile email phone address official offline_access",
            "grant_types": ["authorization_code", "refresh_token"],
            "backchannel_logout_uri": "http://127.0.0.1:9/logout",
            "policy_uri": "https://portal.example.vn/chinh-sach",
            "tos_uri": "https://portal.example.vn/dieu-khoan",
            **more,
        }
        metadata = {name: value for name, value in metadata.items() if value is not None}
        return register(self.services, metadata, client_id=client_id, purpose=purpose, **options)

    def authorize_url(self, client_id: str = "portal", **more: str) -> str:
        parameters = {
            "client_id": client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid profile email",
            "state": "st-4",
            "nonce": "no-2",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **more,
        }
        return "/authorize?" + urlencode(parameters)

    def events(self, kind: str) -> list[str]:
        """The data of audit events of a kind, in order."""
        with self.services.base.db.read() as connection:
            rows = connection.exec_driver_sql("SELECT kind, data FROM audit_events ORDER BY position").all()
        return [row[1] for row in rows if row[0] == kind]


@dataclass
class Browser:
    """Cookies, an address, and the page it shows."""

    site: Site
    address: str
    agent: str
    page: TestResponse | None = None
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.site.app.test_client()

    def get(self, path: str) -> TestResponse:
        """Follow redirects on our own site; stop at the first page, or at the redirect that leaves us."""
        return self._arrive(self.client.get(path, environ_base=self._from()))

    def submit(self, action: str, **typed: str) -> TestResponse:
        """Send the form of that action on the page at hand, hidden fields included."""
        return self.post(action, {**self.hidden(action), **typed})

    def post(self, path: str, fields: dict[str, str]) -> TestResponse:
        """Send fields as they are."""
        return self._arrive(self.client.post(path, data=fields, environ_base=self._from()))

    def hidden(self, action: str, nth: int = 0) -> dict[str, str]:
        assert self.page is not None
        forms = [body for found, body in _FORM.findall(self.page.text) if found == action]
        return {name: html.unescape(value) for name, value in _HIDDEN.findall(forms[nth])}

    def cookie(self, name: str) -> str | None:
        found = self.client.get_cookie(name)
        return None if found is None else str(found.value)

    def sign_in(self, username: str, password: str = PASSWORD, *, start: str = "/login") -> TestResponse:
        self.get(start)
        return self.submit("/login", username=username, password=password)

    def enter_code(self, secret: str) -> TestResponse:
        return self.submit("/login/code", code=code_at(secret, self.site.clock.now()))

    @property
    def text(self) -> str:
        assert self.page is not None
        return html.unescape(self.page.text)

    @property
    def path(self) -> str:
        assert self.page is not None
        return str(self.page.request.path)

    def _from(self) -> dict[str, str]:
        return {"REMOTE_ADDR": self.address, "HTTP_USER_AGENT": self.agent}

    def _arrive(self, response: TestResponse) -> TestResponse:
        for _ in range(10):
            location = response.headers.get("Location", "")
            if not location.startswith("/"):
                break
            response = self.client.get(location, environ_base=self._from())
        self.page = response
        return response


def answer_of(response: TestResponse) -> dict[str, str]:
    """The parameters of the redirect that ends at the service."""
    location = response.headers["Location"]
    assert location.startswith(CALLBACK + "?"), location
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def open_site(base: BaseServices, clock: FixedClock, keys: Keys | None = None) -> Site:
    """The application over these services."""
    return assemble(open_idp(base, keys or open_ready_keys(base)), clock)


def assemble(services: IdpServices, clock: FixedClock) -> Site:
    """The application of these services, the sign-in page in front of Flask, as wsgi.py puts it."""
    app = warm.keep_templates(
        make_app(services.base, name="Ấn Tín", roads=(), cookie_key=services.keys.derive_cookie_key())
    )
    mount(app, services)
    app.wsgi_app = dispatcher(login.routes(app, services), app.wsgi_app)  # type: ignore[method-assign]  # Flask's way
    return Site(services, app, clock)
