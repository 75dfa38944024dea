"""A number of places, given to whoever has waited longest; a plain semaphore may let one thread wait for ever."""

from __future__ import annotations

import threading
from collections import deque


class FairPlaces:
    """Thread-safe. Every `take` that succeeds is followed by one `give_back`."""

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free = count
        self._waiting: deque[threading.Lock] = deque()

    def take(self, timeout_seconds: float) -> bool:
        """Whether a place came free in time."""
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=timeout_seconds):
            return True
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # it was handed over just as the time ran out

    def give_back(self) -> None:
        """To the one who has waited longest, else to whoever comes next."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
