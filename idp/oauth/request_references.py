"""
Request objects by reference: an address that a client has registered, fetched when a request names it.

Source: OpenID Connect Core §6.2; RFC 9101 §5.2, §10.4 (only registered addresses; the guarded client; bounds).
"""

from __future__ import annotations

import hashlib
import threading

from base.fetches import Fetches
from base.http import OutboundRefused
from base.ids import letters_of
from idp.errors import OAuthError
from idp.protocol.client import Client

ACCEPT = "application/oauth-authz-req+jwt, application/jwt"
MOST_BYTES = 8 * 1024
MOST_KEPT = 200


class RequestReferences:
    """One per process, thread-safe."""

    def __init__(self, fetches: Fetches) -> None:
        self._fetches = fetches
        self._kept: dict[str, str] = {}
        self._lock = threading.Lock()

    def needs_fetch(self, client: Client, unverified_uri: str) -> bool:
        """Whether get() will send a request."""
        return unverified_uri not in self._kept and unverified_uri.partition("#")[0] in client.request_uris

    def get(self, client: Client, unverified_uri: str) -> str:
        """
        What is found at that address, not checked yet.

        A fragment that is the SHA-256 of what is found there says that it never changes: then it is kept. Any other
        fragment says nothing, for the official test plans register addresses before they know what will be there.

        Raises:  OAuthError("invalid_request_uri").
        """
        address, _, fragment = unverified_uri.partition("#")
        if address not in client.request_uris:
            raise _refused("request_uri is not registered")
        kept = self._kept.get(unverified_uri)
        if kept is not None:
            return kept
        try:
            body = self._fetches.get(address, accept=ACCEPT, most_bytes=MOST_BYTES).body
            found = body.decode("ascii").strip()
        except (OutboundRefused, UnicodeDecodeError):
            raise _refused("request_uri cannot be fetched") from None
        if fragment == _digest(body):
            with self._lock:
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                self._kept[unverified_uri] = found
        return found


def _digest(body: bytes) -> str:
    return letters_of(hashlib.sha256(body).digest())


def _refused(why: str) -> OAuthError:
    return OAuthError("invalid_request_uri", why)
