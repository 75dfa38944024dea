"""A person with a browser that runs no script, and one connection per thread that stays open."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.faults.two_servers import Pair

REDIRECT = "http://localhost:9/callback"
PASSWORD = "mười chín con chim sẻ trên mái ngói"  # of a made-up person in a database that is thrown away
VERIFIER = "correct-horse-battery-staple-0123456789-abcdefg"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_held: dict[tuple[int, int], http.client.HTTPConnection] = {}


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    location: str
    cookies: tuple[str, ...]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def code(self) -> str | None:
        """The code, if this sends us back to the service with one."""
        if not self.location.startswith(REDIRECT):
            return None
        return parse_qs(urlsplit(self.location).query).get("code", [None])[0]

    @property
    def form(self) -> dict[str, str]:
        """The hidden fields of the page."""
        return {name: unescape(value) for name, value in _FIELD.findall(self.body.decode())}


def ask(
    port: int, path: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> Reply:
    """One request to the server at that port, on this thread's own connection to it."""
    mine = threading.get_ident(), port
    sent = dict(headers or {})
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    for attempt in (1, 2):
        connection = _held.get(mine) or _held.setdefault(
            mine, http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        )
        try:
            connection.request("GET" if form is None else "POST", path, None if form is None else urlencode(form), sent)
            answer = connection.getresponse()
            body = answer.read()
            break
        except (http.client.RemoteDisconnected, ConnectionResetError):  # an idle connection was closed meanwhile
            _held.pop(mine).close()
            if attempt == 2:
                raise
    cookies = tuple(value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie")
    return Reply(answer.status, answer.getheader("Location", ""), cookies, body)


def hang_up() -> None:
    """Close every connection."""
    while _held:
        _held.popitem()[1].close()


@dataclass
class Visitor:
    """Signed in with one service after `sign_in`; `headers` carries the cookies."""

    pair: Pair
    username: str
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def go(self, path: str, form: Mapping[str, str] | None = None) -> Reply:
        """One request to the first server; cookies are kept."""
        reply = ask(self.pair.ports[0], path, form=form, headers=self.headers)
        for pair in reply.cookies:
            name, _, value = pair.partition("=")
            self.cookies[name] = value
        return reply

    def sign_in(self, request: Mapping[str, str]) -> str:
        """Through the login and consent pages. Returns a code."""
        reply = self.go("/authorize?" + urlencode(request))
        for _ in range(12):
            if reply.code is not None:
                return reply.code
            if reply.location:
                here = local(reply.location)
                reply = self.go(here)
                continue
            asks_password = b'name="password"' in reply.body
            answers = {"username": self.username, "password": PASSWORD} if asks_password else {"decision": "allow"}
            reply = self.go(here, reply.form | answers)
        raise RuntimeError(f"no code for {self.username}: {reply.status} {reply.body[:500]!r}")


def local(address: str) -> str:
    """Path and query of an address of ours."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
