"""The door to granian, the production WSGI server (measured against eight others; docs/adr/0007)."""

from __future__ import annotations

from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.log import LogLevels

BACKLOG = 2048
MOST_AT_ONCE = 1024
"""Connections that are read from at a time; others wait."""


def serve(application: Any, *, host: str, port: int, threads: int) -> None:
    """
    Serve a WSGI application in this very process until SIGTERM; running requests are finished first.

    Several processes may listen on one port (SO_REUSEPORT). granian would fork and watch its processes itself; ours are
    forked and watched by the supervisor already, so of granian only what one of its processes does is asked for.
    """
    granian: Any = Granian(
        "",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=threads,
        runtime_mode=RuntimeModes.mt,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        backpressure=MOST_AT_ONCE,
        log_level=LogLevels.warning,
    )
    granian._init_shared_socket()
    process = granian._spawn_worker(0, granian._spawn_wsgi_worker, lambda: application).inner
    process.run()  # what it would do once started
