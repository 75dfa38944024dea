"""The whole report for programs: verdict, fields, findings in both languages, and each check that was carried out."""

from __future__ import annotations

import json

from base.texts import Lang
from signing.reports.base import ReportFormat
from signing.validation.report import Report


def render(report: Report, _lang: Lang, _name: str) -> bytes:
    """UTF-8, indented: people read it too."""
    return (json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n").encode()


JSON = ReportFormat("json", ("application/json",), ".json", render)
