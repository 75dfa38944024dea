"""What base hands to every other package: one frozen bundle per process, made once by `open_base()`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from base.clock import Clock, SystemClock
from base.db import Database, embedded_url
from base.http import HttpClient
from base.settings import BaseSettings, Settings
from base.versions import Versions


@dataclass(frozen=True, slots=True)
class BaseServices:
    """Settings, database, clock, outgoing HTTP and cache counters of one process."""

    settings: Settings
    db: Database
    clock: Clock
    http: HttpClient
    versions: Versions

    @property
    def base(self) -> BaseSettings:
        return self.settings[BaseSettings]


@dataclass(frozen=True, slots=True)
class Job:
    """
    A periodic chore (reaper, CRL renewal). `run` does one bounded batch and may be called by several processes.

    alone: it may take long, so it has a thread of its own and the others do not wait for it.
    """

    name: str
    every_seconds: int
    run: Callable[[], None]
    alone: bool = False


def open_base(settings: Settings, *, clock: Clock | None = None, db: Database | None = None) -> BaseServices:
    """Open the database named by the settings, unless an open one is given, and everything that stands on it."""
    base = settings[BaseSettings]
    db = db or Database(base.database_url or embedded_url(base.data_dir), pool_size=base.threads + 2)
    clock = clock or SystemClock()
    http = HttpClient(
        timeout_seconds=base.outbound_timeout_seconds,
        allow_private=base.reaches_private,
        ca_file=base.outbound_ca_file,
    )
    return BaseServices(settings=settings, db=db, clock=clock, http=http, versions=Versions(db, clock))
