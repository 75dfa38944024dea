"""
Security headers on every answer of Flask.

No page needs a script; none may be framed, cached or leak its address. Chromium applies `form-action` also to the
redirect that answers a POST, so a page whose form ends at a relying party names that origin by `allow_form_action()`.

Source: OWASP ASVS 5.0 §3.4; RFC 9700 §4.16; Content Security Policy Level 3 §6.4.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

import flask

from base.web.cookies import SECURE

HSTS_SECONDS = 2 * 365 * 24 * 3600
_FORM_ORIGINS = "antin_form_origins"
_FRAME_ORIGINS = "antin_frame_origins"
_CSP = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; "
    "form-action 'self'{}; frame-ancestors 'none'; base-uri 'none'{}"
)
_FIXED = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_VARY = "Cookie, Accept-Language"
_HSTS = ("Strict-Transport-Security", f"max-age={HSTS_SECONDS}; includeSubDomains")


def allow_form_action(url: str) -> None:
    """Let the forms of the page that is being made end at this address's origin (`https://host[:port]`)."""
    _allow(_FORM_ORIGINS, url)


def allow_frame(url: str) -> None:
    """Let the page that is being made hold a frame of this address's origin."""
    _allow(_FRAME_ORIGINS, url)


def _allow(kind: str, url: str) -> None:
    origin, origins = origin_of(url), flask.g.setdefault(kind, [])
    if origin and origin not in origins:
        origins.append(origin)


@lru_cache(256)
def origin_of(url: str) -> str:
    """The origin of an address as policies name it; "" for one that has none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host or not all(c.isalnum() or c in "-.:" for c in host):
        return ""  # an app's private scheme (com.example:/cb) has no origin; its redirect is not subject to form-action
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def page_headers(form_origins: Iterable[str], *, secure: bool) -> tuple[tuple[str, str], ...]:
    """What a page gets that nobody may keep and whose forms may end at these origins, for edges without Flask."""
    return (
        ("Content-Security-Policy", _policy_of(form_origins, ())),
        *_FIXED.items(),
        ("Cache-Control", "no-store"),
        ("Vary", _VARY),
        *((_HSTS,) if secure else ()),
    )


def add_headers(response: flask.Response) -> flask.Response:
    """Dress an answer; what a view has set itself stays."""
    headers = response.headers
    held = {name.lower() for name, _ in headers}
    if "content-security-policy" not in held:
        headers.add("Content-Security-Policy", _policy())
    elif "frame-ancestors 'none'" not in headers["Content-Security-Policy"]:
        del headers["X-Frame-Options"]
        held.add("x-frame-options")  # it knows no origins; old browsers would let nobody frame the page
    for name, value in _FIXED.items():
        if name.lower() not in held:
            headers.add(name, value)
    if "cache-control" not in held:
        headers.add("Cache-Control", "no-store")
    if "cache-control" not in held or not headers["Cache-Control"].startswith("public"):
        if "vary" in held:
            response.vary.update(("Cookie", "Accept-Language"))
        else:
            headers.add("Vary", _VARY)
    if flask.current_app.config.get(SECURE) and "strict-transport-security" not in held:
        headers.add(*_HSTS)
    return response


def _policy() -> str:
    """The content security policy of the page that is being made."""
    return _policy_of(flask.g.get(_FORM_ORIGINS, ()), flask.g.get(_FRAME_ORIGINS, ()))


def _policy_of(form_origins: Iterable[str], frame_origins: Iterable[str]) -> str:
    forms, frames = "".join(f" {origin}" for origin in form_origins), " ".join(frame_origins)
    return _CSP.format(forms, f"; frame-src {frames}" if frames else "")


def mount(app: flask.Flask) -> None:
    """Dress every answer of the app."""
    app.after_request(add_headers)
