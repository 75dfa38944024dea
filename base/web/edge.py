"""
The framework-free edge: a request read from a WSGI environ, a response of status, headers and bytes.

The hot endpoints are functions `EdgeRequest → EdgeResponse`. A dispatcher in front of Flask calls them directly
(idp/web/hot.py); `as_view` mounts the very same function in Flask, for tests and for servers without the dispatcher.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, NamedTuple

import flask
import orjson

from base.errors import AntinError
from base.forms import read_pairs
from base.metrics import REQUESTS

log = logging.getLogger("antin.edge")
MAX_FORM_BYTES = 64 * 1024
MAX_FORM_FIELDS = 200
FORM_TYPE = "application/x-www-form-urlencoded"
CERTIFICATE = "antin.client_certificate"
"""Where in the environ client_certificate.py puts what a trusted proxy said; no header can reach this name."""
Environ = dict[str, Any]


class BadForm(Exception):
    """The form is too long, of another content type, not UTF-8, or names a parameter twice; the argument says which."""


class FallThrough(Exception):
    """Raised by a hot endpoint, before it reads the body, to leave this request to Flask (an error page, a form)."""


class EdgeResponse(NamedTuple):
    """What an edge answers: HTTP status, header pairs, body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@cache
def _variable(header: str) -> str:
    """Where a WSGI environ holds a header; only ever asked with names of ours."""
    return "HTTP_" + header.upper().replace("-", "_")


class EdgeRequest:
    """One request as read from a WSGI environ; nothing is parsed before it is asked for."""

    __slots__ = ("_body", "_cookies", "environ")

    def __init__(self, environ: Environ) -> None:
        self.environ = environ
        self._body: bytes | None = None
        self._cookies: dict[str, str] | None = None

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    @property
    def path(self) -> str:
        return str(self.environ["PATH_INFO"])

    @property
    def query_string(self) -> str:
        return str(self.environ.get("QUERY_STRING", ""))

    @property
    def remote(self) -> str:
        """The peer's address; wsgi.py has replaced it by the forwarded one where a trusted proxy is configured."""
        return str(self.environ.get("REMOTE_ADDR", ""))

    def header(self, name: str) -> str | None:
        """A header by its usual name (`Authorization`); None when absent."""
        if name == "Content-Type":
            return self.environ.get("CONTENT_TYPE") or None
        return self.environ.get(_variable(name))

    @property
    def certificate(self) -> tuple[str, str] | None:
        """The client's TLS certificate and its chain, unread, as a trusted proxy passed them on; None without one."""
        return self.environ.get(CERTIFICATE)

    def cookie(self, name: str) -> str | None:
        """The first cookie of that name."""
        if self._cookies is None:
            self._cookies = {}
            for pair in self.environ.get("HTTP_COOKIE", "").split(";"):
                key, _, value = pair.strip().partition("=")
                self._cookies.setdefault(key, value)
        return self._cookies.get(name)

    @property
    def is_short_form(self) -> bool:
        """Whether the body is an ordinary form whose length is known and within MAX_FORM_BYTES."""
        length, kind = self.environ.get("CONTENT_LENGTH") or "", self.environ.get("CONTENT_TYPE") or ""
        fits = length.isdecimal() and len(length) < 9 and int(length) <= MAX_FORM_BYTES
        return fits and not self.environ.get("HTTP_TRANSFER_ENCODING") and kind.partition(";")[0] == FORM_TYPE

    def put_back(self) -> None:
        """Let whoever comes next read the body once more."""
        if self._body is not None:
            self.environ["wsgi.input"] = io.BytesIO(self._body)

    @property
    def body(self) -> bytes:
        """The body, at most MAX_FORM_BYTES. Raises: BadForm: longer than that."""
        if self._body is None:
            try:
                length = int(self.environ.get("CONTENT_LENGTH") or 0)
            except ValueError:
                raise BadForm("length") from None
            if length > MAX_FORM_BYTES:
                raise BadForm("too long")
            stream = self.environ["wsgi.input"]
            if self.environ.get("HTTP_TRANSFER_ENCODING"):
                self._body = stream.read(MAX_FORM_BYTES + 1)
                if len(self._body) > MAX_FORM_BYTES:
                    raise BadForm("too long")
            else:
                self._body = stream.read(length) if length else b""
        return self._body

    def form(self, joined: frozenset[str] = frozenset()) -> dict[str, str]:
        """
        The body as form parameters. Raises: BadForm.

        joined: names that may come several times; their values are joined by a space.

        Only the body counts: a token endpoint must not read client_id or code from the address (RFC 6749 §3.2),
        and no parameter may appear twice (§3.1).
        """
        content_type = (self.environ.get("CONTENT_TYPE") or "").partition(";")[0].strip().lower()
        if content_type != FORM_TYPE:
            raise BadForm("content type")
        return parse_parameters(self.body, joined)

    def query(self) -> dict[str, str]:
        """The address's parameters, none twice. Raises: BadForm."""
        return parse_parameters(self.query_string.encode("latin-1", "replace"))


def parse_parameters(raw: bytes, joined: frozenset[str] = frozenset()) -> dict[str, str]:
    """Form-encoded bytes → parameters; empty values are treated as absent (RFC 6749 §3.1). Raises: BadForm."""
    try:
        pairs = read_pairs(raw.decode("utf-8"), errors="strict", most=MAX_FORM_FIELDS)
    except ValueError as error:
        raise BadForm("encoding") from error
    found: dict[str, str] = {}
    seen: set[str] = set()
    for name, value in pairs:
        if name in seen and name not in joined:
            raise BadForm(name)
        seen.add(name)
        if value:
            found[name] = f"{found[name]} {value}" if name in found else value
    return found


Handler = Callable[[EdgeRequest], EdgeResponse]
"""A hot endpoint."""

_REASONS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


@cache
def _counter(endpoint: str, status: int) -> Any:
    return REQUESTS.labels(endpoint, str(status))


def count(endpoint: str, status: int) -> None:
    """Count an answer for /metrics; `endpoint` is a name of ours, never an address that a visitor made up."""
    _counter(endpoint, status).inc()


def _json_error(status: int, code: str, description: str) -> EdgeResponse:
    body = orjson.dumps({"error": code, "error_description": description})
    return EdgeResponse(status, (("Content-Type", "application/json"), ("Cache-Control", "no-store")), body)


def _unavailable(environ: Environ, error: AntinError) -> EdgeResponse:
    """
    What the server needs is away for a while: 503, and when to come back. Anything else was not foreseen.

    Source: RFC 9110 §10.2.3, §15.6.4; the code is that of RFC 6749 §4.1.2.1.
    """
    if not error.retry_seconds:
        log.error("hot endpoint %s failed", environ["PATH_INFO"], exc_info=error)
        return _json_error(500, "server_error", "The server failed; try again later.")
    log.error("%s, %s", error.code, error.debug)
    status, headers, body = _json_error(error.status, "temporarily_unavailable", error.en)
    return EdgeResponse(status, (*headers, ("Retry-After", str(error.retry_seconds))), body)


def dispatcher(
    table: Mapping[str, Handler],
    fallback: Callable[[Environ, Any], Iterable[bytes]],
    prefixes: Mapping[str, Handler] | None = None,
) -> Any:
    """
    A WSGI application: paths of `table` go to their function, everything else to `fallback` (Flask).

    prefixes: beginnings of paths, for the few whose rest is a message.
    """
    beginnings = tuple((prefixes or {}).items())

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        name = environ["PATH_INFO"]
        handler = table.get(name)
        if handler is None:
            for beginning, candidate in beginnings:
                if name.startswith(beginning):
                    name, handler = beginning, candidate
            if handler is None:
                return fallback(environ, start_response)
        try:
            status, headers, body = handler(EdgeRequest(environ))
        except FallThrough:
            return fallback(environ, start_response)
        except AntinError as error:
            status, headers, body = _unavailable(environ, error)
        except BadForm as error:
            status, headers, body = _json_error(400, "invalid_request", f"The request cannot be read: {error}.")
        except Exception:
            log.exception("hot endpoint %s failed", name)
            status, headers, body = _json_error(500, "server_error", "The server failed; try again later.")
        count(name, status)
        start_response(_REASONS[status], [*headers, ("Content-Length", str(len(body)))])
        return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)

    return application


def as_view(handler: Handler) -> Callable[..., flask.Response]:
    """The same function as a Flask view."""

    def view(**_parts: str) -> flask.Response:  # parts of the address, which the function reads itself
        environ = dict(flask.request.environ)
        try:
            status, headers, body = handler(EdgeRequest(environ))
        except AntinError as error:
            if error.status < 500 or not error.retry_seconds:
                raise
            status, headers, body = _unavailable(environ, error)
        response = flask.Response(body, status=status)
        del response.headers["Content-Type"]
        response.headers.extend(list(headers))
        return response

    view.__dict__["csrf_exempt"] = True  # a protocol endpoint: its clients carry credentials of their own
    return view
