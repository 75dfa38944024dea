"""The mark with a verification code: a QR code and three lines, as a PDF page of its own, to be put onto another."""

from __future__ import annotations

import io

from reportlab.graphics import renderPDF
from reportlab.pdfgen.canvas import Canvas

from signing.reports.pdf_sheet import REGULAR, STRONG, qr_drawing, typefaces

WIDTH, HEIGHT = 330.0, 50.0
"""Points. The height stays within the lower margin of Decree 30/2020/ND-CP, which is 20 to 25 mm."""


def draw_mark(address: str, code: str, place: str) -> bytes:
    """PDF, one page of WIDTH × HEIGHT. address: of the QR code; code: grouped; place: where it can be typed."""
    typefaces()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=1, initialFontName=REGULAR)
    renderPDF.draw(qr_drawing(address, HEIGHT), canvas, 0, 0)
    for line, (font, size, text) in enumerate(
        (
            (REGULAR, 7, "Mã kiểm tra văn bản ký số · Verification code"),
            (STRONG, 9, code),
            (REGULAR, 7, place),
        )
    ):
        canvas.setFont(font, size)
        canvas.drawString(HEIGHT + 4, HEIGHT - 16 - 12 * line, text)
    canvas.save()
    return out.getvalue()
