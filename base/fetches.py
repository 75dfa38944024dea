"""
What is fetched while somebody waits for our answer, and whose address a stranger chose: a few at once, each short.

A slow address holds a request thread until the deadline. Without a bound, a handful of them would hold every thread of
the process; with it, the next one is refused at once and everything else goes on.
"""

from __future__ import annotations

import threading

from base.http import Answer, HttpClient, OutboundRefused


class Fetches:
    """The guarded client (base/http.py) with a bound on how many are under way. Thread-safe; one per process."""

    def __init__(self, http: HttpClient, most_at_once: int) -> None:
        self._http = http
        self._places = threading.BoundedSemaphore(most_at_once)

    def get(self, url: str, *, accept: str, most_bytes: int) -> Answer:
        """
        GET; only a 200 is an answer, a redirect is none.

        Raises:  OutboundRefused: also `outbound_busy`, `outbound_status`, and longer than most_bytes.
        """
        if not self._places.acquire(blocking=False):
            raise OutboundRefused("outbound_busy", en="Too many addresses are being fetched.", hint=url[:200])
        try:
            answer = self._http.get(url, headers={"Accept": accept})
        finally:
            self._places.release()
        if answer.status != 200:
            raise OutboundRefused("outbound_status", en=f"The address answered {answer.status}.", hint=url[:200])
        if len(answer.body) > most_bytes:
            raise OutboundRefused("outbound_too_long", en="The answer is too long.", hint=url[:200])
        return answer
