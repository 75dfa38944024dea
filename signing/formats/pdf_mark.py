"""
Printing a mark at the foot of the last page, by an incremental update, before a document is signed.

The mark stands in the lower margin, outside the field of text of Decree 30/2020/ND-CP; what is there already is not
touched. The page's own graphics state is put aside around it.
Source: ISO 32000-2 §7.5.6, §8.4.2 (q, Q), §8.10 (form XObjects).
"""

from __future__ import annotations

import io

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.formats.pdf_opening import check_may_add_fields
from signing.formats.pdf_prepare import Incremental
from signing.formats.pdf_reader import open_reader
from signing.formats.pdf_refusals import refuse, trapping_library_errors
from signing.formats.pdf_visible import page_view

LEFT, BOTTOM = 85.0, 6.0
"""Points from the corner of the page as it is seen: 30 mm is the left margin."""
NAME = "/AnTinMark"


def print_mark(document: bytes, mark: bytes, password: str = "") -> bytes:
    """
    mark: a PDF of one page. password: for a document that is encrypted. Returns the document with an update after it.

    Raises: DocumentRefused: it may not be changed (pdf_opening), the last page is turned or smaller than the mark, or
            the library cannot read the file.
    """
    with trapping_library_errors():
        reader, _sound = open_reader(document, password)
        check_may_add_fields(reader)
        writer = Incremental.from_reader(reader)
        last = int(reader.root["/Pages"]["/Count"]) - 1
        page = writer.find_page_for_modification(last)[0].get_object()
        drawn = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(mark)))
        width = float(writer.get_object(drawn.reference)["/BBox"][2])
        view = page_view(page)
        if view.rotate or view.width < LEFT + width:
            raise refuse("pdf_no_room_for_mark")
        left, bottom = view.crop[0] + LEFT, view.crop[1] + BOTTOM
        resources = generic.DictionaryObject({pdf_name("/XObject"): generic.DictionaryObject({pdf_name(NAME): drawn})})
        aside = generic.StreamObject(stream_data=b"q\n")
        shown = generic.StreamObject(stream_data=f"\nQ q 1 0 0 1 {left:.2f} {bottom:.2f} cm {NAME} Do Q\n".encode())
        writer.add_stream_to_page(last, writer.add_object(aside), prepend=True)
        writer.add_stream_to_page(last, writer.add_object(shown), resources)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()
