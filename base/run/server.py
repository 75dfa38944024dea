"""The door to granian, the production WSGI server (measured against eight others; docs/adr/0007)."""

from __future__ import annotations

import ctypes
import multiprocessing
import sys

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

DRAIN_SECONDS = 3
BACKLOG = 2048
_M_ARENA_MAX = -8


def serve(target: str, *, host: str, port: int, workers: int, threads: int) -> None:
    """
    Serve `target` (`module:application`) until SIGTERM; then running requests get DRAIN_SECONDS to finish.

    The application is built by each worker process after the fork, never by this one, so that keys and connections are
    never shared; modules that are loaded already are.
    """
    _share_one_heap()
    multiprocessing.set_start_method("fork", force=True)  # what granian forks its workers by; newer Pythons differ
    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=1,
        workers_kill_timeout=DRAIN_SECONDS,
    ).serve()


def _share_one_heap() -> None:
    """
    Let all threads allocate from one heap: a heap for each takes megabytes, and the interpreter lets one thread run.

    Source: mallopt(3), M_ARENA_MAX. Elsewhere than with glibc this does nothing.
    """
    if sys.platform.startswith("linux"):
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)
