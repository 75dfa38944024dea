"""
The one door for outgoing HTTP: bounded in time and size, no redirects, private addresses only where a setting allows.

Issue of record: identity providers that fetch what a stranger names (jwks_uri, logout addresses) have been made to read
cloud metadata services. The name is resolved once, every address it has is judged, and a judged address is the one
connected to, so a name that changes its mind between judging and connecting gains nothing. Resolving counts into the
deadline too (base/names.py): a stranger who runs the name server of his own domain could let it take a minute.

Source: OWASP ASVS 5.0 §1.3.6; RFC 9700 §4.15.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as ReadTimedOut

from base.addresses import IPAddress, refusal_of
from base.errors import AntinError
from base.names import NameUnresolved, addresses_of

MAX_BODY_BYTES = 1024 * 1024
MAX_SIGNED_BYTES = 8 * 1024 * 1024
MAX_URL_LENGTH = 2000
_PORTS = {"https": 443, "http": 80}
_TIMED_OUT = (requests.Timeout, ReadTimedOut, TimeoutError)


class OutboundRefused(AntinError):
    """The address may not be fetched, or its answer is too long or too late."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, content type and body (no longer than allowed) of an outgoing request."""

    status: int
    content_type: str
    body: bytes


class HttpClient:
    """Fetches and posts under the house rules. Thread-safe."""

    def __init__(
        self, *, timeout_seconds: float, allow_private: bool, max_bytes: int = MAX_BODY_BYTES, ca_file: str = ""
    ) -> None:
        self._timeout = timeout_seconds
        self._allow_private = allow_private
        self._max_bytes = max_bytes
        self._verify: str | bool = ca_file or True

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """GET. Raises: OutboundRefused."""
        return self._send("GET", url, None, headers)

    def get_signed(self, url: str) -> Answer:
        """
        GET of what its own signature vouches for, such as a revocation list: plain http will do, and it may be longer.

        Raises: OutboundRefused. Source: RFC 5280 §4.2.1.13 (lists are had by http), §8 (why https adds nothing).
        """
        return self._send("GET", url, None, None, is_signed=True)

    def post(self, url: str, data: Mapping[str, str] | bytes, *, headers: Mapping[str, str] | None = None) -> Answer:
        """POST a form (mapping) or raw bytes. Raises: OutboundRefused."""
        return self._send("POST", url, data, headers)

    def post_signed(self, url: str, data: bytes, *, headers: Mapping[str, str]) -> Answer:
        """
        POST a question whose answer is signed, such as one about a certificate: plain http will do.

        Raises: OutboundRefused. Source: RFC 6960 Appendix A.1.
        """
        return self._send("POST", url, data, headers, is_signed=True)

    def _send(
        self,
        method: str,
        url: str,
        data: Mapping[str, str] | bytes | None,
        headers: Mapping[str, str] | None,
        *,
        is_signed: bool = False,
    ) -> Answer:
        """
        1. Judge the address as written, then every address its name resolves to; the clock runs from here.
        2. Connect to a judged one; a guard ends the connection when the time is over, whatever it is waiting for.
        3. Read at most one byte more than allowed; nothing is decompressed, a compressed bomb stays small.
        """
        began = time.monotonic()
        parts = _judged_url(url, allow_http=self._allow_private or is_signed)
        most = max(self._max_bytes, MAX_SIGNED_BYTES) if is_signed else self._max_bytes
        address = self._judged_address(parts)
        left = max(self._timeout - (time.monotonic() - began), 0.001)
        sent = {"User-Agent": "antin", "Accept-Encoding": "identity", **(headers or {}), "Host": parts.netloc}
        with _Guard(left) as guard, requests.Session() as session:
            session.trust_env = False
            session.mount(f"{parts.scheme}://", _PinnedAdapter(parts, address, guard))
            options: dict[str, Any] = {"allow_redirects": False, "stream": True, "verify": self._verify}
            try:
                with session.request(method, url, data=data, headers=sent, timeout=left, **options) as response:
                    body = response.raw.read(most + 1, decode_content=False)
            except (requests.RequestException, HTTPError, OSError) as error:
                if guard.over or isinstance(error, _TIMED_OUT):  # whichever clock was first
                    raise _too_late(url) from error
                raise OutboundRefused("outbound_failed", en="The address did not answer.", debug=repr(error)) from error
            if guard.over:  # the guard's cut can look like the orderly end of a body without a length
                raise _too_late(url)
        if len(body) > most:
            raise OutboundRefused("outbound_too_long", en="The answer is too long.", hint=url)
        return Answer(response.status_code, response.headers.get("Content-Type", ""), body)

    def _judged_address(self, parts: SplitResult) -> str:
        host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
        try:
            found = addresses_of(host, port, self._timeout)
        except NameUnresolved as error:
            raise OutboundRefused("outbound_failed", en="The name cannot be resolved.", hint=host) from error
        judged: list[IPAddress] = [ipaddress.ip_address(item.partition("%")[0]) for item in found]
        for ip in judged:
            refusal = refusal_of(ip, allow_private=self._allow_private)
            if refusal:
                raise OutboundRefused(
                    "outbound_refused", en="This address may not be fetched.", hint=host, debug=refusal
                )
        return str(min(judged, key=lambda ip: (ip.version, int(ip))))


def _judged_url(url: str, *, allow_http: bool) -> SplitResult:
    refused = OutboundRefused("outbound_refused", en="Only plain http(s) addresses can be fetched.", hint=url[:200])
    if (
        len(url) > MAX_URL_LENGTH
        or not url.isascii()
        or any(character <= " " or character in "\\\x7f" for character in url)
    ):
        raise refused
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise refused from None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or port == 0:
        raise refused
    if parts.scheme == "http" and not allow_http:
        raise OutboundRefused("outbound_refused", en="Only https addresses may be fetched.", hint=url[:200])
    return parts


def _too_late(url: str) -> OutboundRefused:
    return OutboundRefused("outbound_too_late", en="The address took too long to answer.", hint=url)


class _Guard:
    """
    The overall deadline of one request.

    A socket's own timeout starts again with every byte, so a server that drips one byte a second holds it for ever;
    the guard shuts the connection down from a timer. It keeps a duplicate of the descriptor, since TLS takes over the
    first.
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> _Guard:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            if self._held is not None:
                self._held.close()

    def watch(self, connected: socket.socket) -> None:
        with self._lock:
            self._held = socket.socket(fileno=os.dup(connected.fileno()))
            if self.over:
                self._held.shutdown(socket.SHUT_RDWR)

    def _cut(self) -> None:
        with self._lock:
            self.over = True
            if self._held is not None and self._held.fileno() >= 0:
                with _ignoring_a_closed_peer():
                    self._held.shutdown(socket.SHUT_RDWR)


@contextmanager
def _ignoring_a_closed_peer() -> Iterator[None]:
    try:
        yield
    except OSError:
        return


class _PinnedAdapter(HTTPAdapter):
    """Connects to the judged address, watched by the guard, while the certificate is checked against the name."""

    def __init__(self, parts: SplitResult, address: str, guard: _Guard) -> None:
        self._parts = parts
        self._address = address
        self._guard = guard
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        parts, guard = self._parts, self._guard
        port = parts.port or _PORTS[parts.scheme]
        if parts.scheme == "http":
            pool = HTTPConnectionPool(self._address, port)
            pool.ConnectionCls = type("Watched", (_Watched, HTTPConnection), {"guard": guard})
            return pool
        names = {"assert_hostname": parts.hostname, "server_hostname": parts.hostname}
        pool = HTTPSConnectionPool(self._address, port, **names)  # type: ignore[arg-type]  # urllib3 takes them as conn_kw
        pool.ConnectionCls = type("Watched", (_Watched, HTTPSConnection), {"guard": guard})
        self.cert_verify(pool, request.url, verify, cert)  # type: ignore[no-untyped-call]  # requests leaves it untyped
        return pool


class _Watched:
    """Mixed into urllib3's connections: hands each fresh socket to the guard, before TLS and before any byte."""

    guard: _Guard

    def _new_conn(self) -> socket.socket:
        connected: socket.socket = super()._new_conn()  # type: ignore[misc]  # urllib3's connection comes after us
        self.guard.watch(connected)
        return connected
