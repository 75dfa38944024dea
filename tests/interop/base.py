"""What every counterpart is, and what several of them need: npm packages, a registered client, a line of the report."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.city import City

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Counterpart:
    """
    Software that is not ours, driven against a running city.

    name:     what the report calls it, and the word that picks it (`python -m tests.interop.run NAME`).
    missing:  a sentence why it cannot run here; "" when it can.
    run:      the journeys; True: all passed. Whatever it starts, it stops.
    settings: of the city it needs (names as tests/city.py: running_city takes them). Counterparts with the same ones
              share a city, so none may count on being alone there.
    """

    name: str
    missing: Callable[[], str]
    run: Callable[[City], bool]
    settings: Mapping[str, str] = field(default_factory=dict)


def without_npm() -> str:
    """Why nothing of npm can run here; "" when it can."""
    return "" if shutil.which("npm") else "Node.js with npm is not installed"


def npm_folder(name: str) -> Path:
    """The folder of a counterpart of npm, with what its lock names installed."""
    folder = HERE / name
    lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return folder


def python_of(name: str) -> Path:
    """The interpreter of a counterpart of PyPI, in an environment with what its lock names and nothing of ours."""
    folder = HERE / name
    lock, environment = folder / "requirements.lock", folder / ".venv"
    stamp = environment / "installed"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
        stamp.touch()
    return environment / "bin" / "python"


def add_client(city: City, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Register a client with `antin client add`, as an operator does. Returns what the command printed."""
    added: dict[str, Any] = json.loads(city.antin("client", "add", "-", given=json.dumps(dict(metadata))).stdout)
    return added


def say(line: str) -> None:
    """One line of the report, at once."""
    print(line, flush=True)
