"""
Revocation lists, OCSP answers and authorities' certificates, from where certificates say they are (missing.py).

Each proves itself by its signature, so plain http is enough; who may be reached is the guarded client's business
(base/http.py). What was fetched is used again for a short while.

Source: RFC 5280 §4.2.1.13 (cRLDistributionPoints), §4.2.2.1 (caIssuers), §6.3; RFC 6960 Appendix A; EN 319 102-1
§5.2.6.4.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from base.errors import AntinError
from base.http import HttpClient
from signing.services import Memory
from signing.validation.missing import Fetch, Found, Kind, Wanted

log = logging.getLogger("antin.verify")
MOST_AT_ONCE = 6
KEPT_SECONDS = 120
"""How long a list that signing fetched is used again: the newest one counts (Circular 15/2025/TT-BKHCN)."""
_OCSP = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}


@dataclass(frozen=True, slots=True)
class Kept:
    """Where fetched things are remembered, and the monotonic time now. lists: whether lists are, too."""

    memory: Memory
    now: float
    lists: bool = True


def fetcher(http: HttpClient | None, kept: Kept | None = None) -> Fetch:
    """Fetches what is wanted, the first MOST_AT_ONCE of it; what does not answer is left out."""

    def fetch(wanted: tuple[Wanted, ...]) -> tuple[Found, ...]:
        if http is None:
            return ()
        found = (_recall(one, http, kept) for one in wanted[:MOST_AT_ONCE])
        return tuple(one for one in found if one is not None)

    return fetch


def _recall(wanted: Wanted, http: HttpClient, kept: Kept | None) -> Found | None:
    """The same question, with whatever nonce, is asked once in KEPT_SECONDS; its answer goes with its own nonce."""
    if kept is None or (wanted.kind is Kind.LIST and not kept.lists):
        return _fetch(wanted, http)
    name = wanted.address + wanted.about
    held: Found | None = kept.memory.get(name, kept.now)
    if held is None:
        held = _fetch(wanted, http)
        if held is not None:
            kept.memory.keep(name, held, kept.now + KEPT_SECONDS)
    return held


def _fetch(wanted: Wanted, http: HttpClient) -> Found | None:
    try:
        if wanted.kind is Kind.ANSWER:
            answer = http.post_signed(wanted.address, wanted.request, headers=_OCSP)
        else:
            answer = http.get_signed(wanted.address)
    except AntinError as error:
        log.info("%s not fetched: %s", wanted.kind, error.code)
        return None
    return Found(wanted, answer.body) if answer.status == 200 else None
