"""
The fixed components of an administrative document, numbered as in the drawing of Decree 30/2020, Appendix I.

1 national name and motto, 2 issuing agency, 3 number and symbol, 4 place and date, 5 title, 7 signer, 9 recipients.
"""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer, Table, TableStyle

from demo.documents import page
from demo.documents.typefaces import BOLD

_LEFT_COLUMN = 68 * mm
_RIGHT_COLUMN = page.TEXT_WIDTH - _LEFT_COLUMN
_TIGHT = TableStyle(
    [
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
)
SIGNATURE_ROOM_MM = 34


class Rule(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """A thin line, centred in its column: `share` of the column's width, or a length in points."""

    def __init__(self, *, share: float = 0.0, length: float = 0.0, gap: float = 6.0) -> None:
        super().__init__()
        self._share = share
        self._length = length
        self._gap = gap

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        self._available = available_width
        return available_width, self._gap + 3

    def draw(self) -> None:
        length = self._length or self._available * self._share
        start = (self._available - length) / 2
        self.canv.setLineWidth(0.7)
        self.canv.line(start, 3, start + length, 3)


def heading(*, number: str, subject: str = "", place_and_date: str) -> list[Flowable]:
    """Blocks 1 to 4, and 5b (the subject of an official letter) when `subject` is given."""
    left: list[Flowable] = [
        Paragraph("UBND THÀNH PHỐ ĐÀ NẴNG", page.AGENCY_ABOVE),
        Paragraph("SỞ KHOA HỌC VÀ CÔNG NGHỆ", page.AGENCY),
        Rule(share=0.4, gap=5),
        Spacer(1, 6),
        Paragraph(number, page.NUMBER),
    ]
    if subject:
        left += [Spacer(1, 3), Paragraph(subject, page.SUBJECT)]
    right: list[Flowable] = [
        Paragraph("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", page.AGENCY),
        Paragraph("Độc lập - Tự do - Hạnh phúc", page.MOTTO),
        Rule(length=59.3 * mm, gap=5),
        Spacer(1, 5),
        Paragraph(place_and_date, page.PLACE_DATE),
    ]
    return [Table([[left, right]], colWidths=[_LEFT_COLUMN, _RIGHT_COLUMN], style=_TIGHT), Spacer(1, 14)]


def title(kind: str, about: str) -> list[Flowable]:
    """Block 5a: the kind of document, what it is about, and the rule below."""
    return [
        Paragraph(kind, page.style(14, font=BOLD, align=1)),
        Spacer(1, 2),
        Paragraph(about, page.CENTRE_BOLD),
        Rule(share=0.3),
        Spacer(1, 10),
    ]


def closing(recipients: Sequence[str], *, authority: Sequence[str], name: str) -> list[Flowable]:
    """Blocks 7 and 9, kept on one page: title lines, room for the signature, full name; recipients to the left."""
    left: list[Flowable] = [Paragraph("Nơi nhận:", page.RECIPIENTS_HEAD)]
    left += [Paragraph(f"- {line}", page.RECIPIENTS) for line in recipients]
    right: list[Flowable] = [Paragraph(line, page.CENTRE_BOLD) for line in authority]
    right += [Spacer(1, SIGNATURE_ROOM_MM * mm), Paragraph(name, page.style(14, font=BOLD, align=1))]
    return [Spacer(1, 10), Table([[left, right]], colWidths=[78 * mm, page.TEXT_WIDTH - 78 * mm], style=_TIGHT)]


def grid(rows: Sequence[Sequence[str]], widths_mm: Sequence[float]) -> Table:
    """A ruled table whose first row is its head and repeats on each sheet; the first column is centred."""
    cells = [[Paragraph(cell, page.CELL_HEAD) for cell in rows[0]]]
    cells += [
        [Paragraph(cell, page.CELL_CENTRE if index == 0 else page.CELL) for index, cell in enumerate(row)]
        for row in rows[1:]
    ]
    table = Table(cells, colWidths=[width * mm for width in widths_mm], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.6, "black"),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ]
        )
    )
    return table
