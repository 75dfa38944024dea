"""
Cookies: one set of attributes for all of them, but for the one that a framed script reads.

HttpOnly, SameSite=Lax, Path=/, never a Domain; over https also Secure and the `__Host-` prefix, which makes the browser
refuse a cookie of that name planted by a sibling host or over http.

Source: RFC 6265bis §4.1.3.2; OWASP ASVS 5.0 §3.3.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import flask
from werkzeug.http import dump_cookie

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+")
_VALUE = "value-of-this-cookie"
SECURE = "ANTIN_SECURE"
"""Key of app.config: whether people reach this app by https."""


def cookie_name(name: str, *, secure: bool | None = None) -> str:
    """The name on the wire. `secure` is read from the running app when it is not given (the hot edge has no app)."""
    return f"__Host-{name}" if _secure(secure) else name


def set_cookie(response: Any, name: str, value: str, max_age: int | None, *, secure: bool | None = None) -> None:
    """Set a cookie on a response; max_age in seconds, None lasts until the browser closes."""
    response.headers.add("Set-Cookie", cookie_header(name, value, max_age, secure=_secure(secure)))


def delete_cookie(response: Any, name: str, *, secure: bool | None = None) -> None:
    """Take a cookie back."""
    set_cookie(response, name, "", 0, secure=secure)


def cookie_header(name: str, value: str, max_age: int | None, *, secure: bool) -> str:
    """The value of a Set-Cookie header, for edges without Flask."""
    return _header(cookie_name(name, secure=secure), value, max_age, secure, True, "Lax")


def readable_cookie_header(name: str, value: str, *, secure: bool) -> str:
    """
    A Set-Cookie header for a value that scripts of our own pages may read, also when framed by another site.

    Only for what opens nothing. Without https it stays Lax: browsers take SameSite=None from secure sites alone.
    """
    return _header(cookie_name(name, secure=secure), value, None, secure, False, "None" if secure else "Lax")


def read_cookie(request: flask.Request, name: str, *, secure: bool | None = None) -> str | None:
    """The value of a cookie under its name on the wire; None when absent."""
    return request.cookies.get(cookie_name(name, secure=secure))


def _header(name: str, value: str, max_age: int | None, secure: bool, http_only: bool, same_site: str) -> str:
    """Values of ours are letters and digits: what stands around them is put together once."""
    frame = _frame(name, max_age, secure, http_only, same_site)
    if _PLAIN.fullmatch(value):
        return frame.replace(_VALUE, value, 1)
    return frame.replace(f"{name}={_VALUE}", dump_cookie(name, value, path=None), 1)


@cache
def _frame(name: str, max_age: int | None, secure: bool, http_only: bool, same_site: str) -> str:
    """The header with _VALUE in its place. Without `Expires`: every browser that keeps to RFC 6265 reads Max-Age."""
    flags: Any = {"secure": secure, "httponly": http_only, "samesite": same_site}
    return dump_cookie(name, _VALUE, max_age=max_age, path="/", sync_expires=False, **flags)


def _secure(given: bool | None) -> bool:
    return bool(flask.current_app.config.get(SECURE, False)) if given is None else given
