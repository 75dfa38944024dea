"""
A sheet as PDF, A4: text that can be read out and copied, in an embedded typeface that has every Vietnamese letter.

The typeface is Be Vietnam Pro (Open Font License), which the pages use too; only the letters that occur are embedded.
"""

from __future__ import annotations

import io
import unicodedata
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import fontpkg_be_vietnam_pro
import segno
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table

from signing.reports.sheet import FAILED, OPEN, PASSED, PLAIN, Part, Sheet

REGULAR, STRONG = "AnTin", "AnTin-Dam"
_FILES = {REGULAR: "BeVietnamPro-Regular.ttf", STRONG: "BeVietnamPro-SemiBold.ttf"}
_INK = {PASSED: "#1a5f3c", OPEN: "#7a5200", FAILED: "#9b1c1c", PLAIN: "#1c1c28"}
_BLACK = HexColor("#1c1c28")
_QUIET = HexColor("#55555f")
_MARGIN = 20 * mm
_LABEL = 48 * mm
LONGEST = 4000
"""Characters of one value; what is longer is cut, for a paragraph that fills pages is no report."""


def draw_sheet(sheet: Sheet) -> bytes:
    """PDF. The same sheet gives the same bytes."""
    typefaces()
    out = io.BytesIO()
    document = BaseDocTemplate(
        out, pagesize=A4, title=sheet.title, author="Ấn Tín", lang=sheet.lang, invariant=1, initialFontName=REGULAR,
        leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
    )  # fmt: skip
    frame = Frame(_MARGIN, _MARGIN, A4[0] - 2 * _MARGIN, A4[1] - 2 * _MARGIN, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate("sheet", [frame], onPage=_page_number))
    story: list[Flowable] = [Paragraph(_clean(sheet.title), _style(STRONG, 18, 24)), Spacer(0, 4 * mm)]
    for part in sheet.parts:
        story += _part(part)
    if sheet.address:
        story += [Spacer(0, 4 * mm), qr_drawing(sheet.address, 36 * mm), Spacer(0, 2 * mm)]
        story.append(Paragraph(_clean(sheet.address), _style(REGULAR, 9, 12)))
    story += [Spacer(0, 6 * mm), Paragraph(_clean(sheet.closing), _style(REGULAR, 8.5, 12, _QUIET))]
    document.build(story)
    return out.getvalue()


@cache
def typefaces() -> None:
    """Make the typeface known to the library, once."""
    folder = Path(fontpkg_be_vietnam_pro.ROOT) / "files"
    for name, file in _FILES.items():
        pdfmetrics.registerFont(ttfonts.TTFont(name, str(folder / file)))


def qr_drawing(address: str, side: float) -> Drawing:
    """A QR code of error correction M with its quiet zone, `side` points wide, in plain rectangles."""
    rows = [list(row) for row in segno.make_qr(address, error="m").matrix_iter(border=4)]
    size = side / len(rows)
    drawing = Drawing(side, side)
    for y, row in enumerate(rows):
        start = None
        for x, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                left, wide = start * size, (x - start) * size
                drawing.add(Rect(left, side - (y + 1) * size, wide, size, strokeWidth=0, strokeColor=None))
                start = None
    return drawing


def _part(part: Part) -> list[Flowable]:
    ink = HexColor(_INK[part.state])
    story: list[Flowable] = [Paragraph(_clean(part.heading), _style(STRONG, 12, 17, ink)), Spacer(0, 1 * mm)]
    for label, value in part.rows:
        cells = [
            Paragraph(_clean(label), _style(REGULAR, 9, 12, _QUIET)),
            Paragraph(_clean(value), _style(REGULAR, 9.5, 13)),
        ]
        table = Table([cells], colWidths=[_LABEL, A4[0] - 2 * _MARGIN - _LABEL], splitInRow=1)
        table.setStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
            ]
        )
        story.append(table)
    story += [Paragraph("– " + _clean(note), _style(REGULAR, 9.5, 13)) for note in part.notes]
    return [*story, Spacer(0, 5 * mm)]


def _style(font: str, size: float, leading: float, ink: HexColor = _BLACK) -> ParagraphStyle:
    return ParagraphStyle("text", fontName=font, fontSize=size, leading=leading, textColor=ink, splitLongWords=1)


def _clean(text: str) -> str:
    """As the paragraph's small language wants it: NFC, nothing that is markup, nothing invisible."""
    kept = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text[:LONGEST]))
    return escape(kept)


def _page_number(canvas: Canvas, _document: BaseDocTemplate) -> None:
    canvas.setFont(REGULAR, 8)
    canvas.setFillColor(_QUIET)
    canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, str(canvas.getPageNumber()))
