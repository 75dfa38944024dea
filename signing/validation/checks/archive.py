"""Archive time stamps. Source: EN 319 102-1 §5.6.3; EN 319 122-1 §5.5.2, §5.5.3."""

from __future__ import annotations

from signing.validation.case import Case
from signing.validation.findings import Finding, finding


def check_archives_are_whole(case: Case) -> Finding | None:
    """No archive time stamp is damaged, belongs to another signature, or names what is not there."""
    broken = next((stamp.broken for stamp in case.archives if stamp.broken), "")
    return finding("archive_broken", debug=broken) if broken else None


def check_archives_are_past(case: Case) -> Finding | None:
    """No archive time stamp is from the future."""
    return finding("stamp_from_future") if any(stamp.from_future for stamp in case.archives) else None


def check_archives_count(case: Case) -> Finding | None:
    """Who keeps the signature verifiable, or why an archive time stamp is not counted."""
    usable = [stamp for stamp in case.archives if stamp.usable]
    if usable:
        return finding("archive_usable", max(usable, key=lambda stamp: stamp.time or 0).authority)
    reason = next((stamp.unusable for stamp in case.archives if stamp.unusable), None)
    return finding("archive_unusable", reason) if reason else None


CHECKS = (check_archives_are_whole, check_archives_are_past, check_archives_count)
