"""
The session state: what a service shows the provider's frame to ask whether somebody is still signed in as before.

It is a digest over the client, the origin that asks, and the browser's state, so that neither says anything to another
service, and a page of another origin cannot ask with it.

Source: OpenID Connect Session Management 1.0 §2, §3.2.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")


def session_state(client_id: str, redirect_uri: str, browser_state: str, salt: str) -> str | None:
    """
    `<hexadecimal SHA-256>.<salt>`, computed as the frame's script does; None for an address without a web origin.

    browser_state: value of the state cookie; salt: fresh for each response, without spaces or dots.
    """
    origin = web_origin(redirect_uri)
    if origin is None:
        return None
    digest = hashlib.sha256(f"{client_id} {origin} {browser_state} {salt}".encode()).hexdigest()
    return f"{digest}.{salt}"


def web_origin(uri: str) -> str | None:
    """
    The origin of an address as browsers write it: lower case, no default port (RFC 6454 §6.2).

    None: it has none, or its host holds what no host name does and a policy header would be broken by.
    """
    parts = urlsplit(uri)
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(parts.hostname or ""):
        return None
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
