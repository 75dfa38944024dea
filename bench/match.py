"""
Ours against the peer: in turns, in one run, on the same PostgreSQL, by the same load generator.

1. Start ours, the peer on PostgreSQL with as many workers, and the peer in memory (one process: it can share nothing).
2. Each scenario in rounds: ours, the peer, its memory, and again.
3. The median rate of the rounds; processor time of the provider and of the database, and statements, an operation.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bench import city as cities
from bench import peers, processes
from bench.city import City
from bench.load import drive
from bench.scenarios import MATCH, Match

ROUNDS = 3
DATABASES = {"ours": "ours", "peer": "peer"}
WITHOUT_HASH = (sys.executable, "-m", "bench.unhashed")
"""The peer compares the password as it is, and ours a digest of it; all that stands around the hash is left in."""
_STATEMENTS = """
    SELECT coalesce(sum(calls), 0) FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
    WHERE datname = %s AND query !~* '^(begin|commit|rollback|savepoint|release|set|show)'
"""


@dataclass
class Tally:
    """What one contender did in one scenario, round by round."""

    rates: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)
    operations: float = 0.0
    cpu: float = 0.0
    database_cpu: float = 0.0
    statements: int = 0
    bytes_stored: int = 0

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def p99(self) -> float:
        return statistics.median(self.p99s)

    def each(self, total: float) -> float:
        """A total, by operation."""
        return total / self.operations if self.operations else 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """rows: scenario and tallies by contender; memory: PSS in MiB, and idle: CPU-ms a second, by contender."""

    rows: list[tuple[Match, dict[str, Tally]]]
    memory: dict[str, float]
    idle: dict[str, float]


class Server:
    """The PostgreSQL that both stand on: what it spent and stored."""

    def __init__(self, url: str) -> None:
        self._admin = psycopg.connect(f"{url}/postgres", autocommit=True)
        row = self._admin.execute("SHOW data_directory").fetchone()
        assert row is not None
        self._postmaster = int(Path(row[0], "postmaster.pid").read_text().split()[0])
        for name in DATABASES.values():
            self._admin.execute(f"CREATE DATABASE {name}")
        self._counts = self._can_count()

    def _can_count(self) -> bool:
        try:
            self._admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            self._admin.execute("SELECT 1 FROM pg_stat_statements LIMIT 1")
        except psycopg.Error:
            return False
        return True

    def cpu_seconds(self) -> float:
        return processes.cpu_seconds(processes.family(self._postmaster))

    def statements(self, contender: str) -> int:
        return int(self._one(_STATEMENTS, DATABASES[contender])) if self._counts and contender in DATABASES else 0

    def bytes_stored(self, contender: str) -> int:
        return int(self._one("SELECT pg_database_size(%s)", DATABASES[contender])) if contender in DATABASES else 0

    def _one(self, query: str, name: str) -> float:
        row = self._admin.execute(query, (name,)).fetchone()
        assert row is not None
        return float(row[0])

    def close(self) -> None:
        self._admin.close()


def play(
    folder: Path,
    server_url: str,
    *,
    connections: int,
    workers: int,
    threads: int,
    people: int,
    seconds: float,
    say: Callable[[str], None],
) -> Outcome:
    """The whole match. server_url: of a PostgreSQL cluster, without a database."""
    server = Server(server_url)
    with ExitStack() as started:
        started.callback(server.close)
        say("the peer starts")
        ours = started.enter_context(
            cities.running(
                folder / "match",
                f"{server_url}/ours",
                connections=connections,
                workers=workers,
                threads=threads,
                command=WITHOUT_HASH,
            )
        )
        cities.fill(ours, people=people)
        contenders = {"ours": ours}
        for name, database in (("peer", f"{server_url}/peer"), ("memory", None)):
            peer = peers.running(folder / name, database, connections=connections, workers=workers, people=people)
            contenders[name] = started.enter_context(peer)
        idle = {name: _idle(city) for name, city in contenders.items()}
        rows = []
        for scenario in MATCH:
            say(f"{scenario.name}, ours and the peer in turns")
            rows.append((scenario, _rounds(scenario, contenders, server, seconds)))
        memory = {name: processes.memory_mib(processes.family(city.pid))[1] for name, city in contenders.items()}
    return Outcome(rows, memory, idle)


def _idle(city: City) -> float:
    family = processes.family(city.pid)
    before, began = processes.cpu_seconds(family), time.monotonic()
    time.sleep(3)
    return (processes.cpu_seconds(family) - before) * 1000 / (time.monotonic() - began)


def _rounds(scenario: Match, contenders: dict[str, City], server: Server, seconds: float) -> dict[str, Tally]:
    tallies = {name: Tally() for name in contenders}
    for city in contenders.values():
        drive("127.0.0.1", city.port, scenario.turns(city)[:4], seconds=0.3)
    for _ in range(ROUNDS):
        for name, city in contenders.items():
            _once(scenario, name, city, server, seconds, tallies[name])
    return tallies


def _once(scenario: Match, name: str, city: City, server: Server, seconds: float, tally: Tally) -> None:
    family = processes.family(city.pid)
    before = (
        processes.cpu_seconds(family),
        server.cpu_seconds(),
        server.statements(name),
        server.bytes_stored(name),
    )
    takes = scenario.requests(name)
    measured = drive("127.0.0.1", city.port, scenario.turns(city), seconds=seconds, per_operation=takes)
    tally.cpu += processes.cpu_seconds(family) - before[0]
    tally.database_cpu += server.cpu_seconds() - before[1]
    tally.statements += server.statements(name) - before[2]
    tally.bytes_stored += server.bytes_stored(name) - before[3]
    tally.operations += measured.rate * measured.seconds
    tally.rates.append(measured.rate)
    tally.p99s.append(measured.p99_ms)
