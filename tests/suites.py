"""
`make test`: every suite in order, each timed; fails only for failures, and says what was skipped and why.

A suite that needs a program which is not there is skipped with a sentence. `--database postgresql` runs the same tests
a second time on a private cluster. What Python has compiled is kept, for dozens of processes start from it. Suites that
use one processor run beside each other; the others have a process for each of two.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests import postgres

ROOT = Path(__file__).parent.parent
NOTHING_COLLECTED = 5


@dataclass(frozen=True, slots=True)
class Suite:
    """`arguments` for pytest; `lacking` says what is missing here, "" if nothing is; `patient` gives others the way."""

    name: str
    arguments: tuple[str, ...]
    lacking: Callable[[], str] = lambda: ""
    patient: bool = False


def no_postgres() -> str:
    return "" if postgres.find_binaries() else "PostgreSQL 15+ chưa được cài · is not installed"


def no_browser() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return "" if found else "Chromium chưa được cài · is not installed"


PG = ("--database", "postgresql")
TWO = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
BESIDE: tuple[tuple[Suite, ...], ...] = (
    (Suite("browser", ("tests/browser",), no_browser),),
    (
        Suite("architecture", ("tests/architecture",), patient=True),
        Suite("migrations", ("tests/migrations",), patient=True),
        Suite("two servers · PostgreSQL", ("tests/faults",), no_postgres, patient=True),
    ),
)
"""Two rows that run beside each other; a person at a browser does not wait for the other row."""
SUITES = (
    Suite("unit", ("tests/unit", "-m", "not slow", *TWO)),
    Suite("unit, the long ones", ("tests/unit", "-m", "slow", "-n", "2")),
    Suite("contract, functional · SQLite", ("tests/contract", "tests/functional", "-m", "not race", *TWO)),
    Suite(
        "all of these, races · PostgreSQL", ("tests/unit", "tests/contract", "tests/functional", *PG, *TWO), no_postgres
    ),
)
PYTEST = (sys.executable, "-m", "pytest", "-q", "--no-header")


@dataclass(frozen=True, slots=True)
class Ran:
    """What the table at the end says of a suite."""

    name: str
    seconds: str
    word: str
    failed: bool = False


def run(suite: Suite, output: IO[bytes] | None = None) -> Ran:
    """Run one suite. output: where what it says goes; None lets it through."""
    why = suite.lacking()
    if why:
        return Ran(suite.name, "–", f"bỏ qua · skipped: {why}")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.monotonic()
    words = [*(("nice",) if suite.patient else ()), *PYTEST, *suite.arguments]
    status = subprocess.run(
        words, cwd=ROOT, env=environment, check=False, stdout=output, stderr=output and subprocess.STDOUT
    ).returncode
    word = {0: "đạt · passed", NOTHING_COLLECTED: "trống · empty"}.get(status, "KHÔNG ĐẠT · FAILED")
    seconds = f"{time.monotonic() - begun:.0f} s"
    return Ran(suite.name, seconds, word, failed=status not in (0, NOTHING_COLLECTED))


def run_row(suites: tuple[Suite, ...]) -> list[Ran]:
    """Run one after the other; each says what it has to say when it has ended, so that two rows do not mix."""
    rows = []
    for suite in suites:
        with tempfile.TemporaryFile() as said:
            rows.append(run(suite, said))
            said.seek(0)
            words = said.read().decode("utf-8", "replace")
        print(f"\n━━ {suite.name}\n{words}", end="", flush=True)
    return rows


def main() -> int:
    """Run all suites. Returns the exit status."""
    started = time.monotonic()
    with ThreadPoolExecutor(len(BESIDE)) as rows_at_once:
        rows = [ran for row in rows_at_once.map(run_row, BESIDE) for ran in row]
    for suite in SUITES:
        print(f"\n━━ {suite.name}", flush=True)
        rows.append(run(suite))
    print()
    for ran in rows:
        print(f"  {ran.name:<34}{ran.seconds:>7}  {ran.word}")
    print(f"  {'':<34}{time.monotonic() - started:>5.0f} s")
    return 1 if any(ran.failed for ran in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
