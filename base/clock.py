"""The one clock. Every other file takes a Clock and never asks the operating system for the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

VIETNAM = timezone(timedelta(hours=7), "+07:00")


class Clock(Protocol):
    """Tells the time as whole seconds since 1970-01-01T00:00:00Z."""

    def now(self) -> int: ...

    def precise(self) -> float: ...

    def monotonic(self) -> float: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        return int(time.time())

    def precise(self) -> float:
        """The same with its fraction, for whoever compares clocks."""
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class FixedClock:
    """A clock for tests: stands still until it is moved."""

    def __init__(self, at: int = 1_764_000_000) -> None:
        self.at = at

    def now(self) -> int:
        return self.at

    def precise(self) -> float:
        return float(self.at)

    def monotonic(self) -> float:
        return float(self.at)

    def move(self, seconds: int) -> None:
        self.at += seconds


def as_utc(seconds: int) -> datetime:
    """Epoch seconds as an aware UTC datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def shown(seconds: int) -> str:
    """Epoch seconds as people in Viet Nam read them: 23-11-2026 10:30:45 +07:00 (Decree 30/2020, Appendix I)."""
    return datetime.fromtimestamp(seconds, VIETNAM).strftime("%d-%m-%Y %H:%M:%S +07:00")
