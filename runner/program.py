"""
The program, built once and rehearsed before any process is forked from it.

Why a rehearsal: counting references writes to memory, and what a process writes to is shared no longer. What is built
and settled before the fork stays whole; what each process builds for itself it also pays for (docs/adr/0019).
"""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import wsgi
from base.settings import Settings
from wsgi import Services

ROUNDS = 2
_ASKED = "client_id=&response_type=code&redirect_uri=https%3A%2F%2Fx&scope=openid&state=s&nonce=n&code_challenge=c"
REHEARSED: tuple[tuple[str, str, str], ...] = (
    ("GET", "/", ""),
    ("GET", "/login", ""),
    ("GET", "/account", ""),
    ("GET", "/.well-known/openid-configuration", ""),
    ("GET", "/authorize", _ASKED),
    ("POST", "/token", "grant_type=authorization_code&code=x&redirect_uri=https%3A%2F%2Fx&client_id=&code_verifier=v"),
    ("POST", "/token", "grant_type=client_credentials"),
    ("POST", "/introspect", "token=x"),
    ("POST", "/par", _ASKED),
)
"""Method, path, what is asked: requests of nobody, which write nothing and need no key (a test holds them to it)."""


@dataclass(frozen=True, slots=True)
class Program:
    """What the forks work with: the services, their keys not yet opened, and the application over them."""

    services: Services
    application: Any


def build(settings: Settings) -> Program:
    """
    1. Services and application.
    2. A rehearsal.
    3. Let go of what belongs to one process: connections and counters.
    4. Keep the collector from touching, and so copying, what is shared.

    Raises: StartError: the database does not answer, or must be migrated first.
    """
    from base.metrics import forget_own  # it must not be loaded before its folder is known (running.py: fresh_metrics)

    services = wsgi.assemble_services(settings)
    application = wsgi.build_application(services)
    for _ in range(ROUNDS):
        for method, path, asked in REHEARSED:
            ask(application, method, path, asked)
    services.base.db.rest()
    forget_own()
    gc.collect()
    gc.freeze()
    return Program(services, application)


def ask(application: Callable[..., Any], method: str, path: str, asked: str) -> str:
    """One request, as a server would hand it on. Returns: the status line of whatever is answered."""
    in_body = method == "POST"
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "" if in_body else asked,
        "CONTENT_TYPE": "application/x-www-form-urlencoded" if in_body else "",
        "CONTENT_LENGTH": str(len(asked)) if in_body else "0",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(asked.encode() if in_body else b""),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    said: list[str] = []
    answer = application(environ, lambda status, _headers, _error=None: said.append(status))
    for _ in answer:
        pass
    if hasattr(answer, "close"):
        answer.close()
    return said[0]
