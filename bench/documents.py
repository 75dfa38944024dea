"""Documents to sign, of any size."""

from __future__ import annotations

import io
import os

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


def image_document(size: int) -> bytes:
    """A PDF of about that many bytes: two pages of text and one picture that does not compress, as a scanner makes."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for page in range(2):
        for line in range(40):
            canvas.drawString(72, 780 - 17 * line, f"{page}.{line} " + "Quyet dinh ve viec cong bo thu tuc hanh chinh")
        canvas.showPage()
    canvas.save()
    whole = buffer.getvalue()
    filler = max(0, size - len(whole))
    return _with_image(whole, os.urandom(filler)) if filler else whole


def _with_image(document: bytes, data: bytes) -> bytes:
    """Append the bytes as an image in a revision of their own, referenced from the catalogue."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    values = {"Subtype": "Image", "ColorSpace": "DeviceGray", "Filter": "DCTDecode"}
    words = {generic.pdf_name(f"/{key}"): generic.pdf_name(f"/{value}") for key, value in values.items()}
    numbers = {generic.pdf_name(f"/{key}"): generic.NumberObject(8) for key in ("Width", "Height", "BitsPerComponent")}
    image = writer.add_object(generic.StreamObject({**words, **numbers}, encoded_data=data))
    writer.root[generic.NameObject("/BenchData")] = image
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
