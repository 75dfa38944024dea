"""Documents of many makes and shapes, by name, for whatever must do the same with all of them."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests import signing_pdfs as pdfs

QPDF = shutil.which("qpdf")


def written(objects: dict[int, bytes], root: int = 1, trailer: bytes = b"", version: bytes = b"1.7") -> bytes:
    """A file with these objects and one table."""
    out = bytearray(b"%%PDF-%s\n" % version)
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size, table = max(objects) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 00001 f \n"
    out += b"trailer\n<< /Size %d /Root %d 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (size, root, trailer, table)
    return bytes(out)


def tree(page: bytes = b"", catalogue: bytes = b"", more: dict[int, bytes] | None = None) -> bytes:
    """Three pages under a tree three deep; `page` stands in the first, `catalogue` in the catalogue."""
    return written(
        {
            1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue,
            2: b"<</Type /Pages /Kids [3 0 R 6 0 R] /Count 3 /MediaBox [0 0 400 500] % the root of the tree\n>>",
            3: b"<< /Type /Pages /Parent 2 0 R /Kids[4 0 R] /Count 1 /Rotate 270 >>",
            4: b"<< /Type /Pages /Parent 3 0 R /Kids [ 5 0 R ] /Count 1 /CropBox [10 10 390.5 490.25] >>",
            5: b"<< /Type /Page /Parent 4 0 R /Resources << >> %s>>" % page,
            6: b"<< /Type /Pages /Parent 2 0 R /Kids [7 0 R 8 0 R] /Count 2 >>",
            7: b"<< /Type /Page /Parent 6 0 R /Resources << /ProcSet [/PDF] >> >>",
            8: b"<< /Type /Page /Parent 6 0 R /Annots [ 15 0 R ] >>",
            15: b"<< /Type /Annot /Subtype /Square /Rect [0 0 9 9] /P 8 0 R /Contents (a \\( b) >>",
            **(more or {}),
        }
    )


TEXT_FIELD = b"<< /FT /Tx /T %s /V (x) /Subtype /Widget /Type /Annot /Rect [9 9 99 20] /F 4 /P 5 0 R >>"


def shapes() -> dict[str, bytes]:
    """Made by hand: how form, fields, annotations and trailer may stand in a file."""
    field = {9: TEXT_FIELD % b"(name)"}
    fields = {9: TEXT_FIELD % b"(ChuKy1)", 10: b"<< /FT /Tx /T (ChuKy3) >>", 11: b"[9 0 R 10 0 R]"}
    return {
        "deep tree": tree(),
        "annotations apart": tree(b"/Annots 9 0 R", more={9: b"[ ]"}),
        "annotations null": tree(b"/Annots null"),
        "form in the catalogue": tree(b"/Annots [9 0 R]", b"/AcroForm<</Fields[9 0 R]/DA(/Helv 0 Tf)>>", field),
        "form apart, fields apart": tree(
            b"/Annots 12 0 R", b"/AcroForm 13 0 R", fields | {12: b"[9 0 R]", 13: b"<< /Fields 11 0 R /SigFlags 3 >>"}
        ),
        "form without fields": tree(b"", b"/AcroForm 9 0 R", {9: b"<< /NeedAppearances true /SigFlags 1 >>"}),
        "name in UTF-16": tree(b"", b"/AcroForm 10 0 R", {9: TEXT_FIELD % b"<FEFF0048>", 10: b"<</Fields [9 0 R]>>"}),
        "name escaped": tree(b"", b"/AcroForm 10 0 R", {9: TEXT_FIELD % rb"(\103huKy1)", 10: b"<</Fields [9 0 R]>>"}),
        "comment last": tree(b"/Tabs /S % /Annots [15 0 R]\n"),
        "old version": tree().replace(b"%PDF-1.7", b"%PDF-1.4", 1),
        "version named": tree(b"", b"/Version/1.6").replace(b"%PDF-1.7", b"%PDF-1.4", 1),
        "no newline at the end": tree().rstrip(),
        "blanks at the end": tree() + b"\r\n  \n",
        "identity": written(
            {1: b"<</Type/Catalog/Pages 2 0 R>>", **PAGES}, trailer=b"/ID [ (a\\)b) <00>] /Custom << /A [ (]) ] >> "
        ),
    }


PAGES = {
    2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>",
}


def revised(document: bytes, times: int = 3) -> bytes:
    """The same with revisions appended by another program."""
    for turn in range(times):
        writer = IncrementalPdfFileWriter(io.BytesIO(document))
        writer.root[pdf_name(f"/Turn{turn}")] = writer.add_object(generic.NumberObject(turn))
        writer.update_root()
        out = io.BytesIO()
        writer.write(out)
        document = out.getvalue()
    return document


def qpdf(document: bytes, *options: str) -> bytes:
    """The document rewritten by qpdf."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.pdf"), Path(folder, "after.pdf")
        before.write_bytes(document)
        assert QPDF is not None
        subprocess.run([QPDF, "--deterministic-id", *options, before, after], check=True, capture_output=True)
        return after.read_bytes()


@cache
def family() -> dict[str, bytes]:
    """All of them. What qpdf makes is in it where qpdf is installed."""
    found = {
        "reportlab": pdfs.plain(),
        "rotated": pdfs.plain(2, 90),
        "Pillow": pdfs.scanned(),
        "reportlab form": pdfs.with_form(),
        "pyHanko streams": pdfs.compressed(),
        "revised": revised(pdfs.plain()),
        "streams revised": revised(pdfs.compressed()),
        **shapes(),
    }
    if QPDF is not None:
        packed = "--object-streams=generate"
        found |= {
            "qpdf": qpdf(pdfs.plain(3)),
            "qpdf streams": qpdf(pdfs.plain(3), packed),
            "qpdf form in streams": qpdf(pdfs.with_form(), packed),
            "qpdf linear": qpdf(pdfs.plain(3), "--linearize"),
            "qpdf linear streams": qpdf(pdfs.with_form(), "--linearize", packed),
            "qpdf unpacked": qpdf(pdfs.plain(3), packed, "--stream-data=uncompress"),
            "qpdf streams revised": revised(qpdf(pdfs.plain(40), packed)),
        }
    return found
