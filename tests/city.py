"""
A whole city started for tests: `antin run --demo` as a subprocess, on spare ports, in a data folder of its own.

Used by tests/browser and tests/interop; nothing in it knows the inside of the product.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from base.versions import LOOK_EVERY_SECONDS
from demo.sign_ins import totp

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 90
_spent: dict[str, int] = {}  # the last time step used, by person: a code works once


@dataclass(frozen=True, slots=True)
class City:
    """Addresses of a running city, its environment (for more `antin` commands) and its folder."""

    issuer: str
    portal: str
    onestop: str
    folder: Path
    environ: Mapping[str, str]

    def password(self, username: str) -> str:
        return str(self._sign_ins()[username]["password"])

    def code(self, username: str) -> str:
        """A second factor that was not handed out before, with at least five seconds left to arrive in."""
        while time.time() % 30 > 25 or int(time.time()) // 30 <= _spent.get(username, 0):
            time.sleep(0.2)
        now = int(time.time())
        _spent[username] = now // 30
        return totp(self._sign_ins()[username]["totp_secret"], now)

    def document(self, name: str) -> Path:
        return self.folder / "demo" / "documents" / name

    def antin(self, *words: str, given: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one `antin` command in this city."""
        return subprocess.run(
            [*antin_command(), *words],
            input=given,
            env=dict(self.environ),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=check,
        )

    def change(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command, and wait until no process of the city can still answer from what was before."""
        done = self.antin(*words)
        time.sleep(2 * LOOK_EVERY_SECONDS)
        return done

    def _sign_ins(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = json.loads((self.folder / "demo" / "sign-ins.json").read_text())
        return found


def antin_command() -> list[str]:
    """The command as this interpreter's environment has it."""
    installed = Path(sys.executable).parent / "antin"
    return [str(installed)] if installed.exists() else [sys.executable, str(ROOT / "wsgi.py")]


def spare_ports(count: int) -> list[int]:
    """Ports that nobody listens on just now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


@contextmanager
def running_city(folder: Path, **settings: str) -> Iterator[City]:
    """
    Start a city and stop it again. Settings by their names without ANTIN_, in lower case.

    Raises: RuntimeError: it did not become ready; its last words are in the message.
    """
    ports = spare_ports(3)
    issuer, portal, onestop = (f"http://localhost:{port}" for port in ports)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ANTIN_")}
    environ |= {
        "ANTIN_ISSUER": issuer,
        "ANTIN_DEMO_PORTAL_URL": portal,
        "ANTIN_DEMO_ONESTOP_URL": onestop,
        "ANTIN_DATA_DIR": str(folder),
        "ANTIN_WORKERS": "1",
        **{f"ANTIN_{name.upper()}": value for name, value in settings.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    words = folder / "run.log"
    with words.open("wb") as log:
        process = subprocess.Popen(
            [*antin_command(), "run", "--demo"], env=environ, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait(process, [issuer, portal, onestop], words)
        yield City(issuer, portal, onestop, folder, environ)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], addresses: list[str], words: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    waiting = list(addresses)
    while waiting:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the city did not start:\n{words.read_text(errors='replace')[-4000:]}")
        if _answers(f"{waiting[0]}/health/ready"):
            waiting.pop(0)
        else:
            time.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
