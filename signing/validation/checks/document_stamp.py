"""A time stamp over the whole document (SubFilter ETSI.RFC3161). Source: EN 319 142-1 §5.4.3; EN 319 102-1 §5.4."""

from __future__ import annotations

from signing.validation.case import Case
from signing.validation.findings import Finding, finding
from signing.validation.stamps import MISSING


def check_document_stamp(case: Case) -> Finding | None:
    """It fits the document and can be trusted."""
    stamp = case.stamps[0]
    if stamp.broken == MISSING:
        return finding("document_stamp_unusable", stamp.unusable or "")
    if stamp.broken or stamp.time is None:
        return finding("document_stamp_broken", debug=stamp.broken)
    if stamp.from_future:
        return finding("stamp_from_future")
    if stamp.unusable:
        return finding("document_stamp_unusable", stamp.unusable)
    return finding("stamp_usable", stamp.authority)


CHECKS = (check_document_stamp,)
