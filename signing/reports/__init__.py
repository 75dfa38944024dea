"""
What a verification looks like on paper or to a program. A new one is one file with one instance of `base.ReportFormat`
and one line in REPORTS; tests/contract/test_reports.py picks it up.
"""

from __future__ import annotations

from signing.reports.base import ReportFormat
from signing.reports.etsi import ETSI
from signing.reports.json_report import JSON
from signing.reports.text import TEXT

REPORTS: tuple[ReportFormat, ...] = (TEXT, JSON, ETSI)
