"""The signature time stamp. Source: EN 319 102-1 §5.4, §5.5; RFC 3161."""

from __future__ import annotations

from signing.validation.case import Case
from signing.validation.checks.acceptance import SLACK_SECONDS
from signing.validation.findings import Finding, finding


def check_stamps_are_whole(case: Case) -> Finding | None:
    """No stamp is damaged or belongs to another signature."""
    broken = next((stamp.broken for stamp in case.stamps if stamp.broken), "")
    return finding("stamp_broken", debug=broken) if broken else None


def check_stamps_are_past(case: Case) -> Finding | None:
    """No stamp is from the future."""
    return finding("stamp_from_future") if any(stamp.from_future for stamp in case.stamps) else None


def check_proof_of_time(case: Case) -> Finding | None:
    """Who confirms the time, or that nobody does."""
    if not case.stamps:
        return None if case.proven else finding("no_stamp")  # proven by a time stamp around it
    usable = [stamp for stamp in case.stamps if stamp.usable]
    if usable:
        return finding("stamp_usable", min(usable, key=lambda stamp: stamp.time or 0).authority)
    reason = next((stamp.unusable for stamp in case.stamps if stamp.unusable), None)
    return finding("stamp_unusable", reason) if reason else None


def check_claim_against_stamp(case: Case) -> Finding | None:
    """The stated time is not after the stamp."""
    claimed = case.claimed_time
    late = case.proven and claimed is not None and claimed > case.best_time + SLACK_SECONDS
    return finding("claimed_after_stamp") if late else None


def check_content_stamps(case: Case) -> Finding | None:
    """A time stamp of the content is whole, and not later than the signature that covers it (EN 319 102-1 §5.5.4)."""
    broken = next((stamp.broken for stamp in case.content_stamps if stamp.broken), "")
    if broken:
        return finding("content_stamp_broken", debug=broken)
    times = [stamp.time for stamp in case.content_stamps if stamp.time is not None]
    late = case.proven and any(time > case.best_time + SLACK_SECONDS for time in times)
    return finding("content_stamp_late") if late else None


CHECKS = (
    check_content_stamps,
    check_stamps_are_whole,
    check_stamps_are_past,
    check_proof_of_time,
    check_claim_against_stamp,
)
