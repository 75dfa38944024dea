"""PDF files as officials bring them to the desk: laid out like administrative documents, rotated, cropped, scanned."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import fontpkg_noto_serif
from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

SIGNER = "Trần Văn Bình"
FONT = "PaperSerif"


@cache
def _font() -> str:
    pdfmetrics.registerFont(TTFont(FONT, str(fontpkg_noto_serif.ROOT / "files" / "NotoSerif[wdth,wght].ttf")))
    return FONT


_UPRIGHT = {  # turns content so that it reads upright under that /Rotate; reportlab turns the media box itself
    0: (1, 0, 0, 1, 0, 0),
    90: (0, 1, -1, 0, A4[1], 0),
    180: (-1, 0, 0, -1, A4[0], A4[1]),
    270: (0, -1, 1, 0, 0, A4[0]),
}


@dataclass(frozen=True)
class Layout:
    """How a decision is laid out: pages, rotation in degrees, where the name stands (None: nowhere)."""

    pages: int = 1
    rotate: int = 0
    name: str | None = SIGNER
    name_at: tuple[float, float] = (410, 250)
    title_at: float = 330
    sentence: bool = False


@cache
def decision(layout: Layout = Layout()) -> bytes:  # frozen value
    """A decision with its name block on the last page."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True, pageCompression=0)
    for page in range(1, layout.pages + 1):
        canvas.setPageRotation(layout.rotate)
        canvas.transform(*_UPRIGHT[layout.rotate])
        canvas.setFont(_font(), 13)
        canvas.drawCentredString(300, 780, "QUYẾT ĐỊNH")
        canvas.drawString(72, 740, f"Điều {page}. Nội dung quyết định.")
        if layout.sentence:
            canvas.drawString(72, 100, f"Giao ông {SIGNER} chịu trách nhiệm thi hành quyết định này.")
        if page == layout.pages and layout.name:
            canvas.drawString(72, layout.name_at[1], "- Lưu: VT.")
            canvas.drawCentredString(layout.name_at[0], layout.title_at, "CHỦ TỊCH")
            canvas.drawCentredString(*layout.name_at, layout.name)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@cache
def scan() -> bytes:
    """A scanned page: one picture, no text."""
    picture = Image.new("RGB", (1240, 1754), (252, 250, 244))
    ImageDraw.Draw(picture).text((400, 200), "QUYET DINH (ban quet)", fill=(20, 20, 20))
    out = io.BytesIO()
    picture.save(out, "PDF", resolution=150)
    return out.getvalue()


@cache
def large_scan() -> bytes:
    """Scanned pages of about 20 MB."""
    first, *others = (Image.effect_noise((2480, 2600 + extra), 90) for extra in range(4))
    out = io.BytesIO()
    first.save(out, "PDF", resolution=300, quality=93, save_all=True, append_images=others)
    return out.getvalue()


def office_made(folder: Path, html: str) -> bytes | None:
    """The same text through LibreOffice; None where it is not installed."""
    program = shutil.which("soffice")
    if program is None:
        return None
    source = folder / "paper.html"
    source.write_text(html, "utf-8")
    subprocess.run(
        [
            program,
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            "pdf:writer_web_pdf_Export",
            "--outdir",
            str(folder),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (folder / "paper.pdf").read_bytes()


OFFICE_HTML = f"""<html><head><meta charset="utf-8"></head><body><p align=center><b>QUYẾT ĐỊNH</b></p>
<p>Theo đề nghị của ông {SIGNER} về việc cấp giấy phép.</p>
<table width="100%"><tr><td valign=top><i>Nơi nhận:</i><br>- Lưu: VT.<br><br><br></td>
<td align=center><b>CHỦ TỊCH</b><br><br><br><br><br><b>{SIGNER}</b></td></tr></table></body></html>"""
