"""
Two machines of one installation: two server processes on one PostgreSQL, each with its own data folder, port and pool.

Only the database is between them, so whatever is spent once must be spent there.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.city import ROOT, antin_command, spare_ports

READY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Pair:
    """issuer: the public address, which is also where the first listens; ports: of both."""

    issuer: str
    ports: tuple[int, int]
    environ: Mapping[str, str]

    def antin(self, *words: str, given: str = "") -> dict[str, Any]:
        """What one `antin` command answers in JSON."""
        done = subprocess.run(
            [*antin_command(), *words],
            input=given,
            env=dict(self.environ),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"antin {' '.join(words)}: {done.stderr[-800:]}")
        found: dict[str, Any] = json.loads(done.stdout)
        return found


@contextmanager
def two_servers(folder: Path, database_url: str, **settings: str) -> Iterator[Pair]:
    """
    Start both and stop them again. Settings by their names without ANTIN_, in lower case.

    1. The first with everything: it migrates, makes the keys and runs the background worker.
    2. The second, a server alone, on a copy of its data folder, as an operator would set up a second machine.

    Raises:  RuntimeError: one of them did not become ready; its last words are in the message.
    """
    first, second = spare_ports(2)
    issuer = f"http://localhost:{first}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANTIN_")}
    environ = clean | {
        "ANTIN_ISSUER": issuer,
        "ANTIN_DATABASE_URL": database_url,
        "ANTIN_DATA_DIR": str(folder / "first"),
        "ANTIN_WORKERS": "1",
        "ANTIN_THREADS": "8",
        **{f"ANTIN_{name.upper()}": value for name, value in settings.items()},
    }
    (folder / "first").mkdir(parents=True)
    with _running(["run"], environ, first, folder / "first.log"):
        shutil.copytree(folder / "first", folder / "second")
        other = environ | {"ANTIN_DATA_DIR": str(folder / "second"), "ANTIN_BIND": f"127.0.0.1:{second}"}
        with _running(["serve"], other, second, folder / "second.log"):
            yield Pair(issuer, (first, second), environ)


@contextmanager
def _running(words: list[str], environ: Mapping[str, str], port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*antin_command(), *words], env=dict(environ), cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait(process, port, log)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")
