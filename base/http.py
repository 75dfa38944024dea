"""
The one door for outgoing HTTP: bounded in time and size, no redirects, private addresses only where a setting allows.

Issue of record: identity providers that fetch what a stranger names (jwks_uri, logout addresses) have been made to read
cloud metadata services. The address is resolved once, judged, and the judged address is the one connected to.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from base.errors import AntinError

MAX_BODY_BYTES = 1024 * 1024


class OutboundRefused(AntinError):
    """The address may not be fetched, or its answer is too long or too late."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, content type and body (at most MAX_BODY_BYTES) of an outgoing request."""

    status: int
    content_type: str
    body: bytes


class HttpClient:
    """Fetches and posts under the house rules. Thread-safe."""

    def __init__(self, *, timeout_seconds: int, allow_private: bool, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._timeout = timeout_seconds
        self._allow_private = allow_private
        self._max_bytes = max_bytes

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """GET. Raises: OutboundRefused."""
        return self._send("GET", url, None, headers)

    def post(self, url: str, data: Mapping[str, str] | bytes, *, headers: Mapping[str, str] | None = None) -> Answer:
        """POST a form (mapping) or raw bytes. Raises: OutboundRefused."""
        return self._send("POST", url, data, headers)

    def _send(
        self, method: str, url: str, data: Mapping[str, str] | bytes | None, headers: Mapping[str, str] | None
    ) -> Answer:
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
            raise OutboundRefused("outbound_refused", en="Only plain http(s) addresses can be fetched.", hint=url[:200])
        if parts.scheme == "http" and not self._allow_private:
            raise OutboundRefused("outbound_refused", en="Only https addresses may be fetched.", hint=url[:200])
        address = self._judged_address(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", _PinnedAdapter(parts.hostname, address))
        target = url if parts.scheme == "https" else url.replace(parts.netloc, _netloc(address, parts.port), 1)
        sent = {"Host": parts.netloc, **(headers or {})}
        try:
            with session.request(
                method, target, data=data, headers=sent, timeout=self._timeout, allow_redirects=False, stream=True
            ) as response:
                body = response.raw.read(self._max_bytes + 1, decode_content=True)
                if len(body) > self._max_bytes:
                    raise OutboundRefused("outbound_too_long", en="The answer is too long.", hint=url[:200])
                return Answer(response.status_code, response.headers.get("Content-Type", ""), body)
        except (requests.RequestException, OSError) as error:
            raise OutboundRefused("outbound_failed", en="The address did not answer.", debug=repr(error)) from error

    def _judged_address(self, host: str, port: int) -> str:
        try:
            found = {str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        except OSError as error:
            raise OutboundRefused("outbound_failed", en="The name cannot be resolved.", hint=host) from error
        judged = sorted((ipaddress.ip_address(item.split("%")[0]) for item in found), key=lambda ip: ip.version)
        if not self._allow_private and any(not ip.is_global for ip in judged):
            raise OutboundRefused("outbound_refused", en="Private addresses may not be fetched.", hint=host)
        return str(judged[0])


class _PinnedAdapter(HTTPAdapter):
    """Connects to the judged address while the certificate is checked against the name."""

    def __init__(self, host: str, address: str) -> None:
        self._host = host
        self._address = address
        super().__init__()

    def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):  # type: ignore[no-untyped-def]  # requests ships no types for it
        parts = urlsplit(request.url)
        pool = self.poolmanager.connection_from_host(
            self._address,
            port=parts.port or 443,
            scheme="https",
            pool_kwargs={"assert_hostname": self._host, "server_hostname": self._host},
        )
        self.cert_verify(pool, request.url, verify, cert)  # type: ignore[no-untyped-call]  # requests ships no types for it
        return pool


def _netloc(address: str, port: int | None) -> str:
    host = f"[{address}]" if ":" in address else address
    return f"{host}:{port}" if port else host
