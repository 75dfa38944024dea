"""
The supervisor: starts the children, waits until all of them answer, restarts what crashes, stops everything in time.

A child may crash `MOST_RESTARTS` times within `RESTART_WINDOW_SECONDS`; one more and everything stops with an error,
because a service that restarts for ever hides its fault.
"""

from __future__ import annotations

import http.client
import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from types import FrameType

from base.errors import StartError
from base.run.children import ChildSpec, end, spawn

log = logging.getLogger("antin.run")
READY_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 4.0
MOST_RESTARTS = 3
RESTART_WINDOW_SECONDS = 60.0
_LOOK_SECONDS = 0.05


class Supervisor:
    """Runs a fixed set of children in the foreground."""

    def __init__(self, specs: Sequence[ChildSpec]) -> None:
        self._specs = tuple(specs)
        self._running: dict[str, BaseProcess] = {}
        self._crashes: dict[str, list[float]] = {spec.name: [] for spec in specs}
        self._stop = threading.Event()

    def run(self, when_ready: Callable[[], None]) -> int:
        """
        Run until SIGINT or SIGTERM. Returns the exit status: 0 after a signal, 1 when a child cannot be kept running.

        1. Take the signals before the first child exists, so that none is left behind.
        2. Start all, wait until all answer, say so.
        3. Watch; restart what crashed, within bounds.
        4. Stop all, whatever happened.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            for spec in self._specs:
                self._running[spec.name] = spawn(spec)
            if self._wait_until_ready():
                when_ready()
            while not self._stop.wait(_LOOK_SECONDS * 4):
                self._revive()
        except StartError as error:
            log.error("%s", error.en)
            return 1
        finally:
            self._stop_all()
        return 0

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _wait_until_ready(self) -> bool:
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        waiting = {spec.name: spec.ready for spec in self._specs if spec.ready is not None}
        while waiting and not self._stop.is_set():
            self._revive()
            for name, address in list(waiting.items()):
                if answers(*address):
                    del waiting[name]
            if waiting and time.monotonic() > deadline:
                raise StartError(f"Not ready after {READY_TIMEOUT_SECONDS:.0f} s: {', '.join(waiting)}.")
            self._stop.wait(_LOOK_SECONDS)
        return not self._stop.is_set()

    def _revive(self) -> None:
        for spec in self._specs:
            status = self._running[spec.name].exitcode
            if status is None or self._stop.is_set():
                continue
            now = time.monotonic()
            recent = [at for at in self._crashes[spec.name] if now - at < RESTART_WINDOW_SECONDS]
            if len(recent) >= MOST_RESTARTS:
                raise StartError(f"{spec.name} stopped {len(recent) + 1} times (last status {status}); giving up.")
            log.warning("%s stopped with status %s; starting it again", spec.name, status)
            end(self._running[spec.name], hard=True)  # descendants it may have left behind
            self._crashes[spec.name] = [*recent, now]
            self._running[spec.name] = spawn(spec)

    def _stop_all(self) -> None:
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        for process in self._running.values():
            end(process)
        for process in self._running.values():
            process.join(max(0.0, deadline - time.monotonic()))
            if process.exitcode is None:
                log.warning("%s did not stop in time and is ended", process.name)
            end(process, hard=True)


def answers(host: str, port: int, path: str) -> bool:
    """Whether GET `path` answers 200 within a second."""
    connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=1)  # noqa: S104  # compared, not listened on
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
