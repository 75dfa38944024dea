"""
Work on strangers' bytes in processes of its own, each task under limits: processor time, memory, and time altogether.

A task that goes over a limit, or brings its process down, is an error for whoever asked and for nobody else. The
processes are kept warm: a fresh interpreter loads the libraries once and forks a worker whenever one is needed
(confined_child.py); a worker does many tasks. These are limits for resources, not a jail for code.

Source: getrlimit(2) (RLIMIT_CPU, RLIMIT_DATA), pidfd_send_signal(2).
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from base.run import frames
from base.run.confined_child import ASKED, DONE, FAILED, FULL, ORDER

log = logging.getLogger("antin.confined")
MOST_IDLE = 4
START_SECONDS = 120
_BOOT = "import sys, json; sys.path[:] = json.loads(sys.argv.pop(1)); from base.run.confined_child import main; main()"


class BeyondLimits(Exception):
    """The task was ended: it took too long or too much memory, or its process fell. The message says which."""


class TaskFailed(Exception):
    """The task raised; the message names the kind of error and the line."""


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Of one task. cpu_seconds: of the processor, rounded down. memory_bytes: what the process may hold, beside the parts
    of the task. wall_seconds: until each answer, so that a task that waits for nothing ends too.
    """

    cpu_seconds: int
    memory_bytes: int
    wall_seconds: float


@dataclass(frozen=True, slots=True)
class Standing:
    """What is the same for many tasks: `key` tells whether it still is; `data` is asked only when it is not."""

    key: object
    data: Callable[[], bytes]


class _Worker:
    """One process, by its channel. fresh: it has done nothing yet."""

    def __init__(self, channel: socket.socket, pid: int) -> None:
        self.channel = channel
        self.fresh = True
        self.standing: object = None
        self._process = os.pidfd_open(pid)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        os.close(self._process)
        self.channel.close()


class Confinement:
    """
    Workers for one task (`module:function`, of the type confined_child.Task). Thread-safe; one per process.

    loads: modules that are loaded once, before the first fork. absent: libraries that are not to be there: what needs
    them cannot be used, and need not be waited for (confined_child.Absent).
    """

    def __init__(self, task: str, loads: Sequence[str] = (), absent: Sequence[str] = ()) -> None:
        self._task, self._loads, self._absent = task, tuple(loads), tuple(absent)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._control: socket.socket | None = None
        self._owner = 0

    def expect(self) -> None:
        """
        A task will soon be asked for: begin the process that forks workers, unless there is one, and wait for nothing.

        It takes a second to load its libraries, and memory, so it is begun neither with the first task nor for nobody.
        """
        with self._lock, suppress(OSError):  # whoever comes with a task hears of it
            self._begun()

    def run(
        self,
        standing: Standing,
        parts: Sequence[bytes],
        limits: Limits,
        answer: Callable[[bytes], bytes] = lambda _question: b"",
    ) -> bytes:
        """
        Carry out one task and return its result. answer: for what the task asks on its way.

        Raises: BeyondLimits; TaskFailed. A worker that was there already may be at fault itself (an idle process that
        somebody ended, memory that an earlier task has left behind), so then a fresh one tries once more.
        """
        worker = self._take()
        tried = not worker.fresh
        try:
            return self._converse(worker, standing, parts, limits, answer)
        except (frames.Closed, MemoryError) as error:
            if not tried:
                raise BeyondLimits("memory" if isinstance(error, MemoryError) else "its process fell") from error
        try:
            return self._converse(self._spawn(), standing, parts, limits, answer)
        except (frames.Closed, MemoryError) as error:
            raise BeyondLimits("memory" if isinstance(error, MemoryError) else "its process fell") from error

    def _converse(
        self,
        worker: _Worker,
        standing: Standing,
        parts: Sequence[bytes],
        limits: Limits,
        answer: Callable[[bytes], bytes],
    ) -> bytes:
        """Raises: frames.Closed: the worker is gone; MemoryError: it was full; BeyondLimits: too slow; TaskFailed."""
        kept = False
        try:
            is_new = worker.fresh or worker.standing != standing.key
            memory = limits.memory_bytes + sum(map(len, parts))
            order = ORDER.pack(limits.cpu_seconds, memory, is_new)
            worker.channel.settimeout(limits.wall_seconds)
            frames.send(worker.channel, order, (standing.data(), *parts) if is_new else parts)
            worker.fresh, worker.standing = False, standing.key
            kind, payload = frames.receive(worker.channel)
            while kind[:1] == ASKED:
                frames.send(worker.channel, b"", (answer(payload[0]),))
                kind, payload = frames.receive(worker.channel)
            kept = kind[1:] == b"\0"
        except TimeoutError as error:
            raise BeyondLimits("too slow") from error
        finally:
            self._give_back(worker) if kept else worker.end()
        if kind[:1] == FULL:
            raise MemoryError
        if kind[:1] == FAILED:
            raise TaskFailed(payload[0].decode("utf-8", "replace"))
        assert kind[:1] == DONE
        return payload[0]

    def _take(self) -> _Worker:
        with self._lock:
            if self._idle and self._owner == os.getpid():
                return self._idle.pop()
        return self._spawn()

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            if len(self._idle) < MOST_IDLE:
                self._idle.append(worker)
                return
        worker.end()

    def _spawn(self) -> _Worker:
        """A fresh worker; the process that forks them is begun with the first one, and again if it is gone."""
        with self._lock:
            try:
                return self._forked()
            except (OSError, frames.Closed):
                log.warning("the process that forks workers is gone; beginning another")
                if self._control is not None:
                    self._control.close()
                self._control = None
                return self._forked()

    def _forked(self) -> _Worker:
        control = self._begun()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(control, [b"w"], [theirs.fileno()])
            pid = control.recv(8, socket.MSG_WAITALL)
            if len(pid) < 8:
                raise frames.Closed
            return _Worker(ours, int.from_bytes(pid, "big"))
        except BaseException:
            ours.close()
            raise

    def _begun(self) -> socket.socket:
        """The channel to the process that forks workers."""
        if self._control is None or self._owner != os.getpid():  # a fork of this process has to have its own
            self._idle.clear()
            self._control, self._owner = self._begin(), os.getpid()
        return self._control

    def _begin(self) -> socket.socket:
        """Start the interpreter that forks workers: no environment, no open files but its channel and the log's."""
        ours, theirs = socket.socketpair()
        ours.settimeout(START_SECONDS)
        with theirs:
            os.set_inheritable(theirs.fileno(), True)
            interpreter = [sys.executable, "-I", "-c", _BOOT, json.dumps(sys.path)]
            words = [str(theirs.fileno()), self._task, ",".join(self._absent), *self._loads]
            pid = os.posix_spawn(sys.executable, [*interpreter, *words], {"LC_ALL": "C.UTF-8"})
        weakref.finalize(self, _end, ours, pid, os.pidfd_open(pid), os.getpid(), self._idle)
        return ours


def _end(control: socket.socket, pid: int, process: int, owner: int, idle: list[_Worker]) -> None:
    """With the confinement, or with this process: end what it has begun, if it was this process that did."""
    if owner != os.getpid():
        return
    while idle:
        idle.pop().end()
    control.close()
    with suppress(ProcessLookupError, ChildProcessError):
        signal.pidfd_send_signal(process, signal.SIGKILL)
        os.waitpid(pid, 0)
    os.close(process)
