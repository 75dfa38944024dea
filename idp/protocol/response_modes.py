"""
How an authorization response travels back: a carrier, and whether it is signed on its way. `iss` is added here for all,
success and error.

Source: RFC 6749 §4.1.2; RFC 9207 §2; OAuth 2.0 Form Post Response Mode §2; RFC 9700 §4.12 (303, never 307); OAuth 2.0
Multiple Response Type Encoding Practices §2.1 (fragment); JWT Secured Authorization Response Mode (JARM) §2.1, §2.3.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from html import escape
from typing import NamedTuple
from urllib.parse import urlsplit

from base.forms import written_pairs
from idp.errors import OAuthError
from idp.protocol.request import Target

NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"), ("Referrer-Policy", "no-referrer"))


class Answer(NamedTuple):
    """An HTTP answer: status, header pairs, body. browser_state: what the state cookie becomes, None if it stays."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    browser_state: str | None = None


def redirect(location: str, *headers: tuple[str, str]) -> Answer:
    """See Other. The address may hold a code, so nothing may keep or pass it on."""
    return Answer(303, (("Location", location), *NO_STORE, *headers), b"")


Sign = Callable[[Target, Mapping[str, str]], str]
"""Makes a signed response of the values for a target (flows/sign_response.py)."""


def success(target: Target, issuer: str, values: Mapping[str, str], sign: Sign) -> Answer:
    """What was granted (code, tokens, session_state), by its names, on its way to the client."""
    return _send(target, issuer, values, sign)


def failure(target: Target, issuer: str, error: OAuthError, sign: Sign) -> Answer:
    """The error, on its way to the client."""
    return _send(target, issuer, {"error": error.code, "error_description": error.description}, sign)


def _send(target: Target, issuer: str, values: Mapping[str, str], sign: Sign) -> Answer:
    state = {} if target.state is None else {"state": target.state}
    whole = {**values, **state, "iss": issuer}
    carrier = SIGNED_MODES.get(target.response_mode)
    if carrier is None:
        return CARRIERS[target.response_mode](target.redirect_uri, whole)
    return CARRIERS[carrier](target.redirect_uri, {"response": sign(target, whole)})


def query(redirect_uri: str, values: Mapping[str, str]) -> Answer:
    """In the query of the redirect address, behind what it already holds."""
    joint = "&" if "?" in redirect_uri else "?"
    return redirect(f"{redirect_uri}{joint}{written_pairs(values)}")


def fragment(redirect_uri: str, values: Mapping[str, str]) -> Answer:
    """Behind the address, where servers on the way do not see it."""
    return redirect(f"{redirect_uri}#{written_pairs(values)}")


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


CARRIERS: Mapping[str, Callable[[str, Mapping[str, str]], Answer]] = {
    "query": query,
    "fragment": fragment,
    "form_post": form_post,
}
SIGNED_MODES: Mapping[str, str] = {
    "jwt": "query",
    "query.jwt": "query",
    "fragment.jwt": "fragment",
    "form_post.jwt": "form_post",
}
"""Mode → carrier of its one parameter `response`. `jwt` is the default of the code flow (JARM §2.3.4)."""
RESPONSE_MODES = (*CARRIERS, *SIGNED_MODES)


def carrier_of(mode: str) -> str:
    """What a response mode travels in, signed or not."""
    return SIGNED_MODES.get(mode, mode)
