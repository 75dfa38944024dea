"""The sheet: A4 with the margins of Decree 30/2020, page numbers top centre from the second page on, text styles."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from demo.documents.typefaces import BOLD, BOLD_ITALIC, ITALIC, REGULAR

TOP, BOTTOM, LEFT, RIGHT = 20 * mm, 20 * mm, 30 * mm, 17 * mm
TEXT_WIDTH = A4[0] - LEFT - RIGHT
_FOOTER = "Văn bản minh hoạ của phần mềm Ấn Tín, không có giá trị pháp lý"


def style(
    size: float, *, font: str = REGULAR, align: int = TA_LEFT, lead: float = 1.25, **more: float
) -> ParagraphStyle:
    """A text style; `size` in points, `lead` as a multiple of it."""
    return ParagraphStyle(
        f"{font}-{size}-{align}", fontName=font, fontSize=size, leading=size * lead, alignment=align, **more
    )


BODY = style(13.5, align=TA_JUSTIFY, lead=1.32, firstLineIndent=10 * mm, spaceAfter=6)
BASIS = style(13.5, font=ITALIC, align=TA_JUSTIFY, lead=1.32, firstLineIndent=10 * mm, spaceAfter=4)
CENTRE = style(13.5, align=TA_CENTER)
CENTRE_BOLD = style(13.5, font=BOLD, align=TA_CENTER)
CENTRE_ITALIC = style(13.5, font=ITALIC, align=TA_CENTER)
AGENCY_ABOVE = style(12, align=TA_CENTER, lead=1.3)
AGENCY = style(12, font=BOLD, align=TA_CENTER, lead=1.3)
MOTTO = style(13, font=BOLD, align=TA_CENTER, lead=1.3)
NUMBER = style(13, align=TA_CENTER)
SUBJECT = style(12, align=TA_CENTER)
PLACE_DATE = style(13, font=ITALIC, align=TA_CENTER)
RECIPIENTS_HEAD = style(12, font=BOLD_ITALIC)
RECIPIENTS = style(11, lead=1.3)
CELL = style(11.5, lead=1.3)
CELL_CENTRE = style(11.5, align=TA_CENTER, lead=1.3)
CELL_HEAD = style(11.5, font=BOLD, align=TA_CENTER, lead=1.3)


def build(target: Path, *, title: str, story: list[Flowable]) -> None:
    """Set `story` on sheets and write the PDF; a reader of `target` sees the old file or the whole new one."""
    draft = target.with_suffix(".part")
    document = BaseDocTemplate(
        str(draft),
        pagesize=A4,
        title=title,
        author="Sở Khoa học và Công nghệ thành phố Đà Nẵng (minh hoạ)",
        subject="Văn bản minh hoạ",
        creator="Ấn Tín",
        lang="vi-VN",
    )
    frame = Frame(
        LEFT, BOTTOM, TEXT_WIDTH, A4[1] - TOP - BOTTOM, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0
    )
    document.addPageTemplates(PageTemplate(id="sheet", frames=[frame], onPage=_furniture))
    document.build(story, canvasmaker=partial(Canvas, initialFontName=REGULAR))
    draft.replace(target)


def _furniture(canvas: Canvas, document: BaseDocTemplate) -> None:
    if document.page > 1:
        canvas.setFont(REGULAR, 13)
        canvas.drawCentredString(A4[0] / 2, A4[1] - 13 * mm, str(document.page))
    canvas.setFont(ITALIC, 7.5)
    canvas.setFillGray(0.45)
    canvas.drawCentredString(A4[0] / 2, 9 * mm, _FOOTER)
    canvas.setFillGray(0)
