"""
The other side of confined.py: a process that has loaded what a task needs, forks a worker for each channel that it is
sent, and ends when nobody holds its own channel any more.

It begins as a fresh interpreter with an empty environment: it has never held a connection, a key or a thread, so a fork
of it is safe and can leak nothing. A worker does one task after another, each under its own limits.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable, Generator
from importlib import import_module
from types import ModuleType
from typing import Self

from base.run import frames

RETIRE_BYTES = 128 * 1024 * 1024
"""A worker that a task has made this much larger does no other: what it left may be in the next one's way."""
Task = Callable[[bytes, tuple[bytes, ...]], Generator[bytes, bytes, bytes]]
"""From what stands for many tasks and the parts of this one to its result; what it yields is asked of the parent."""
ORDER = struct.Struct("!IQ?")
"""Processor seconds, bytes of memory, whether the first part is new standing data."""
ASKED, DONE, FULL, FAILED = b"A", b"D", b"M", b"F"


class Absent(ModuleType):
    """In the place of a library that is not to be there: it has every name, and none of them is of any use."""

    def __getattr__(self, name: str) -> type[NotHere]:
        if name.startswith("__"):
            raise AttributeError(name)
        return NotHere


class NotHere:
    """A class of an absent library: it may be named and derived from."""

    def __new__(cls, *_: object, **__: object) -> Self:
        raise RuntimeError("not to be used here")


def main() -> None:
    """Arguments: the channel's number, `module:function` of the task, absent libraries, and modules to load besides."""
    control = socket.socket(fileno=int(sys.argv[1]))
    sys.modules.update({name: Absent(name) for name in sys.argv[3].split(",") if name})
    name, _, function = sys.argv[2].partition(":")
    task: Task = getattr(import_module(name), function)
    for module in sys.argv[4:]:
        import_module(module)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is gone at once
    while True:
        data, channels, _flags, _address = socket.recv_fds(control, 1, 1)
        if not data or not channels:
            return
        child = os.fork()
        if child == 0:
            control.close()
            _live(socket.socket(fileno=channels[0]), task)
            os._exit(0)
        os.close(channels[0])
        control.sendall(child.to_bytes(8, "big"))


def _live(channel: socket.socket, task: Task) -> None:
    """One task after another, until the channel is closed or the worker has grown."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    start, standing = _peak_bytes(), b""
    while True:
        try:
            message, parts = frames.receive(channel)
            cpu_seconds, memory_bytes, is_new = ORDER.unpack(message)
            if is_new:
                standing, *rest = parts
                parts = tuple(rest)
            _limit(cpu_seconds, memory_bytes)
            kind, result = _carry_out(channel, task(standing, parts))
            del parts
            grown = _peak_bytes() - start > RETIRE_BYTES or kind is FULL
            frames.send(channel, kind + bytes([grown]), (result,))
        except frames.Closed:
            return
        if grown:
            return


def _carry_out(channel: socket.socket, conversation: Generator[bytes, bytes, bytes]) -> tuple[bytes, bytes]:
    """Until it returns. Raises: frames.Closed."""
    try:
        question = next(conversation)
        while True:
            frames.send(channel, ASKED + b"\0", (question,))
            _message, (answer,) = frames.receive(channel)
            question = conversation.send(answer)
    except StopIteration as done:
        result: bytes = done.value
        return DONE, result
    except MemoryError:
        return FULL, b""
    except frames.Closed:
        raise
    except (Exception, RecursionError) as error:
        return FAILED, _where(error).encode()


def _limit(cpu_seconds: int, memory_bytes: int) -> None:
    """For this task alone: processor time from now on, and memory in all. The hard limits stay open, for the next."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = int(used.ru_utime + used.ru_stime) + cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (end, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, resource.RLIM_INFINITY))


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _where(error: BaseException) -> str:
    """The kind of error and the line it came from, for the log: what it says may be a stranger's text."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__} {place}".strip()
