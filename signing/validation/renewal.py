"""
When the keeping of a signature has to be renewed: before its newest archive time stamp can no longer be relied on.

Source: EN 319 102-1 §5.6; ETSI TS 119 511 §6.5 (a preservation service watches over what its evidence stands on).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from signing.validation.case import Case
from signing.validation.facts import StampFacts
from signing.validation.located import Coverage
from signing.validation.report import Report
from signing.validation.stamps import WeighedStamp

KEPT = "B-LTA"


class Due(StrEnum):
    """Why now: no archive time stamp yet, none that counts, its certificate ends soon, its digest counts no longer."""

    NOT_KEPT = "not-kept"
    NOT_COUNTED = "not-counted"
    CERTIFICATE_ENDS = "certificate-ends"
    DIGEST_ENDS = "digest-ends"


def renewal_due(report: Report, until: int) -> Due | None:
    """
    Why the signatures of a document have to be extended or renewed.

    until:   epoch seconds; what counts until then need not be renewed yet.
    Returns: None: not yet.
    """
    signatures = [one for one in report.signatures if one.coverage is not Coverage.SIGNATURE]
    around = [stamp.judgement.case for stamp in report.stamps]
    for signature in signatures:
        if signature.level != KEPT:
            return Due.NOT_KEPT
        case = signature.judgement.case
        found = [*_archives(case), *(pair for one in around for pair in zip(one.stamps, one.facts.stamps, strict=True))]
        if why := _why(found, case, until):
            return why
    return None


def _archives(case: Case) -> Iterator[tuple[WeighedStamp, StampFacts]]:
    yield from zip(case.archives, (archive.stamp for archive in case.facts.archives), strict=True)


def _why(found: list[tuple[WeighedStamp, StampFacts]], case: Case, until: int) -> Due | None:
    usable = [pair for pair in found if pair[0].usable]
    if not usable:
        return Due.NOT_COUNTED
    _weighed, newest = max(usable, key=lambda pair: pair[0].time or 0)
    chain, signed = newest.signer.chain, newest.signer.signed
    if chain is None or min(link.not_after for link in chain.links[:-1] or chain.links) <= until:
        return Due.CERTIFICATE_ENDS
    suite = case.facts.trust.policy.suite
    digests = (newest.imprint_algorithm, *(signed.digests if signed else ()))
    return Due.DIGEST_ENDS if any(suite.digest_until(one) <= until for one in digests) else None
