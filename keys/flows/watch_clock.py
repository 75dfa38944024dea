"""
Watching the clock: one look at the reference every few seconds, an alarm when the clock leaves the accuracy, its end.

Each process watches for itself, since it is its own stamps that would be wrong.
"""

from __future__ import annotations

import logging
import statistics
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from base.audit import append
from base.errors import SettingsError
from base.metrics import ALARMS
from base.services import BaseServices
from base.sntp import PORT, ClockOffset, ReferenceUnavailable, ask_time
from keys.events import ClockGood, ClockWrong
from keys.settings import KeysSettings
from keys.tsa.clock import Measured, trouble, uncertainty

log = logging.getLogger("antin.keys.clock")
NONE = "none"
LOOK_EVERY_SECONDS = 5.0
ASK_SECONDS = 1.0
Ask = Callable[[str, int], ClockOffset]


class ClockWatch:
    """The watch of one process. Thread-safe; `ask` is for tests."""

    def __init__(self, base: BaseServices, ask: Ask | None = None) -> None:
        """Raises: SettingsError: ANTIN_TIME_REFERENCE holds no `none` and no address of a time server."""
        self._base = base
        self._ask = ask or (lambda host, port: ask_time(base.clock, host, port, timeout_seconds=ASK_SECONDS))
        self.servers = servers_in(base.settings[KeysSettings].time_reference)
        self._measured: Measured | None = None
        self._looked_at = float("-inf")
        self._lock = threading.Lock()
        self._trouble = ""

    def trouble(self) -> str:
        """
        off | unsynchronised, or an empty word: a stamp may be made now. Without a reference it is always empty.

        1. Look at the reference if the last look was some seconds ago; only the first caller waits for that.
        2. Judge the clock as it is now.
        3. The first process to see a change raises or ends the alarm.
        """
        if not self.servers:
            return ""
        clock = self._base.clock
        is_old = clock.monotonic() - self._looked_at >= LOOK_EVERY_SECONDS
        if is_old and self._lock.acquire(blocking=self._measured is None):
            try:
                if clock.monotonic() - self._looked_at >= LOOK_EVERY_SECONDS:
                    self._look()
            finally:
                self._lock.release()
        found = trouble(self._measured, wall=clock.precise(), monotonic=clock.monotonic())
        if found != self._trouble:
            self._tell(found)
        return found

    def offset_ms(self) -> int | None:
        """How far the clock is ahead of the reference, milliseconds; None: nothing is known."""
        if self._measured is None:
            return None
        clock = self._base.clock
        off, _ = uncertainty(self._measured, wall=clock.precise(), monotonic=clock.monotonic())
        return round(off * 1000)

    def _look(self) -> None:
        """The middle of what the servers say, so that one that lies is outvoted; all silent: what we had grows old."""
        found = []
        for host, port in self.servers:
            try:
                found.append(self._ask(host, port))
            except ReferenceUnavailable as error:
                log.warning("time server %s: %s", host, error.debug)
        clock = self._base.clock
        self._looked_at = clock.monotonic()
        if found:
            true = clock.precise() + statistics.median(one.offset for one in found)
            error_bound = max(one.error for one in found)
            self._measured = Measured(true - self._looked_at, error_bound, self._looked_at)

    def _tell(self, found: str) -> None:
        with self._lock:
            before, self._trouble = self._trouble, found
        if before == found:
            return  # another thread has just told it
        off = self.offset_ms() or 0
        event = ClockWrong(found, off) if found else ClockGood(off)
        with self._base.db.begin() as connection:
            append(connection, self._base.clock, event)
        if found:
            ALARMS.labels(kind=f"clock_{found}").inc()
            log.error("the clock is %s (%d ms): no time stamps are made", found, off)
        else:
            log.warning("the clock is good again (%d ms)", off)


def servers_in(setting: str) -> tuple[tuple[str, int], ...]:
    """`none`, or addresses as in `ntp://127.0.0.1 ntp://time.example:1123`. Raises: SettingsError."""
    if setting == NONE:
        return ()
    found = []
    for word in setting.split():
        try:
            parts = urlsplit(word)
            host, port = parts.hostname, parts.port or PORT
        except ValueError:
            host = None
        if host is None or parts.scheme != "ntp" or parts.path:
            raise SettingsError(f"ANTIN_TIME_REFERENCE holds {word!r}, which is no `ntp://host`.")
        found.append((host, port))
    if not found:
        raise SettingsError("ANTIN_TIME_REFERENCE is empty; without a reference it must say `none`.")
    return tuple(found)
