"""Annotations added to a signed PDF, as people and as attackers add them."""

from __future__ import annotations

import io
from collections.abc import Callable

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests import signing_pdfs as pdfs

Change = Callable[[IncrementalPdfFileWriter, generic.DictionaryObject], None]


def numbers(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject(generic.FloatObject(str(value)) for value in values)


def drawing(writer: IncrementalPdfFileWriter, **more: generic.PdfObject) -> generic.IndirectObject:
    """A white box: the appearance that hides what is below."""
    entries: dict[str, generic.PdfObject] = {
        "/Type": pdf_name("/XObject"),
        "/Subtype": pdf_name("/Form"),
        "/BBox": numbers(0, 0, 300, 40),
    }
    entries |= {f"/{key}": value for key, value in more.items()}
    named = {pdf_name(key): value for key, value in entries.items()}
    return writer.add_object(generic.StreamObject(named, stream_data=b"1 g 0 0 300 40 re f"))


def annotation(writer: IncrementalPdfFileWriter, kind: str, **more: generic.PdfObject) -> generic.IndirectObject:
    """A new one of that kind over the text of the page."""
    entries: dict[str, generic.PdfObject] = {
        "/Type": pdf_name("/Annot"),
        "/Subtype": pdf_name(f"/{kind}"),
        "/Rect": numbers(60, 690, 360, 730),
        "/Contents": generic.TextStringObject("Amount: 9000 VND"),
        "/AP": generic.DictionaryObject({pdf_name("/N"): drawing(writer)}),
    }
    entries |= {f"/{key}": value for key, value in more.items()}
    return writer.add_object(generic.DictionaryObject({pdf_name(key): value for key, value in entries.items()}))


def listed(page: generic.DictionaryObject) -> generic.ArrayObject:
    """The annotations of the page, to be added to."""
    if "/Annots" not in page:
        page[pdf_name("/Annots")] = generic.ArrayObject()
    found = page["/Annots"]
    assert isinstance(found, generic.ArrayObject)
    return found


def adds(kind: str, **more: Callable[[IncrementalPdfFileWriter], generic.PdfObject]) -> Change:
    def change(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
        made = {key: make(writer) for key, make in more.items()}
        listed(page).append(annotation(writer, kind, **made))

    return change


def changed(document: bytes, *changes: Change) -> bytes:
    """One more revision: changes of the first page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    reference = writer.root["/Pages"]["/Kids"].raw_get(0)
    page = reference.get_object()
    for change in changes:
        change(writer, page)
    writer.mark_update(reference)
    if "/Annots" in page and isinstance(page.raw_get("/Annots"), generic.IndirectObject):
        writer.mark_update(page.raw_get("/Annots"))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_note() -> bytes:
    """A document with an annotation before it is signed."""
    return changed(pdfs.plain(), adds("FreeText"))


def first_annotation(page: generic.DictionaryObject) -> generic.DictionaryObject:
    found = listed(page)[0]
    assert isinstance(found, generic.DictionaryObject)
    return found
