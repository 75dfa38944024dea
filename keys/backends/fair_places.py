"""
A number of places, given to whoever has waited longest; a plain semaphore may let one thread wait for ever.

Who leaves a place may do the next one's first step for him before he has woken up: `next_turn`.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any


class Turn:
    """
    Someone's use of a place.

    wish: what he came for, which whoever is before him may read. gift: what that one did about it; None: nothing.
    """

    __slots__ = ("_bell", "gift", "wish")

    def __init__(self, wish: bytes) -> None:
        self.wish = wish
        self.gift: Any = None
        self._bell = threading.Lock()

    def begin(self) -> None:
        """Wakes him up: the place is his."""
        self._bell.release()

    def _wait(self, timeout_seconds: float) -> bool:
        return self._bell.acquire(timeout=timeout_seconds)


class FairPlaces:
    """Thread-safe. Every `take` that succeeds is followed by one `give_back`, or `next_turn` that finds someone."""

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._count = self._free = count
        self._waiting: deque[Turn] = deque()

    def is_quiet(self) -> bool:
        """Whether one place at most is taken, and nobody waits."""
        return self._count - self._free <= 1 and not self._waiting

    def take(self, timeout_seconds: float, wish: bytes = b"") -> Turn | None:
        """None: no place came free in time."""
        turn = Turn(wish)
        turn._bell.acquire()
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return turn
            self._waiting.append(turn)
        if turn._wait(timeout_seconds):
            return turn
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return None
        turn._wait(-1)  # it was handed over just as the time ran out
        return turn

    def next_turn(self) -> Turn | None:
        """Whose place it is now; he waits until `begin`. None: nobody waits, and the place is still one's own."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def give_back(self) -> None:
        """To the one who has waited longest, else to whoever comes next."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().begin()
            else:
                self._free += 1
