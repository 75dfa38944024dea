"""The whole report for programs: verdict, fields, findings in both languages, and each check that was carried out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from base.texts import Lang
from signing.reports.base import NamedReport, ReportFormat, tally
from signing.validation.report import Report


def render(report: Report, _lang: Lang, _name: str) -> bytes:
    """UTF-8, indented: people read it too."""
    return _written(report.as_json())


def render_all(several: Sequence[NamedReport], _lang: Lang) -> bytes:
    """`summary` counts the verdicts; `documents` holds a report each, as above, under its name."""
    counted = tally(several)
    counts = {str(indication): count for indication, count in counted.counts.items()}
    summary = {"documents": counted.documents, "indication": str(counted.indication), "counts": counts}
    return _written({"summary": summary, "documents": [{"name": one.name, **one.report.as_json()} for one in several]})


def _written(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


JSON = ReportFormat("json", ("application/json",), ".json", render, render_all)
