"""
Asking a provider over HTTP, and reading its verdict in words that mean the same for both.

Verdicts of authorization requests: `page` (an error the person sees), `asks login|code|select_account|consent|create`,
`<carrier> error <code>`, `<carrier> grants <what came>`; of pushed ones `pushed` or `error <code>`; of token requests
`tokens <which> for <scope>` or `error <code>`. `fault` is an answer that no provider should give.
"""

from __future__ import annotations

import base64
import html
import http.client
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

_FORM = re.compile(r'<form[^>]*method="post"[^>]*action="([^"]+)"', re.IGNORECASE)
_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', re.IGNORECASE)
_WHAT = ("access_token", "code", "id_token", "refresh_token")
_PAGES = {
    "/login": "login",
    "/login/new": "create",
    "/login/code": "code",
    "/select": "select_account",
    "/consent": "consent",
}


@dataclass
class Provider:
    """
    A running provider. cookie: of a browser that is signed in; paths: its endpoints by our names; secrets: of its
    clients; hints: what fills the braces of changes.py; offered: its discovery document.
    """

    name: str
    issuer: str
    paths: Mapping[str, str]
    secrets: Mapping[str, str]
    cookie: str = ""
    hints: dict[str, str] = field(default_factory=dict)
    offered: dict[str, Any] = field(default_factory=dict)
    _wire: http.client.HTTPConnection | None = None

    def send(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> tuple[int, Any, bytes]:
        """Status, headers, body, over one kept-alive connection."""
        if self._wire is None:
            parts = urlsplit(self.issuer)
            self._wire = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
        try:
            self._wire.request(method, path, body, dict(headers))
            answer = self._wire.getresponse()
            return answer.status, answer.headers, answer.read()
        except (http.client.RemoteDisconnected, ConnectionError):
            self._wire.close()
            self._wire.request(method, path, body, dict(headers))
            answer = self._wire.getresponse()
            return answer.status, answer.headers, answer.read()


@dataclass(frozen=True, slots=True)
class Heard:
    """A verdict, and what came along for the next step of the question."""

    verdict: str
    got: Mapping[str, str]


def ask_authorize(provider: Provider, pairs: Iterable[tuple[str, str]], *, signed_in: bool) -> Heard:
    """One authorization request by GET."""
    headers = {"Cookie": provider.cookie} if signed_in else {}
    path = f"{provider.paths['authorize']}?{urlencode(list(pairs))}"
    status, answer, body = provider.send("GET", path, None, headers)
    location = answer.get("Location", "")
    if status in (302, 303) and location:
        return _redirected(provider, location)
    text = body.decode("utf-8", "replace")
    form = _FORM.search(text)
    if status in (200, 400) and form and not _own(provider, html.unescape(form[1])):
        values = {name: html.unescape(value) for name, value in _INPUT.findall(text)}
        return _answered("form_post", values)
    if 400 <= status < 500:
        return Heard("page", {})
    return Heard(f"fault {status}", {})


def ask_endpoint(
    provider: Provider, endpoint: str, pairs: Iterable[tuple[str, str]], headers: Mapping[str, str]
) -> Heard:
    """One form posted to `token` or `par`."""
    sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    status, _, body = provider.send("POST", provider.paths[endpoint], urlencode(list(pairs)), sent)
    try:
        answer = json.loads(body)
    except ValueError:
        return Heard(f"fault {status} without JSON", {})
    if status == 201 and "request_uri" in answer:
        return Heard("pushed", {"request_uri": answer["request_uri"]})
    if status == 200 and "access_token" in answer:
        which = "+".join(name.removesuffix("_token") for name in _WHAT if name in answer)
        scope = " ".join(sorted(str(answer.get("scope", "")).split())) or "nothing"
        got = {name: str(answer[name]) for name in _WHAT if name in answer}
        return Heard(f"tokens {which} for {scope}", got)
    if 400 <= status < 500 and isinstance(answer.get("error"), str):
        return Heard(f"error {answer['error']}", {})
    return Heard(f"fault {status}", {})


def _own(provider: Provider, address: str) -> bool:
    return address.startswith(("/", provider.issuer))


def _redirected(provider: Provider, location: str) -> Heard:
    parts = urlsplit(location)
    if _own(provider, location):
        query = dict(parse_qsl(parts.query))
        asked = query.get("prompt") if parts.path.startswith("/interaction/") else _PAGES.get(parts.path)
        return Heard(f"asks {asked}" if asked else f"fault: sent to {parts.path}", {})
    if parts.fragment:
        return _answered("fragment", dict(parse_qsl(parts.fragment)))
    return _answered("query", dict(parse_qsl(parts.query)))


def _answered(carrier: str, values: dict[str, str]) -> Heard:
    if "response" in values:
        carrier, values = f"{carrier}.jwt", _claims(values["response"])
    if "error" in values:
        return Heard(f"{carrier} error {values['error']}", {})
    got = {name: values[name] for name in _WHAT if name in values}
    return Heard(f"{carrier} grants {'+'.join(sorted(got))}" if got else f"fault: an answer of {sorted(values)}", got)


def _claims(token: str) -> dict[str, str]:
    body = token.split(".")[1]
    found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return {name: str(value) for name, value in found.items()}
