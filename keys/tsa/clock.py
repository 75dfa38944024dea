"""
Whether the clock is good enough to put its time under a signature. Pure.

What is known of the clock grows old: between two looks at the reference it may have run away by what a bad crystal
does. A clock that somebody sets between two looks is caught at once, because the monotonic clock goes on unmoved.

Source: ETSI EN 319 421 §7.7.2 (no stamp outside the accuracy that is declared); EN 319 422 §5.2.
"""

from __future__ import annotations

from dataclasses import dataclass

ACCURACY_SECONDS = 1
"""What every token declares."""
DRIFT = 0.0005
"""500 parts in a million: more than any crystal in a computer."""


@dataclass(frozen=True, slots=True)
class Measured:
    """
    A look at the reference: true time minus monotonic clock, and how far that may be wrong; monotonic: when it was.
    All in seconds.
    """

    ahead: float
    error: float
    monotonic: float


def uncertainty(measured: Measured, *, wall: float, monotonic: float) -> tuple[float, float]:
    """How far the wall clock is off now (positive: it is ahead), and how far that may be wrong; both in seconds."""
    true = measured.ahead + monotonic
    return wall - true, measured.error + DRIFT * max(0.0, monotonic - measured.monotonic)


def trouble(measured: Measured | None, *, wall: float, monotonic: float) -> str:
    """off | unsynchronised, or an empty word: the time is within the accuracy for certain."""
    if measured is None:
        return "unsynchronised"
    off, error = uncertainty(measured, wall=wall, monotonic=monotonic)
    if abs(off) > ACCURACY_SECONDS:
        return "off"
    return "unsynchronised" if abs(off) + error > ACCURACY_SECONDS else ""
