"""
How an authorization response travels back. One function per mode; `iss` is added here for all, success and error.

Source: RFC 6749 §4.1.2; RFC 9207 §2; OAuth 2.0 Form Post Response Mode §2; RFC 9700 §4.12 (303, never 307).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from html import escape
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from idp.errors import OAuthError
from idp.protocol.request import Target

NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"), ("Referrer-Policy", "no-referrer"))


class Answer(NamedTuple):
    """An HTTP answer: status, header pairs, body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def redirect(location: str, *headers: tuple[str, str]) -> Answer:
    """See Other. The address may hold a code, so nothing may keep or pass it on."""
    return Answer(303, (("Location", location), *NO_STORE, *headers), b"")


def success(target: Target, issuer: str, code: str) -> Answer:
    """The code, on its way to the client."""
    return _send(target, issuer, {"code": code})


def failure(target: Target, issuer: str, error: OAuthError) -> Answer:
    """The error, on its way to the client."""
    return _send(target, issuer, {"error": error.code, "error_description": error.description})


def _send(target: Target, issuer: str, values: Mapping[str, str]) -> Answer:
    state = {} if target.state is None else {"state": target.state}
    return RESPONSE_MODES[target.response_mode](target.redirect_uri, {**values, **state, "iss": issuer})


def query(redirect_uri: str, values: Mapping[str, str]) -> Answer:
    """In the query of the redirect address, behind what it already holds."""
    joint = "&" if "?" in redirect_uri else "?"
    return redirect(f"{redirect_uri}{joint}{urlencode(values)}")


_SUBMIT = "document.forms[0].submit()"
_SUBMIT_HASH = base64.b64encode(hashlib.sha256(_SUBMIT.encode()).digest()).decode()
_PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Ấn Tín</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<form method="post" action="{action}">{fields}
<p>Đang chuyển về dịch vụ. / Returning to the service.</p>
<button>Tiếp tục / Continue</button></form><script>{script}</script></html>"""


def form_post(redirect_uri: str, values: Mapping[str, str]) -> Answer:
    """In a form that posts itself; without scripts the person presses the button."""
    parts = urlsplit(redirect_uri)
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in values.items()
    )
    page = _PAGE.format(action=escape(redirect_uri), fields=fields, script=_SUBMIT)
    policy = (
        f"default-src 'none'; script-src 'sha256-{_SUBMIT_HASH}'; form-action {parts.scheme}://{parts.netloc}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        *NO_STORE,
    )
    return Answer(200, headers, page.encode())


RESPONSE_MODES: Mapping[str, Callable[[str, Mapping[str, str]], Answer]] = {"query": query, "form_post": form_post}
