"""Run by test_forked_program.py: builds the program as `antin run` does, forks twice, and tells in JSON."""

from __future__ import annotations

import json
import os
import random
import secrets
import sys
import threading
import uuid
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

import migrations.head
import wsgi
from base.ids import new_id
from base.run.children import ChildSpec, spawn
from keys.backends.software import SoftwareBackend
from keys.lifecycle.purposes import Use
from runner.program import REHEARSED, Program, ask, build

COUNTERS = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
opened: list[str] = []
written: list[str] = []


def open_files() -> list[str]:
    """What this process holds open: names of files, `socket:[…]`."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(link.readlink()))
        except OSError:
            continue  # the folder itself, which was open while it was read
    return [name for name in found if name.startswith("socket:") or "antin.db" in name]


def children() -> list[int]:
    """The processes that this one has begun and that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
        if parent == os.getpid():
            found.append(int(stat.parent.name))
    return found


def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if not statement.startswith(("SELECT", "PRAGMA")):
        written.append(statement)


def chances() -> list[Any]:
    """From every generator that there is; the last is OpenSSL's."""
    drawn = X25519PrivateKey.generate().private_bytes_raw().hex()
    return [random.random(), secrets.token_hex(), new_id("x"), uuid.uuid4().hex, drawn]


def live(program: Program, where: int) -> None:
    """In a child: what chance gives it, its connection, and whether its keys open."""
    database = program.services.base.db
    with database.read() as connection:
        who = 0 if database.is_sqlite else connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    wsgi.start_services(program.services)
    kids = len(json.loads(program.services.keys.jwks()))
    ask(program.application, "GET", "/jwks", "")
    program.services.keys.custody.uses.count("key_forked", Use.OCSP)
    told = {
        "chances": chances(),
        "who": who,
        "open": len(open_files()),
        "kids": kids,
        "opened": len(opened),
        "counters": len(list(COUNTERS.glob(f"*_{os.getpid()}.db"))),
    }
    os.write(where, json.dumps(told).encode())


def main() -> None:
    """The tables are made by the test, without the name of a revision."""
    migrations.head.require_current = lambda database: None
    settings = wsgi.load_settings(os.environ)
    event.listen(Engine, "before_cursor_execute", note)
    really = SoftwareBackend.open

    def open_key(backend: SoftwareBackend, *words: Any) -> Any:
        opened.append(str(words[0]))
        return really(backend, *words)

    with patch.object(SoftwareBackend, "open", open_key):
        program = build(settings)
        before = {
            "opened": len(opened),
            "written": list(written),
            "open": open_files(),
            "threads": [len(os.listdir("/proc/self/task")), threading.active_count()],
            "children": children(),
            "counters": len(list(COUNTERS.iterdir())),
        }
        told_by = []
        for _ in range(2):
            reading, writing = os.pipe()
            child = spawn(ChildSpec("child", lambda where=writing: live(program, where)))  # type: ignore[misc]  # mypy infers no default of a lambda
            child.join()
            told_by.append(json.loads(os.read(reading, 65_536)))
    statuses = [ask(program.application, *one) for one in REHEARSED]
    told = {"before": before, "children": told_by, "parent": chances(), "statuses": statuses}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
