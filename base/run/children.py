"""
A child process: forked from a parent that has built the program but keeps nothing open, and never outliving it.

Why fork: four processes that each load and build the same program cost four times the start and four times the memory.
The parent has no threads, no connections and no opened keys (docs/adr/0019), so there is nothing a copy could share by
mistake.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

from base.errors import AntinError

CANNOT_START = 2
_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX = -8
_FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """
    One program to keep running.

    name:  what people read in messages.
    main:  what the child does; it returns, raises or exits when it is done.
    ready: (host, port, path) that answers 200 once the child serves; None: it is ready when it is alive.
    extra: environment variables of this child alone.
    """

    name: str
    main: Callable[[], object]
    ready: tuple[str, int, str] | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


def spawn(spec: ChildSpec) -> BaseProcess:
    """Start a child."""
    process = _FORK.Process(target=_live, args=(spec,), name=spec.name)
    process.start()
    return process


def _live(spec: ChildSpec) -> None:
    """
    1. Undo what was meant for the parent: its signal handlers, and the terminal, whose Ctrl-C must reach it alone.
    2. End with the parent; share one heap.
    3. Do what the child is for; an expected error is said in a sentence.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    die_with_parent()
    share_one_heap()
    os.environ.update(spec.extra)
    try:
        spec.main()
    except AntinError as error:
        sys.stderr.write("".join(f"{sentence}\n" for sentence in (error.vi, error.en) if sentence))
        sys.exit(CANNOT_START)


def die_with_parent() -> None:
    """
    Called by a child about itself: ask Linux for SIGTERM when the parent dies, even by SIGKILL.

    Source: prctl(2), PR_SET_PDEATHSIG. Elsewhere this does nothing, and an orphan must be stopped by hand.
    """
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died between the two lines above
        sys.exit(0)


def share_one_heap() -> None:
    """
    Let all threads allocate from one heap: a heap for each takes megabytes, and the interpreter lets one thread run.

    Source: mallopt(3), M_ARENA_MAX. Elsewhere than with glibc this does nothing.
    """
    if sys.platform.startswith("linux"):
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)


def end(process: BaseProcess, *, hard: bool = False) -> None:
    """Ask a child to stop (SIGTERM), or end it and all its descendants (SIGKILL to its session's group)."""
    if not hard:
        process.terminate()
        return
    if process.pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()
