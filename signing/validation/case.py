"""
One signature in front of the judge: its facts, and the time that counts for it.

That time is the oldest usable time stamp (a proof of existence), or, without one, the time of validation. The time a
signer claims is never a proof. Source: EN 319 102-1 §5.5.4 (best-signature-time).
"""

from __future__ import annotations

from dataclasses import dataclass

from signing.validation.facts import SignatureFacts
from signing.validation.stamps import WeighedStamp, weigh


@dataclass(frozen=True, slots=True)
class Case:
    """best_time: epoch seconds; proven: whether a time stamp stands behind it."""

    facts: SignatureFacts
    stamps: tuple[WeighedStamp, ...]
    best_time: int
    proven: bool

    @property
    def claimed_time(self) -> int | None:
        """When the signer says to have signed: /M of the dictionary, else the CMS attribute."""
        cms = self.facts.signer.cms
        return self.facts.located.claimed_time or (cms.signing_time if cms else None)


def open_case(facts: SignatureFacts) -> Case:
    """Weigh the stamps first, for everything else depends on the time."""
    stamps = tuple(weigh(stamp, facts.trust) for stamp in facts.stamps)
    times = [stamp.time for stamp in stamps if stamp.usable and stamp.time is not None]
    return Case(facts, stamps, min(times, default=facts.trust.moment), bool(times))
