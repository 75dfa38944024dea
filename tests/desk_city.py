"""
A desk with everything around it for tests: keys, signing, the web shell, and a small identity provider on loopback.

The provider signs with the real keys and can be told to lie (`tamper`), so that each refusal can be tried. The tests
are the official's browser: they follow redirects by hand.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

import signing.web
from base.ids import new_secret
from base.services import BaseServices
from base.web.shell import make_app
from keys.api import Keys, TokenType
from keys.settings import KeysSettings
from signing.flows import desk_client
from signing.services import SigningServices, open_signing
from signing.settings import SigningSettings
from tests import warm
from tests.desk_papers import SIGNER
from tests.ready_keys import open_ready_keys

ACR_TWO = "urn:vn:xt:2"
Tamper = Callable[[str, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in at the provider."""

    sub: str
    name: str
    official: bool = True
    sid: str = "sid-1"

    def claims(self) -> dict[str, Any]:
        """What scope `openid profile official` gives."""
        found: dict[str, Any] = {"sub": self.sub, "name": self.name}
        if self.official:
            found |= {
                "organisation": {"code": "H17.12", "name": "UBND phường Hải Châu"},
                "position": {"title": "Chủ tịch"},
            }
        return found


BINH = Person("sub-binh", SIGNER)
MAI = Person("sub-mai", "Lê Thị Mai", sid="sid-2")
CITIZEN = Person("sub-citizen", "Nguyễn Văn An", official=False)


@dataclass
class Provider:
    """Authorization codes and the endpoints behind them; `tamper(what, claims)` may change what is signed."""

    services: SigningServices
    tamper: Tamper = lambda _what, claims: claims
    codes: dict[str, tuple[Person, dict[str, str]]] = field(default_factory=dict)
    access: dict[str, Person] = field(default_factory=dict)
    applications: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Access tokens of applications → what introspection says about them."""
    down: bool = False

    @property
    def issuer(self) -> str:
        return self.services.base.base.issuer

    def approve(self, url: str, person: Person) -> str:
        """What happens after the person said yes: the address the browser is sent back to."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["client_id"] == "signing-desk"
        assert asked["redirect_uri"] == f"{self.issuer}/desk/callback"
        assert asked["code_challenge_method"] == "S256"
        code = new_secret()
        self.codes[code] = (person, asked)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def refuse(self, url: str, error: str = "access_denied") -> str:
        """The person said no."""
        asked = dict(parse_qsl(urlsplit(url).query))
        return f"{asked['redirect_uri']}?{urlencode({'error': error, 'state': asked['state'], 'iss': self.issuer})}"

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        status, body = self._answer(environ)
        start_response(f"{status} X", [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    def _answer(self, environ: dict[str, Any]) -> tuple[int, Any]:
        path, issuer = environ["PATH_INFO"], self.issuer
        if self.down:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "userinfo_endpoint": f"{issuer}/userinfo",
                "introspection_endpoint": f"{issuer}/introspect",
                "jwks_uri": f"{issuer}/jwks",
                "end_session_endpoint": f"{issuer}/logout",
            }
        if path == "/jwks":
            return 200, json.loads(self.services.keys.jwks())
        if path == "/introspect":
            form = dict(parse_qsl(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()))
            return 200, self.applications.get(form["token"], {"active": False})
        if path == "/userinfo":
            person = self.access[environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ")]
            return 200, self.tamper("userinfo", person.claims())
        if path == "/token":
            form = dict(parse_qsl(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()))
            return self._token(form, environ.get("HTTP_AUTHORIZATION", ""))
        return 404, {}

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        secret = f"signing-desk:{desk_client.client_secret(self.services)}"
        if authorization != "Basic " + base64.b64encode(secret.encode()).decode():
            return 401, {"error": "invalid_client"}
        if form.get("code") not in self.codes:
            return 400, {"error": "invalid_grant"}
        person, asked = self.codes.pop(form["code"])
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        )
        if challenge != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        access = self.access_token(person, asked)
        self.access[access] = person
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": self._id_token(person, asked)}

    def access_token(self, person: Person, asked: dict[str, str], **changes: Any) -> str:
        """An access token as RFC 9068 and RFC 9396 have it; with authorization details it activates a signature."""
        now = self.services.base.clock.now()
        claims = {
            "iss": self.issuer,
            "sub": person.sub,
            "aud": f"{self.issuer}/desk",
            "client_id": "signing-desk",
            "iat": now,
            "exp": now + 600,
            "jti": new_secret(16),
            "scope": asked.get("scope", "openid"),
            "acr": ACR_TWO,
            "auth_time": now - 30,
        }
        if "authorization_details" in asked:
            claims |= {"otp_time": now - 5, "authorization_details": json.loads(asked["authorization_details"])}
        return self.services.keys.sign_jwt(self.tamper("access_token", claims | changes), typ=TokenType.ACCESS)

    def _id_token(self, person: Person, asked: dict[str, str]) -> str:
        now = self.services.base.clock.now()
        claims = {
            "iss": self.issuer,
            "sub": person.sub,
            "aud": "signing-desk",
            "iat": now,
            "exp": now + 600,
            "nonce": asked["nonce"],
            "sid": person.sid,
            "acr": ACR_TWO,
            "auth_time": now - 30,
        }
        if "claims" in asked:
            wanted = json.loads(asked["claims"])["id_token"]
            claims |= {name: value for name, value in person.claims().items() if name in wanted}
        return self.services.keys.sign_jwt(self.tamper("id_token", claims), typ=TokenType.ID)

    def logout_token(self, **changes: Any) -> str:
        """A back-channel logout token; a change to None leaves the claim out."""
        now = self.services.base.clock.now()
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": "signing-desk",
            "iat": now,
            "exp": now + 120,
            "jti": new_secret(16),
            "sid": "sid-1",
            "sub": "sub-binh",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        } | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        return self.services.keys.sign_jwt(kept, typ=TokenType.LOGOUT)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class DeskCity:
    """The desk, its provider, and browsers."""

    base: BaseServices
    keys: Keys
    services: SigningServices
    provider: Provider
    app: Any

    def browser(self) -> Browser:
        """A fresh browser."""
        return Browser(self, self.app.test_client())


@dataclass
class Browser:
    """What an official does, step by step; every form carries the token that its page gave."""

    city: DeskCity
    client: FlaskClient

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None) -> TestResponse:
        """Post a form with this browser's CSRF token."""
        page = self.client.get("/desk").get_data(as_text=True)
        found = page.partition('name="csrf" value="')[2].partition('"')[0]
        boundary, body = encode_multipart({"csrf": found, **(data or {})})  # the client's own leaves files open
        return self.client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")

    def follow(self, url: str) -> TestResponse:
        """Open an address of this site."""
        parts = urlsplit(url)
        return self.client.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)

    def sign_in(self, person: Person = BINH) -> TestResponse:
        """Through the provider and back."""
        away = self.client.get("/desk/sign-in").headers["Location"]
        return self.follow(self.city.provider.approve(away, person))

    def upload(self, content: bytes, name: str = "Quyết định 12.pdf") -> TestResponse:
        return self.post("/desk/documents", {"file": FileStorage(io.BytesIO(content), name)})

    def uploaded(self, content: bytes, name: str = "Quyết định 12.pdf") -> str:
        """Upload; returns the document's address."""
        answer = self.upload(content, name)
        assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
        return str(answer.headers["Location"])

    def ask(self, document: str) -> str:
        """Press the sign button; returns the provider's address."""
        answer = self.post(f"{document}/sign")
        assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
        return str(answer.headers["Location"])

    def approve(self, away: str, person: Person = BINH) -> TestResponse:
        """Approve at the provider; returns the answer of the callback."""
        return self.follow(self.city.provider.approve(away, person))

    def sign(self, document: str, person: Person = BINH) -> TestResponse:
        """Ask, approve, and open the page that the callback leads to."""
        back = self.approve(self.ask(document), person)
        assert back.status_code == 303, back.get_data(as_text=True)[:3000]
        return self.follow(back.headers["Location"])


@contextmanager
def desk_city(make_base: Callable[..., BaseServices], **settings: Any) -> Iterator[DeskCity]:
    """Open everything; `settings` are fields of SigningSettings."""
    holder: dict[str, Provider] = {}
    server = make_server("127.0.0.1", 0, lambda environ, start: holder["it"](environ, start), handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        inside = f"http://127.0.0.1:{server.server_port}"
        base = make_base(KeysSettings(rsa_key_bits=2048), SigningSettings(provider_url=inside, **settings))
        keys = open_ready_keys(base)
        services = open_signing(base, keys)
        holder["it"] = Provider(services)
        app = warm.keep_templates(make_app(base, name="Ấn Tín", roads=(), cookie_key=keys.derive_cookie_key()))
        app.testing = True
        app.config["PROPAGATE_EXCEPTIONS"] = False
        signing.web.mount(app, services)
        yield DeskCity(base, keys, services, holder["it"], app)
    finally:
        server.shutdown()
        server.server_close()


def asked_for(url: str) -> dict[str, str]:
    """The parameters of an authorization request."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
