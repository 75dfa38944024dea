"""A child process: how it is started, and that it never outlives its parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """
    One program to keep running.

    name:    what people read in messages.
    command: program and arguments.
    ready:   (host, port, path) that answers 200 once the child serves; None: it is ready when it is alive.
    extra:   environment variables added to our own.
    """

    name: str
    command: tuple[str, ...]
    ready: tuple[str, int, str] | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


def spawn(spec: ChildSpec) -> subprocess.Popen[bytes]:
    """
    Start a child in a session of its own.

    A Ctrl-C at the terminal then reaches only the supervisor, which stops its children in order.
    """
    return subprocess.Popen(
        spec.command, env={**os.environ, **spec.extra}, stdin=subprocess.DEVNULL, start_new_session=True
    )


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


def end(process: subprocess.Popen[bytes], *, hard: bool = False) -> None:
    """Ask a child to stop (SIGTERM), or end it and all its descendants (SIGKILL to its session's group)."""
    if hard:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    elif process.poll() is None:
        process.terminate()
