"""
Whether a list may be taken, and whether it may follow the one we hold. Pure.

Source: ETSI TS 119 612 §5.3.2 (the number rises, never falls), §5.3.14 (issue), §5.3.15 (next update: at most six
months, an expired list says nothing new).
"""

from __future__ import annotations

from dataclasses import dataclass

from keys.trust.lists.facts import TrustList
from keys.trust.lists.strict_xml import refused

CLOCK_SECONDS = 300
"""How far another clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Held:
    """The list we hold: its number, its issue (epoch seconds) and the SHA-256 of its signed content."""

    sequence: int
    issued: int
    content_sha256: str


def check_current(new: TrustList, *, now: int) -> None:
    """Raises: KeyRefused("trust_list_refused"): expired, closed, or from the future."""
    if new.next_update is None:
        raise refused("it is closed: nothing follows it")
    if new.next_update <= now:
        raise refused("it has expired: its next update is in the past")
    if new.issued > now + CLOCK_SECONDS:
        raise refused("it was issued in the future")


def check_follows(new: TrustList, content_sha256: str, held: Held | None) -> bool:
    """
    Returns: whether it is new; False: it is the one we hold.

    Raises: KeyRefused("trust_list_refused"): older than ours, or another one under the same number.
    """
    if held is None:
        return True
    if new.sequence < held.sequence:
        raise refused(f"rolled back: number {new.sequence} after {held.sequence}")
    if new.sequence == held.sequence:
        if content_sha256 != held.content_sha256:
            raise refused(f"another list with the same number {new.sequence}")
        return False
    if new.issued < held.issued:
        raise refused("rolled back: issued before the one that is held")
    return True
