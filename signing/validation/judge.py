"""
THE TABLE: the building blocks of EN 319 102-1 in order, and the checks of each.

Every check of every block runs, so that everything wrong is reported; only a signature that cannot be read stops after
the first block. A time stamp is weighed before (case.py), so the rows on certificates already judge at the time it
proves (the process for signatures with time, §5.5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from signing.validation.case import Case, open_case
from signing.validation.checks import (
    acceptance,
    archive,
    container,
    cryptography,
    document_stamp,
    format,
    identity,
    stamp,
    trust,
)
from signing.validation.facts import SignatureFacts
from signing.validation.findings import Finding
from signing.validation.indications import Indication, Verdict, worst
from signing.validation.located import SignatureKind
from signing.validation.policy import Level

Check = Callable[[Case], Finding | None]

BLOCKS: tuple[tuple[str, tuple[Check, ...]], ...] = (
    ("format-checking", format.CHECKS),  # §5.2.2
    ("identification-of-the-signing-certificate", identity.CHECKS),  # §5.2.3
    ("validation-context-initialization", trust.CONTEXT_CHECKS),  # §5.2.4
    ("x509-certificate-validation", trust.CHECKS),  # §5.2.6
    ("cryptographic-verification", (*cryptography.CHECKS, *container.CRYPTOGRAPHY_CHECKS)),  # §5.2.7
    ("signature-acceptance-validation", (*acceptance.CHECKS, *container.ACCEPTANCE_CHECKS)),  # §5.2.8
    ("signature-time-stamp-validation", stamp.CHECKS),  # §5.4, §5.5
    ("archive-time-stamp-validation", archive.CHECKS),  # §5.6
)
DOCUMENT_STAMP_BLOCKS: tuple[tuple[str, tuple[Check, ...]], ...] = (
    ("format-checking", (format.check_container,)),
    ("time-stamp-validation", document_stamp.CHECKS),
    ("signature-acceptance-validation", (acceptance.check_later_changes,)),
)
CHECKS: tuple[Check, ...] = tuple(check for _, checks in (*BLOCKS, *DOCUMENT_STAMP_BLOCKS) for check in checks)


@dataclass(frozen=True, slots=True)
class Carried:
    """A check that was carried out: its building block, its name, and what it said; None: nothing to object to."""

    block: str
    check: str
    said: Finding | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one signature and every check that was carried out, in the order of the table."""

    case: Case
    verdict: Verdict
    carried: tuple[Carried, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found and that the policy does not ignore."""
        return tuple(one.said for one in self.carried if one.said is not None and one.said.level is not Level.IGNORE)


def judge(facts: SignatureFacts) -> Judgement:
    """Run the table over one signature."""
    case, policy = open_case(facts), facts.trust.policy
    stamped = facts.located.kind is SignatureKind.DOCUMENT_TIMESTAMP
    carried: list[Carried] = []
    for name, checks in DOCUMENT_STAMP_BLOCKS if stamped else BLOCKS:
        done = [Carried(name, check.__name__, policy.applied(check(case))) for check in checks]
        carried += done
        if checks[0] is format.check_container and any(one.said and one.said.level is Level.FAIL for one in done):
            break
    return Judgement(case, conclude([one.said for one in carried if one.said]), tuple(carried))


def conclude(findings: list[Finding]) -> Verdict:
    """The worst failure decides; the first one in the table among equals. No failure: TOTAL-PASSED."""
    failures = [(said.indication, said.sub_indication) for said in findings if said.indication is not None]
    return worst(failures) if failures else (Indication.TOTAL_PASSED, None)
