"""The public keys of clients: registered with them, or fetched from their jwks_uri and kept for a while."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from base.clock import Clock
from base.fetches import Fetches
from base.http import OutboundRefused

KEEP_SECONDS = 300
FETCH_AT_MOST_EVERY_SECONDS = 30
MOST_KEYS = 20
ACCEPT = "application/jwk-set+json, application/json"
MOST_BYTES = 256 * 1024
NO_KEYS: Mapping[str, Any] = {"keys": []}


class Publisher(Protocol):
    """Somebody with public keys: a client, or a trusted issuer. key_owner: its name, like no other's."""

    @property
    def key_owner(self) -> str: ...

    @property
    def jwks(self) -> Mapping[str, Any] | None: ...

    @property
    def jwks_uri(self) -> str | None: ...


class ClientKeys:
    """
    One per process, thread-safe. An address that does not answer yields no keys, and is asked again later. What is kept
    is kept for its owner alone: whoever registers with the address of another waits for nobody, and delays nobody.

    admit: what is left of a set that has just come; asked once for each set that an address shows.
    """

    def __init__(self, fetches: Fetches, clock: Clock, admit: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        self._fetches = fetches
        self._clock = clock
        self._admit = admit
        self._kept: dict[tuple[str, str], tuple[float, Mapping[str, Any], Mapping[str, Any]]] = {}
        self._lock = threading.Lock()

    def of(self, client: Publisher, anew: bool) -> Mapping[str, Any]:
        """The JWK set of a client. anew: what is kept did not fit (a key was changed); fetch again, within reason."""
        if client.jwks_uri is None:
            return client.jwks or NO_KEYS
        now, place = self._clock.monotonic(), (client.key_owner, client.jwks_uri)
        kept = self._kept.get(place)
        if kept is not None and now - kept[0] < (FETCH_AT_MOST_EVERY_SECONDS if anew else KEEP_SECONDS):
            return kept[1]
        shown = self._fetch(client.jwks_uri)
        admitted = kept[1] if kept is not None and kept[2] == shown else self._admit(shown)
        with self._lock:
            if len(self._kept) > 1000:
                self._kept.clear()
            self._kept[place] = (now, admitted, shown)
        return admitted

    def _fetch(self, address: str) -> Mapping[str, Any]:
        try:
            answer = self._fetches.get(address, accept=ACCEPT, most_bytes=MOST_BYTES)
            found = json.loads(answer.body)
        except (OutboundRefused, ValueError, RecursionError):
            return NO_KEYS
        keys = found.get("keys") if isinstance(found, dict) else None
        return {"keys": keys[:MOST_KEYS]} if isinstance(keys, list) else NO_KEYS
