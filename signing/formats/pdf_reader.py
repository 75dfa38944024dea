"""
Open a PDF with the library, and say whether every other reader will find the same objects without repairing anything.

The library's strict mode refuses some harmless habits of real producers (Pillow writes generation 65536 for object 0),
its lenient mode repairs. So: strict if possible, else lenient, but then our own check of every place decides.
"""

from __future__ import annotations

import io
import mmap
import re

from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.sign.fields import enumerate_sig_fields

from signing.errors import DocumentRefused
from signing.formats import pdf_hex
from signing.formats.pdf_opening import Reader
from signing.formats.pdf_tokens import HEADER, Document, skip_blanks

MEBIBYTE = 1024 * 1024
LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=64 * MEBIBYTE),
    document_budget=DocumentDecodeBudget(base_allowance=256 * MEBIBYTE, max_ratio=20),
)
MOST_READS = 1_500_000
_TABLE = re.compile(rb"xref[\x00\t\n\x0c\r ]")


class ReadBudgetSpent(Exception):
    """The library asked for more single reads than an honest file needs."""


class CountedStream(io.BytesIO):
    """
    A document that can be read MOST_READS times, then no more.

    The library reads tokens byte by byte, a few hundred thousand a second; this bounds the time that a file of 25
    megabytes of tokens, or one whose objects are visited again and again, can take. A page of an honest file needs some
    three hundred reads, an object some hundred and fifty.
    """

    def __init__(self, document: bytes) -> None:
        super().__init__(document)
        self.document = document
        self._left = MOST_READS

    def read(self, size: int | None = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise ReadBudgetSpent
        return super().read(size)


class CountedMap(io.RawIOBase):
    """The same for a mapped file: nothing of it is held but what is read."""

    def __init__(self, document: mmap.mmap) -> None:
        self.document = document
        self._at, self._left = 0, MOST_READS

    def read(self, size: int | None = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise ReadBudgetSpent
        end = len(self.document) if size is None or size < 0 else min(self._at + size, len(self.document))
        found = self.document[self._at : end]
        self._at = max(self._at, end)
        return found

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self.document)}[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


pdf_hex.install()


def open_reader(document: Document, password: str = "") -> tuple[Reader, bool]:
    """
    password: for a document that is encrypted.
    Returns: the reader, and whether the file is sound: each cross-reference section and each object stands exactly
             where it is said to stand, so that no reader has a reason to rebuild the file in its own way.
    Raises:  DocumentRefused: the password, or the encryption (pdf_opening); whatever the library raises when even its
             lenient mode cannot open the file.
    """
    stream = CountedStream(document) if isinstance(document, bytes) else CountedMap(document)
    try:
        reader = Reader(stream, True, LIMITS, password)
        list(enumerate_sig_fields(reader))
    except (MemoryError, DocumentRefused):
        raise
    except (Exception, RecursionError):  # the strict mode fails in many ways; the lenient one gets its turn
        reader = Reader(stream, False, LIMITS, password)
        _ = reader.encrypted  # opens it
    return reader, _is_sound(document, reader)


def _is_sound(document: Document, reader: Reader) -> bool:
    if document[:5] != b"%PDF-":
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
