"""The simple report as plain text, to keep beside the document (Circular 15/2025/TT-BKHCN: the fields to show)."""

from __future__ import annotations

from base.texts import Lang
from signing.reports.base import ReportFormat
from signing.validation.report import Report
from signing.validation.summary import as_text


def render(report: Report, lang: Lang, name: str) -> bytes:
    """UTF-8."""
    return as_text(report, lang, name).encode()


TEXT = ReportFormat("text", ("text/plain",), ".txt", render)
