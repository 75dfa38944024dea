"""
Signatures of busy keys, counted in the process and written as one audit event for each key and minute.

Source: the requirement that every use is recorded; per signature it would serialise all processes on the head of the
audit chain (ADR 0011).
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable
from multiprocessing.util import Finalize
from weakref import WeakSet

from base.audit import append
from base.clock import SystemClock
from base.services import BaseServices
from keys.events import KeyUses
from keys.lifecycle.purposes import Use

FLUSH_SECONDS = 60
log = logging.getLogger("antin.keys.uses")


class UseCounter:
    """Counts by key and use. Thread-safe; one per process."""

    def __init__(self, base: BaseServices) -> None:
        self._base = base
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, Use], list[int]] = {}
        self._monotonic = SystemClock().monotonic  # the interval is this process's own matter
        self._due = self._monotonic() + FLUSH_SECONDS
        _open.add(self)

    def count(self, handle: str, use: Use) -> None:
        """One signature; whoever comes a minute after the last event writes the next one."""
        now = self._base.clock.now()
        with self._lock:
            found = self._counts.get((handle, use))
            if found is None:
                self._counts[handle, use] = [1, now, now]
                _flush_at_the_end()
            else:
                found[0] += 1
                found[2] = now
            if self._monotonic() < self._due:
                return
            self._due = self._monotonic() + FLUSH_SECONDS
        # Not here: the caller may be inside a transaction, for which another one of ours would wait in vain.
        threading.Thread(target=self.flush, name="key-uses", daemon=True).start()

    def flush(self, *, last: bool = False) -> None:
        """Write what was counted. What cannot be written is kept for the next time: signing goes on without it."""
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            with self._base.db.begin() as connection:
                for (handle, use), (count, begin, end) in sorted(counts.items()):
                    append(connection, self._base.clock, KeyUses(handle, use, count, begin, end))
        except Exception:
            if last:
                return  # the process ends, and perhaps its database did before
            log.exception("uses of keys could not be recorded yet")
            self._keep(counts.items())

    def _keep(self, counts: Iterable[tuple[tuple[str, Use], list[int]]]) -> None:
        with self._lock:
            for key, (count, begin, end) in counts:
                found = self._counts.setdefault(key, [0, begin, end])
                found[0] += count
                found[1], found[2] = min(found[1], begin), max(found[2], end)


_open: WeakSet[UseCounter] = WeakSet()
_ends_well: set[int] = set()
"""Processes, by number, that will write what they have before they end."""


def _flush_at_the_end() -> None:
    """`atexit` would not do: a process that multiprocessing forked ends without it, and runs a list of its own."""
    if os.getpid() not in _ends_well:
        _ends_well.add(os.getpid())
        Finalize(None, _flush_all, exitpriority=1)


def _flush_all() -> None:
    """A process that ends in peace writes what it has."""
    for counter in list(_open):
        counter.flush(last=True)
