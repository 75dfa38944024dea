"""
An identity provider on an empty database, driven through its hot edge: what a client and a browser would send, without
a server in between. Nothing of the product is replaced.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import idp.models  # noqa: F401 - its tables have to be known before they are created
import keys.models  # noqa: F401 - the same
from base.ids import new_id
from base.services import BaseServices
from base.web.edge import CERTIFICATE, EdgeRequest, EdgeResponse
from idp.flows.create_user import NewUser, create_user
from idp.flows.open_idp import open_idp
from idp.flows.register_client import register
from idp.protocol.client import Client
from idp.services import IdpServices
from idp.settings import IdpSettings
from idp.store import consents
from idp.store.sessions import Place, start_session
from idp.web.hot import routes
from keys.settings import KeysSettings
from tests.certificates import Authority, HeldCertificate
from tests.proofs import HeldKey
from tests.ready_keys import open_ready_keys

REDIRECT = "https://portal.example.vn/cb"
VERIFIER = "correct-horse-battery-staple-0123456789-abcdefg"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
REQUEST = {
    "redirect_uri": REDIRECT,
    "response_type": "code",
    "scope": "openid",
    "state": "xyz",
    "nonce": "n-1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
"""An honest authorization request, but for its client."""
OPTIONS = ("trusted", "client_secret", "purpose", "organisation_code")
"""What register() takes besides metadata."""
PASSWORD = "Rau muống xào tỏi 7 sao"
BROWSER = "b" * 43
SETTINGS = (IdpSettings(argon2_memory_kib=1024, argon2_time_cost=1), KeysSettings(rsa_key_bits=2048))


@dataclass(frozen=True, slots=True)
class Registered:
    """A client with its secret, or with the key it authenticates by, and the certificate it uses in TLS."""

    client: Client
    secret: str
    key: HeldKey | None = None
    certificate: HeldCertificate | None = None

    @property
    def id(self) -> str:
        return self.client.client_id

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.id}:{self.secret}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the edge, with what tests ask of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def params(self) -> dict[str, str]:
        """Parameters of the address we are sent to: of its query, or of its fragment where it has one."""
        parts = urlsplit(self.location)
        return dict(parse_qsl(parts.fragment or parts.query))


@dataclass
class Provider:
    """The services and the hot edge's table."""

    services: IdpServices
    table: Mapping[str, Any] = field(default_factory=dict)

    def with_settings(self, **changes: Any) -> Provider:
        """The same provider with other settings."""
        services = replace(self.services, settings=replace(self.services.settings, **changes))
        return Provider(services, routes(services))

    def with_mtls(self, *authorities: Authority, **changes: Any) -> Provider:
        """The same provider behind a proxy that passes certificates on."""
        services = replace(self.services, client_authorities=tuple(each.held.der for each in authorities))
        changes = {"mtls_header": "Client-Cert", "mtls_ca_file": "given" if authorities else ""} | changes
        return Provider(services).with_settings(**changes)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        query: Mapping[str, str] | str = "",
        form: Mapping[str, str] | str | None = None,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        certificate: HeldCertificate | None = None,
    ) -> Reply:
        environ = environ_for(path, method=method, query=query, form=form, headers=headers, cookies=cookies)
        if certificate is not None:
            environ[CERTIFICATE] = (certificate.header, "")
        answer: EdgeResponse = self.table[path](EdgeRequest(environ))
        return Reply(answer.status, dict(answer.headers), answer.body)

    def client(self, **metadata: Any) -> Registered:
        """Register a client; the defaults are a confidential one that may do everything."""
        options = {name: metadata.pop(name) for name in OPTIONS if name in metadata}
        given = {
            "client_name": "Cổng dịch vụ công",
            "redirect_uris": [REDIRECT],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile email phone address official offline_access",
            "id_token_signed_response_alg": "ES256",
        } | metadata
        added = register(self.services, {name: value for name, value in given.items() if value is not None}, **options)
        client = self.services.clients.get(added["client_id"])
        assert client is not None
        return Registered(client, added.get("client_secret", ""))

    def machine(self, **metadata: Any) -> Registered:
        """Register a client that acts for itself."""
        return self.client(
            **{"redirect_uris": None, "grant_types": ["client_credentials"], "scope": "records.read"} | metadata
        )

    def person(self, username: str = "lan") -> str:
        """Create a person. Returns the internal identifier."""
        new = NewUser(
            username=username,
            password=PASSWORD,
            full_name="Nguyễn Thị Lan",
            email="lan@example.vn",
            phone="+84901234567",
            birthdate="1990-05-17",
            gender="female",
            address="1 Tràng Tiền, Hà Nội",
        )
        return create_user(self.services, new).user_id

    def session(self, user_id: str, *, otp: bool = False) -> str:
        """Sign a person in. Returns the cookie value."""
        now = self.now
        factors = {"pwd": now} | ({"otp": now} if otp else {})
        with self.services.base.db.begin() as connection:
            return start_session(
                connection,
                self.services.base.clock,
                self.services.settings,
                user_id=user_id,
                factors=factors,
                place=Place("127.0.0.1", "test"),
            )[1]

    def consent(self, user_id: str, client: Client) -> None:
        """Everything the client is registered for is allowed."""
        with self.services.base.db.begin() as connection:
            consents.grant(connection, user_id, client.client_id, client.scope, frozenset(), self.now)

    @property
    def now(self) -> int:
        return self.services.base.clock.now()

    def authorize(self, client: Registered, cookie: str | None = None, **changes: str | None) -> Reply:
        """Send an authorization request; a change to None leaves a parameter out."""
        params = {"client_id": client.id, **REQUEST, **changes}
        sent = {name: value for name, value in params.items() if value is not None}
        return self.ask("/authorize", query=sent, cookies=browser_cookies(cookie))

    def push(self, client: Registered, *, proof: str | None = None, **changes: str | None) -> Reply:
        """Send an authorization request ahead; a change to None leaves a parameter out."""
        return self.posted("/par", client, proof=proof, **{**REQUEST, **changes})

    def pushed(self, client: Registered, **changes: str | None) -> str:
        """The request_uri of a fresh pushed request."""
        reply = self.push(client, **changes)
        assert reply.status == 201, reply.body
        return str(reply.json["request_uri"])

    def begin(self, client: Registered, request_uri: str, cookie: str | None = None, **more: str) -> Reply:
        """Begin with a pushed request."""
        query = {"client_id": client.id, "request_uri": request_uri, **more}
        return self.ask("/authorize", query=query, cookies=browser_cookies(cookie))

    def resume(self, local_path: str, cookie: str | None) -> Reply:
        """Follow a local address back into /authorize."""
        parts = urlsplit(local_path)
        return self.ask(parts.path, query=parts.query, cookies=browser_cookies(cookie))

    def code(self, client: Registered, cookie: str, **changes: str | None) -> str:
        """A fresh code."""
        reply = self.authorize(client, cookie, **changes)
        assert "code" in reply.params, reply
        return reply.params["code"]

    def redeem(self, client: Registered, code: str, /, **changes: str | None) -> Reply:
        """Redeem a code as its client."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        } | changes
        return self.token(client, **form)

    def refresh(self, client: Registered, token: str, /, **changes: str | None) -> Reply:
        return self.token(client, grant_type="refresh_token", refresh_token=token, **changes)

    def token(self, client: Registered, **form: str | None) -> Reply:
        return self.posted("/token", client, **form)

    def posted(self, path: str, client: Registered, *, proof: str | None = None, **form: str | None) -> Reply:
        """POST a form as that client, by its registered method; proof: a DPoP header."""
        sent = {name: value for name, value in form.items() if value is not None}
        headers = {} if proof is None else {"DPoP": proof}
        if client.key is not None:
            sent |= client.key.assertion(client.id, self.now)
        elif client.secret:
            headers["Authorization"] = client.basic
        else:
            sent["client_id"] = client.id
        return self.ask(path, method="POST", form=sent, headers=headers, certificate=client.certificate)

    def userinfo(self, token: str) -> Reply:
        return self.ask("/userinfo", headers={"Authorization": f"Bearer {token}"})


def environ_for(
    path: str,
    *,
    method: str = "GET",
    query: Mapping[str, str] | str = "",
    form: Mapping[str, str] | str | None = None,
    headers: Mapping[str, str] | None = None,
    cookies: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A WSGI environ."""
    body = b"" if form is None else (form if isinstance(form, str) else urlencode(form)).encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query if isinstance(query, str) else urlencode(query),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "CONTENT_LENGTH": str(len(body)),
    }
    if form is not None:
        environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
    for name, value in (headers or {}).items():
        environ["CONTENT_TYPE" if name == "Content-Type" else "HTTP_" + name.upper().replace("-", "_")] = value
    if cookies:
        environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return environ


def browser_cookies(session: str | None) -> dict[str, str]:
    """The cookies of the one browser tests use, signed in or not."""
    return {"antin_browser": BROWSER} | ({"antin_session": session} if session else {})


def open_provider(base: BaseServices) -> Provider:
    """A provider on these services."""
    services = open_idp(base, open_ready_keys(base))
    return Provider(services, routes(services))


def unique(name: str) -> str:
    """A client_id nobody has."""
    return new_id(name)
