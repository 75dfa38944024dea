"""
Security headers on every answer of Flask.

No page needs a script; none may be framed, cached or leak its address. Chromium applies `form-action` also to the
redirect that answers a POST, so a page whose form ends at a relying party names that origin by `allow_form_action()`.

Source: OWASP ASVS 5.0 §3.4; RFC 9700 §4.16; Content Security Policy Level 3 §6.4.1.
"""

from __future__ import annotations

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


def allow_form_action(url: str) -> None:
    """Let the forms of the page that is being made end at this address's origin (`https://host[:port]`)."""
    _allow(_FORM_ORIGINS, url)


def allow_frame(url: str) -> None:
    """Let the page that is being made hold a frame of this address's origin."""
    _allow(_FRAME_ORIGINS, url)


def _allow(kind: str, url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host or not all(c.isalnum() or c in "-.:" for c in host):
        return  # an app's private scheme (com.example:/cb) has no origin; its redirect is not subject to form-action
    host = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
    origins: list[str] = flask.g.setdefault(kind, [])
    if origin not in origins:
        origins.append(origin)


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
            headers.add("Vary", "Cookie, Accept-Language")
    if flask.current_app.config.get(SECURE) and "strict-transport-security" not in held:
        headers.add("Strict-Transport-Security", f"max-age={HSTS_SECONDS}; includeSubDomains")
    return response


def _policy() -> str:
    """The content security policy of the page that is being made."""
    forms = "".join(f" {origin}" for origin in flask.g.get(_FORM_ORIGINS, []))
    frames = " ".join(flask.g.get(_FRAME_ORIGINS, []))
    return _CSP.format(forms, f"; frame-src {frames}" if frames else "")


def mount(app: flask.Flask) -> None:
    """Dress every answer of the app."""
    app.after_request(add_headers)
