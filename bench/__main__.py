"""
`make bench`: measure everything, print the table, write it into docs/performance.md.

1. Limits of this machine: signatures, verifications, Argon2id, one-row inserts, bare WSGI on the same server.
2. A provider on PostgreSQL (synchronous_commit=on) where it is installed, else on SQLite; every scenario, each with the
   memory and processor time of the provider's whole process tree.
3. The same provider and npm oidc-provider in turns (match.py), where npm and PostgreSQL are there.
4. Signing and verifying in this process, on documents of three sizes; against pyHanko in turns (pdf_match.py, and
   pdf_levels.py with time stamps), and every format against EU DSS (dss_match.py), where Java is there; XML against
   signxml (xml_match.py).
"""

from __future__ import annotations

import argparse
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from base.db import Database
from bench import (
    bulk,
    custody,
    dss_match,
    limits,
    match,
    pdf_levels,
    pdf_match,
    peers,
    processes,
    report,
    signing,
    status,
    xml_match,
)
from bench import city as cities
from bench.load import Measured, drive, fixed, request
from bench.scenarios import SCENARIOS
from tests import postgres
from tests.city import spare_ports

WORKERS, THREADS, CONNECTIONS, PEOPLE = 2, 2, 16, 8


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each scenario runs")
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="antin-bench-") as name, _database(Path(name)) as (kind, url):
        known = _limits(url)
        rows = _provider(Path(name), url, known, options.seconds)
        beside = _match(Path(name), url, options.seconds)
    rows += custody.rows()
    rows += signing.rows()
    rows += bulk.rows()
    beside += f"\n\n{pdf_match.table((*pdf_match.duels(), *pdf_levels.duels()))}"
    beside += f"\n\n{dss_match.table(dss_match.duels())}"
    beside += f"\n\n{xml_match.table(xml_match.duels())}"
    rows += status.rows()
    machine = (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {kind}; {WORKERS} workers × {THREADS} threads, "
        f"{CONNECTIONS} connections, load generator on the same cores; {time.strftime('%Y-%m-%d')}."
    )
    print(f"\n{machine}\n\n{report.table(rows)}\n\n{beside}")
    if not options.no_write:
        report.publish(rows, machine, beside, Path("docs"))


@contextmanager
def _database(folder: Path) -> Iterator[tuple[str, str]]:
    if postgres.find_binaries() is None:
        yield "SQLite (WAL, synchronous=FULL)", f"sqlite:///{folder / 'bench.db'}"
        return
    with postgres.cluster(durable=True, counting=True) as server:
        yield "PostgreSQL (synchronous_commit=on)", f"{server}/postgres"


def _limits(url: str) -> dict[str, tuple[str, float]]:
    _say("limits")
    database = Database(url)
    found = {
        "es256": ("P-256 signatures, all cores", limits.on_all_cores(limits.es256_signatures)),
        "insert": ("one-row inserts, one connection", limits.inserts(database)),
        "wsgi": ("bare WSGI, same server", _bare_wsgi().rate),
        "argon2": ("libsodium Argon2id 19 MiB t2, all cores", limits.on_all_cores(limits.argon2_hashes)),
    }
    database.close()
    return found


def _bare_wsgi() -> Measured:
    (port,) = spare_ports(1)
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", str(WORKERS)]
    command += [
        "--blocking-threads",
        str(THREADS),
        "--no-access-log",
        "--log-level",
        "warning",
        "bench.bare:application",
    ]
    server = subprocess.Popen(command)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        wire = request("POST", "/token", body=b"grant_type=client_credentials")
        return drive("127.0.0.1", port, [fixed(wire)] * CONNECTIONS, seconds=3)
    finally:
        server.terminate()
        server.wait(10)


def _provider(folder: Path, url: str, known: dict[str, tuple[str, float]], seconds: float) -> list[report.Row]:
    rows = []
    with cities.running(folder, url, connections=CONNECTIONS, workers=WORKERS, threads=THREADS) as city:
        _say("people sign in")
        cities.fill(city, people=PEOPLE)
        for scenario in SCENARIOS:
            _say(scenario.name)
            family = processes.family(city.pid)
            drive("127.0.0.1", city.port, scenario.turns(city)[:4], seconds=0.5)
            before = processes.cpu_seconds(family)
            measured = drive(
                "127.0.0.1", city.port, scenario.turns(city), seconds=seconds, per_operation=scenario.per_operation
            )
            cpu = processes.cpu_seconds(family) - before
            rss, pss = processes.memory_mib(family)
            each = cpu * 1000 / (measured.rate * measured.seconds)
            limit = known[scenario.limit]
            rows.append(
                report.Row(
                    scenario.name, measured.rate, measured.p50_ms, measured.p99_ms, rss, pss, each, limit[0], limit[1]
                )
            )
    return rows


def _match(folder: Path, url: str, seconds: float) -> str:
    """The match with the peer, as text; a sentence where there can be none."""
    server, _, _ = url.rpartition("/")
    why = peers.missing() if url.startswith("postgresql") else "PostgreSQL is not installed"
    if why:
        return f"No match with another provider: {why}."
    outcome = match.play(
        folder,
        server,
        connections=CONNECTIONS,
        workers=WORKERS,
        threads=THREADS,
        people=PEOPLE,
        seconds=seconds / 2,
        say=_say,
    )
    return report.match_table(outcome)


def _say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
