"""
A sheet: what this service says on paper about signatures. Words only, in one language; pdf_sheet.py draws it.

It travels as JSON between the page that shows a report and the moment somebody wants it as a file (nothing is kept).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from base.clock import shown
from base.texts import Lang, Text
from signing.reports.base import NamedReport
from signing.validation import summary
from signing.validation.indications import Indication
from signing.validation.report import SignatureReport

MOST_PARTS = 200
PASSED, OPEN, FAILED, PLAIN = "passed", "open", "failed", "plain"
_STATES = {Indication.TOTAL_PASSED: PASSED, Indication.INDETERMINATE: OPEN, Indication.TOTAL_FAILED: FAILED}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece under one heading. state: its colour; rows: label and value; notes: sentences under them."""

    heading: str
    state: str = PLAIN
    rows: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """title, pieces, a last sentence; address: goes into a QR code, or empty."""

    title: str
    lang: Lang
    parts: tuple[Part, ...]
    closing: str
    address: str = ""
    names: tuple[str, ...] = field(default=())

    def as_json(self) -> bytes:
        """Everything of it."""
        return orjson.dumps(asdict(self))


def read_sheet(written: bytes) -> Sheet:
    """The inverse of as_json(); only for what we wrote ourselves."""
    found: dict[str, Any] = orjson.loads(written)
    parts = tuple(
        Part(one["heading"], one["state"], tuple((a, b) for a, b in one["rows"]), tuple(one["notes"]))
        for one in found["parts"]
    )
    return Sheet(
        found["title"], found["lang"], parts, found["closing"], found["address"], tuple(found.get("names", ()))
    )


def sheet_of(several: Iterable[NamedReport], lang: Lang) -> Sheet:
    """The simple report of one or several documents: the fields that must be shown (Circular 15/2025/TT-BKHCN)."""
    parts: list[Part] = []
    for one in several:
        parts += _document(one, lang)
    return Sheet(
        title=_TITLE.within(lang),
        lang=lang,
        parts=tuple(parts[:MOST_PARTS]),
        closing=_CLOSING.within(lang) if len(parts) <= MOST_PARTS else _CUT.within(lang),
    )


def _document(one: NamedReport, lang: Lang) -> Iterable[Part]:
    report = one.report
    rows = [
        (Text("Tệp", "File"), Text(one.name, one.name)),
        (Text("SHA-256", "SHA-256"), Text(report.document_digest, report.document_digest)),
        (Text("Kiểm tra lúc", "Verified at"), Text(shown(report.moment), shown(report.moment))),
        (Text("Kết luận", "Verdict"), Text(summary.verdict_code(report), summary.verdict_code(report))),
        (Text("Chính sách", "Policy"), Text(summary.policy_of(report), summary.policy_of(report))),
    ]
    why = summary.sentence_of(report)
    notes = [why.within(lang), *(f"{said.text.within(lang)} {said.advice.within(lang)}" for said in report.findings)]
    yield Part(
        summary.title_of(report).within(lang),
        _STATES[report.indication],
        _said(rows, lang),
        tuple(dict.fromkeys(note.strip() for note in notes if note.strip())),
    )
    for signature in (*report.signatures, *report.stamps):
        yield _signature(signature, lang)


def _signature(signature: SignatureReport, lang: Lang) -> Part:
    heading = f"{summary.heading_of(signature).within(lang)}: {summary.TITLES[signature.indication].within(lang)}"
    notes = tuple(f"{found.text.within(lang)} {found.advice.within(lang)}".strip() for found in signature.findings)
    return Part(heading, _STATES[signature.indication], _said(summary.rows_of(signature), lang), notes)


def _said(rows: Iterable[tuple[Text, Text]], lang: Lang) -> tuple[tuple[str, str], ...]:
    return tuple((label.within(lang), value.within(lang)) for label, value in rows if value.within(lang))


_TITLE = Text("Báo cáo kiểm tra chữ ký số", "Signature verification report")
_CLOSING = Text(
    "Báo cáo này do hệ thống lập tự động và được đóng dấu điện tử của hệ thống. Kết luận đúng vào thời điểm kiểm tra.",
    "This report was made automatically and carries the electronic seal of the system. It holds as of its time.",
)
_CUT = Text(
    "Báo cáo quá dài nên phần cuối được lược bớt; hãy tải bản XML hoặc JSON để xem đủ. " + _CLOSING.vi,
    "The report is too long and its end was left out; the XML and the JSON hold all of it. " + _CLOSING.en,
)
