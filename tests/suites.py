"""
`make test`: every suite in order, each timed; fails only for failures, and says what was skipped and why.

A suite that needs a program which is not there is skipped with a sentence. `--database postgresql` runs the same tests
a second time on a private cluster. What Python has compiled is kept, for dozens of processes start from it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests import postgres

ROOT = Path(__file__).parent.parent
NOTHING_COLLECTED = 5


@dataclass(frozen=True, slots=True)
class Suite:
    """`arguments` for pytest; `lacking` says what is missing here, "" if nothing is."""

    name: str
    arguments: tuple[str, ...]
    lacking: Callable[[], str] = lambda: ""


def no_postgres() -> str:
    return "" if postgres.find_binaries() else "PostgreSQL 15+ chưa được cài · is not installed"


def no_browser() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return "" if found else "Chromium chưa được cài · is not installed"


PG = ("--database", "postgresql")
TWO = ("-n", "2", "--dist", "loadfile")
SUITES = (
    Suite("architecture", ("tests/architecture",)),
    Suite("unit", ("tests/unit", "-m", "not slow", *TWO)),
    Suite("damage to every bit", ("tests/unit", "-m", "slow", "-n", "2")),
    Suite("contract · SQLite", ("tests/contract", "-m", "not race", *TWO)),
    Suite("functional · SQLite", ("tests/functional", *TWO)),
    Suite("migrations", ("tests/migrations",)),
    Suite("unit · PostgreSQL", ("tests/unit", "-m", "not slow", *PG, *TWO), no_postgres),
    Suite("contract · PostgreSQL", ("tests/contract", "-m", "not race", *PG, *TWO), no_postgres),
    Suite("functional · PostgreSQL", ("tests/functional", *PG, *TWO), no_postgres),
    Suite("races · PostgreSQL", ("tests/contract", "-m", "race", *PG, *TWO), no_postgres),
    Suite("two servers · PostgreSQL", ("tests/faults",), no_postgres),
    Suite("browser", ("tests/browser",), no_browser),
)


def main() -> int:
    """Run all suites. Returns the exit status."""
    started, rows, failed = time.monotonic(), [], 0
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for suite in SUITES:
        why = suite.lacking()
        if why:
            rows.append((suite.name, "–", f"bỏ qua · skipped: {why}"))
            continue
        print(f"\n━━ {suite.name}", flush=True)
        begun = time.monotonic()
        status = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--no-header", *suite.arguments],
            cwd=ROOT,
            env=environment,
            check=False,
        ).returncode
        word = {0: "đạt · passed", NOTHING_COLLECTED: "trống · empty"}.get(status, "KHÔNG ĐẠT · FAILED")
        failed += status not in (0, NOTHING_COLLECTED)
        rows.append((suite.name, f"{time.monotonic() - begun:.0f} s", word))
    print()
    for name, seconds, word in rows:
        print(f"  {name:<26}{seconds:>7}  {word}")
    print(f"  {'':<26}{time.monotonic() - started:>5.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
