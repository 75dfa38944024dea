"""
Open a PDF with the library, and say whether every other reader will find the same objects without repairing anything.

The library's strict mode refuses some harmless habits of real producers (Pillow writes generation 65536 for object 0),
its lenient mode repairs. So: strict if possible, else lenient, but then our own check of every place decides.
"""

from __future__ import annotations

import io
import re

from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from signing.formats.pdf_tokens import HEADER, skip_blanks

MEBIBYTE = 1024 * 1024
LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=64 * MEBIBYTE),
    document_budget=DocumentDecodeBudget(base_allowance=256 * MEBIBYTE, max_ratio=20),
)
_TABLE = re.compile(rb"xref[\x00\t\n\x0c\r ]")


def open_reader(document: bytes) -> tuple[PdfFileReader, bool]:
    """
    Returns: the reader, and whether the file is sound: each cross-reference section and each object stands exactly
             where it is said to stand, so that no reader has a reason to rebuild the file in its own way.
    Raises:  whatever the library raises when even its lenient mode cannot open the file.
    """
    try:
        reader = PdfFileReader(io.BytesIO(document), strict=True, decode_limits=LIMITS)
        list(enumerate_sig_fields(reader))
    except (Exception, RecursionError):  # the strict mode fails in many ways; the lenient one gets its turn
        reader = PdfFileReader(io.BytesIO(document), strict=False, decode_limits=LIMITS)
    return reader, _is_sound(document, reader)


def _is_sound(document: bytes, reader: PdfFileReader) -> bool:
    if not document.startswith(b"%PDF-"):
        return False
    xrefs = reader.xrefs
    for number in range(xrefs.total_revisions):
        place = skip_blanks(document, int(xrefs.get_startxref_for_revision(number)))
        if not _TABLE.match(document, place) and not HEADER.match(document, place):
            return False
        for object_number, (generation, offset) in xrefs.get_xref_data(number).standard_xrefs.items():
            if offset == 0:
                continue  # written by some producers for objects that do not exist; every reader takes it as null
            header = HEADER.match(document, skip_blanks(document, offset))
            if header is None or (int(header[1]), int(header[2])) != (object_number, generation):
                return False
    return True
