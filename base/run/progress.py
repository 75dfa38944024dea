"""What `antin run` says at the terminal: steps with their time, then a table of addresses and sign-ins."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

Say = Callable[[str], None]
Row = tuple[str, ...]


class Progress:
    """Prints one line per finished step."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._started = time.monotonic()

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Time one step and print it when it is done."""
        started = time.monotonic()
        yield
        self._say(f"  ✓ {what} ({time.monotonic() - started:.1f} s)")

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._started


def table(rows: Sequence[Row]) -> str:
    """Rows of equal length as aligned columns."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))] if rows else []
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
