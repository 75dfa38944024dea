"""The simple report as plain text, to keep beside the document (Circular 15/2025/TT-BKHCN: the fields to show)."""

from __future__ import annotations

from collections.abc import Sequence

from base.texts import Lang
from signing.reports.base import NamedReport, ReportFormat, tally
from signing.validation.report import Report
from signing.validation.summary import as_text, counts_of


def render(report: Report, lang: Lang, name: str) -> bytes:
    """UTF-8."""
    return as_text(report, lang, name).encode()


def render_all(several: Sequence[NamedReport], lang: Lang) -> bytes:
    """How many got which verdict, then each report."""
    parts = [counts_of(tally(several).counts).within(lang) + "\n"]
    return "\n".join([*parts, *(as_text(one.report, lang, one.name) for one in several)]).encode()


TEXT = ReportFormat("text", ("text/plain",), ".txt", render, render_all)
