"""
Revocation lists of other authorities, from where the certificates of a *trusted* path say they are.

An address in a certificate that leads to no anchor is never visited. A list proves itself by its signature, so plain
http is enough; who may be reached is the guarded client's business (base/http.py).

Source: RFC 5280 §4.2.1.13 (cRLDistributionPoints), §6.3; EN 319 102-1 §5.2.6.4.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from base.errors import AntinError
from base.http import HttpClient
from signing.services import Memory

log = logging.getLogger("antin.verify")
MOST_FETCHES = 6
KEPT_SECONDS = 120
"""How long a list that signing fetched is used again: the newest one counts (Circular 15/2025/TT-BKHCN)."""


def fetch_lists(addresses: Iterable[str], http: HttpClient) -> tuple[bytes, ...]:
    """What the addresses hold, the first MOST_FETCHES of them; one that does not answer is left out."""
    asked = list(dict.fromkeys(addresses))[:MOST_FETCHES]
    return tuple(found for address in asked if (found := _fetch(address, http)) is not None)


def recall_lists(addresses: Iterable[str], http: HttpClient, memory: Memory, now: float) -> tuple[bytes, ...]:
    """The same, each fetched once in KEPT_SECONDS. now: of the monotonic clock."""
    found: list[bytes] = []
    for address in list(dict.fromkeys(addresses))[:MOST_FETCHES]:
        held: bytes | None = memory.get(address, now)
        if held is None:
            held = _fetch(address, http)
            if held is None:
                continue
            memory.keep(address, held, now + KEPT_SECONDS)
        found.append(held)
    return tuple(found)


def _fetch(address: str, http: HttpClient) -> bytes | None:
    try:
        answer = http.get_signed(address)
    except AntinError as error:
        log.info("revocation list not fetched: %s", error.code)
        return None
    return answer.body if answer.status == 200 else None
