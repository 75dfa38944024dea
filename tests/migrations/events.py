"""An audit event for the migration tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from base.audit import Event, append
from base.clock import Clock
from base.db import Database


@dataclass(frozen=True, slots=True)
class Counted(Event):
    kind: ClassVar[str] = "test.thing.counted"
    number: int


def append_some(database: Database, clock: Clock, count: int) -> None:
    """Append `count` events, each in its own transaction."""
    for number in range(count):
        with database.begin() as connection:
            append(connection, clock, Counted(number=number))
