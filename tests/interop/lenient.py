"""Our verdict against another judge's on damaged and forged files: what passes with us has to pass there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from signing.validation.report import Report
from tests.interop.base import say
from tests.interop.eu_dss_judge import Answer
from tests.signing_pki import shared_city

MUTANTS = 2_000
SEED = 20_261_128


Explanation = Callable[["Damaged", Report, Answer], bool]
"""Whether docs/divergences.md says why that one passes with us and not there."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A variant; name: of what it was made from and how. content: where it stands beside."""

    name: str
    document: bytes
    content: bytes | None = None


def never_more_lenient(
    variants: Iterator[Damaged],
    ours: Callable[[Damaged], Report],
    theirs: Callable[[Damaged], Answer],
    explained: Explanation | None = None,
) -> bool:
    """Only those that pass with us are asked there: what we refuse cannot be too lenient."""
    passing, known, count = 0, 0, 0
    wrong: list[str] = []
    for one in variants:
        count += 1
        report = ours(one)
        if report.indication is not Indication.TOTAL_PASSED:
            continue
        passing += 1
        answer = theirs(one)
        if answer.passes:
            continue
        if explained is not None and explained(one, report, answer):
            known += 1
        else:
            wrong.append(f"{one.name}: {answer}")
    reason = f" and {known} not there for a reason we know" if known else ""
    counted = f"{passing} pass with us, of them {len(wrong)} not there{reason}"
    say(f"  {'✗' if wrong else '✓'} {count} damaged files: {counted}")
    for line in wrong:
        say(f"      {line}")
    return not wrong


def chose_a_damaged_copy(_one: Damaged, ours: Report, answer: Answer) -> bool:
    """
    docs/divergences.md, EN 319 102-1 §5.5: we hold what a token brings apart, so a damaged certificate in a time stamp
    costs that stamp and people are told; EU DSS puts all together and may build the signer's path by the damaged one.
    """
    told = {"stamp_unusable", "archive_unusable"}
    uncounted = any(found.code in told for one in ours.signatures for found in one.findings)
    refused = {one.sub_indication for one in answer.signatures if one.indication != "TOTAL_PASSED"}
    return uncounted and refused == {"CERTIFICATE_CHAIN_GENERAL_FAILURE"}


def told_alike(one: Damaged, at: int, lists: Sequence[bytes]) -> Report:
    """Our verdict with what the other judge is told: the root and these lists, no authority between."""
    own = TrustSource(tuple(shared_city().anchors), (), tuple(lists))
    return verify_document(
        one.document, moment=at, own=own, beside=Beside(content=one.content) if one.content is not None else ALONE
    )


def chances(count: int = MUTANTS) -> Iterator[tuple[int, random.Random]]:
    """Numbers and a source of chance that is the same every time."""
    chance = random.Random(SEED)
    for number in range(count):
        yield number, chance
