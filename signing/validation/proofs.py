"""
Proofs of existence: since when each object is known to have been there.

Whoever verifies has everything in hand at that moment; a time stamp that can be relied on proves that what it covers
existed earlier. Objects are known by their SHA-256. Source: EN 319 102-1 §5.6.2.3 (POE extraction).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Proofs:
    """moment: the time of validation, epoch seconds. times: digest of an object → the earliest proven time."""

    moment: int
    times: Mapping[bytes, int] = field(default_factory=dict, repr=False)

    def since(self, thing: bytes) -> int:
        """The earliest time at which it is known to have existed."""
        return self.times.get(hashlib.sha256(thing).digest(), self.moment)

    def and_proven(self, things: Iterable[bytes], time: int) -> Proofs:
        """With proof that all of these existed at a time; an earlier proof stays."""
        digests = (hashlib.sha256(thing).digest() for thing in things)
        return Proofs(self.moment, {**self.times, **{one: min(time, self.times.get(one, time)) for one in digests}})
