"""
Client certificates from a proxy that ends TLS in front of us: its headers are taken, everybody else's are thrown away.

A header says what its sender likes. So it counts only on a connection from an address that is named as a proxy, and
nothing behind this door ever sees the header itself: endpoints read EdgeRequest.certificate.

Source: RFC 9440 §2.4, §4 (the proxy must remove what a client sends under these names).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from base.errors import SettingsError
from base.web.edge import CERTIFICATE, Environ

Application = Callable[[Environ, Any], Iterable[bytes]]


def with_client_certificates(
    application: Application, *, header: str, chain_header: str, proxies: Sequence[str]
) -> Application:
    """
    A WSGI application in front of `application`; it has to see the address of the connection itself.

    proxies: addresses or networks. Raises: SettingsError: one of them is neither.
    """
    leaf_key, chain_key = _environ_key(header), _environ_key(chain_header)
    try:
        networks = [ip_network(proxy) for proxy in proxies]
    except ValueError as error:
        raise SettingsError(f"ANTIN_MTLS_PROXIES must hold addresses or networks: {error}") from error

    @lru_cache(maxsize=1024)
    def is_proxy(remote: str) -> bool:
        try:
            address = ip_address(remote)
        except ValueError:
            return False
        return any(address in network for network in networks)

    def taking(environ: Environ, start_response: Any) -> Iterable[bytes]:
        leaf, chain = environ.pop(leaf_key, ""), environ.pop(chain_key, "")
        if leaf and is_proxy(environ.get("REMOTE_ADDR", "")):
            environ[CERTIFICATE] = (leaf, chain)
        return application(environ, start_response)

    return taking


def _environ_key(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")
