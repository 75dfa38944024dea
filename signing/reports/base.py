"""What a format of reports is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from base.texts import Lang
from signing.validation.indications import Indication, worst
from signing.validation.report import Report


@dataclass(frozen=True, slots=True)
class NamedReport:
    """The report of one of several documents; name: what its file was called."""

    name: str
    report: Report


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of several documents got which verdict; indication: the worst of all."""

    indication: Indication
    counts: dict[Indication, int]

    @property
    def documents(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """
    name:        the word that picks it (`antin verify --report NAME`).
    media_types: those it is asked for by (`Accept`), the one it is sent as first.
    suffix:      of a file that holds it, with the dot.
    render:      (report, language, the document's file name or "") → the bytes.
    render_all:  the same for several documents in one.
    """

    name: str
    media_types: tuple[str, ...]
    suffix: str
    render: Callable[[Report, Lang, str], bytes]
    render_all: Callable[[Sequence[NamedReport], Lang], bytes]


def tally(several: Sequence[NamedReport]) -> Tally:
    """Count the verdicts. several: at least one."""
    found = Counter(one.report.indication for one in several)
    whole, _sub = worst([(one.report.indication, None) for one in several])
    return Tally(whole, {indication: found[indication] for indication in Indication})
