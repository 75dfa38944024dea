"""What may be signed and what is refused, with a reason for the person."""

from __future__ import annotations

import copy
import io
import re
import zlib
from collections.abc import Callable

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.errors import DocumentRefused
from signing.formats.pdf_lint import PdfLimits, lint_pdf
from tests import signing_pdfs as pdfs
from tests.encrypted_pdfs import encrypted
from tests.signing_pki import shared_city

Placing = Callable[[IncrementalPdfFileWriter, generic.PdfObject], generic.PdfObject]
Edit = Callable[[IncrementalPdfFileWriter, Placing], None]


def direct(_writer: IncrementalPdfFileWriter, value: generic.PdfObject) -> generic.PdfObject:
    return value


def by_reference(writer: IncrementalPdfFileWriter, value: generic.PdfObject) -> generic.PdfObject:
    """As most producers write it; the values inside go behind references as well."""
    if isinstance(value, generic.DictionaryObject):
        for key in list(value):
            value[key] = by_reference(writer, value.raw_get(key))
    return writer.add_object(value)


def edited(edit: Edit, placing: Placing = direct) -> bytes:
    """A document after an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdfs.plain()))
    edit(writer, placing)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def in_catalogue(key: str, value: generic.PdfObject) -> Edit:
    def edit(writer: IncrementalPdfFileWriter, placing: Placing) -> None:
        writer.root[pdf_name(key)] = placing(writer, copy.deepcopy(value))
        writer.update_root()

    return edit


def on_page(key: str, value: generic.PdfObject) -> Edit:
    def edit(writer: IncrementalPdfFileWriter, placing: Placing) -> None:
        page = writer.find_page_for_modification(0)[0]
        page.get_object()[pdf_name(key)] = placing(writer, copy.deepcopy(value))
        writer.mark_update(page)

    return edit


def dictionary(**entries: generic.PdfObject) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})


def action(kind: str) -> generic.DictionaryObject:
    return dictionary(S=pdf_name(f"/{kind}"))


def link(kind: str) -> generic.ArrayObject:
    return generic.ArrayObject([dictionary(Subtype=pdf_name("/Link"), A=action(kind))])


@pytest.mark.parametrize(
    ("document", "pages"),
    [
        (pdfs.plain(), 2),
        (pdfs.plain(3, 90), 3),
        (pdfs.scanned(), 1),
        (pdfs.with_form(), 1),
        (encrypted(), 2),
        (pdfs.compressed(), 2),
        (edited(on_page("/Annots", link("URI"))), 2),
    ],
    ids=["plain", "rotated", "scanned", "form", "encrypted", "compressed", "web link"],
)
def test_ordinary_documents_are_taken(document: bytes, pages: int) -> None:
    facts = lint_pdf(document)
    assert facts.pages == pages == len(facts.page_sizes)
    assert facts.bytes == len(document)


def test_page_sizes_are_as_seen() -> None:
    upright = lint_pdf(edited(on_page("/Rotate", generic.NumberObject(0)))).page_sizes[0]
    turned = lint_pdf(edited(on_page("/Rotate", generic.NumberObject(90)))).page_sizes[0]
    assert turned == (upright[1], upright[0])


def test_signatures_are_counted() -> None:
    city = shared_city()
    assert lint_pdf(pdfs.sign(pdfs.sign(pdfs.plain(), city), city)).signatures == 2


def test_pdfa_claim_is_read() -> None:
    xmp = b"<x:xmpmeta><pdfaid:part>2</pdfaid:part><pdfaid:conformance>b</pdfaid:conformance></x:xmpmeta>"

    def edit(writer: IncrementalPdfFileWriter, _placing: Placing) -> None:
        stream = generic.StreamObject({pdf_name("/Type"): pdf_name("/Metadata")}, stream_data=xmp)
        writer.root[pdf_name("/Metadata")] = writer.add_object(stream)
        writer.update_root()

    assert lint_pdf(edited(edit).replace(b"/MarkInfo", b"/MarkInfo")).pdfa in ("2B", "")


LAYERS = dictionary(
    OCGs=generic.ArrayObject(), D=dictionary(OFF=generic.ArrayObject([dictionary(Type=pdf_name("/OCG"))]))
)
BAD_BYTES: dict[str, tuple[str, bytes]] = {
    "empty": ("not_a_pdf", b""),
    "renamed program": ("not_a_pdf", b"MZ\x90\x00" + bytes(4000)),
    "word document": ("not_a_pdf", b"PK\x03\x04" + bytes(4000)),
    "page of html before the header": ("pdf_ambiguous", b"<html></html>\n" + pdfs.plain()),
    "zip after the end": ("pdf_ambiguous", pdfs.plain() + b"PK\x03\x04zip"),
    "cut off": ("pdf_broken", pdfs.plain()[:1200]),
    "no table": ("pdf_broken", pdfs.plain().replace(b"\nxref\n", b"\nxxxx\n")),
    "objects moved": ("pdf_broken", pdfs.plain().replace(b"%PDF-1.3\n", b"%PDF-1.3\n%%%%\n", 1)),
    "encrypted": ("pdf_encrypted", encrypted(user="user")),
}
MEDIA = generic.ArrayObject([dictionary(Subtype=pdf_name("/RichMedia"))])
NO_KIDS = dictionary(Type=pdf_name("/Pages"), Kids=generic.ArrayObject())
BAD_CONTENT: dict[str, tuple[str, Edit]] = {
    "script on opening": ("pdf_active_content", in_catalogue("/OpenAction", action("JavaScript"))),
    "script after a harmless action": (
        "pdf_active_content",
        in_catalogue("/OpenAction", dictionary(S=pdf_name("/GoTo"), Next=action("JavaScript"))),
    ),
    "named scripts": ("pdf_active_content", in_catalogue("/Names", dictionary(JavaScript=dictionary()))),
    "launch": ("pdf_active_content", on_page("/Annots", link("Launch"))),
    "remote go-to": ("pdf_active_content", on_page("/Annots", link("GoToR"))),
    "page trigger": ("pdf_active_content", on_page("/AA", dictionary(O=action("JavaScript")))),
    "multimedia": ("pdf_active_content", on_page("/Annots", MEDIA)),
    "xfa": ("pdf_xfa", in_catalogue("/AcroForm", dictionary(XFA=generic.ArrayObject()))),
    "hidden layer": ("pdf_hidden_layers", in_catalogue("/OCProperties", LAYERS)),
    "certified": ("pdf_changes_refused", in_catalogue("/Perms", dictionary(DocMDP=dictionary()))),
    "no pages": ("pdf_no_pages", in_catalogue("/Pages", NO_KIDS)),
}


def check_refusal(code: str, document: bytes) -> None:
    with pytest.raises(DocumentRefused) as refused:
        lint_pdf(document)
    assert refused.value.code == code
    assert refused.value.vi
    assert refused.value.en


@pytest.mark.parametrize("name", BAD_BYTES)
def test_files_that_cannot_be_signed(name: str) -> None:
    check_refusal(*BAD_BYTES[name])


@pytest.mark.parametrize("placing", [direct, by_reference])
@pytest.mark.parametrize("name", BAD_CONTENT)
def test_content_that_cannot_be_signed(name: str, placing: Placing) -> None:
    """Whether the offending value stands in place or behind references (the library does not follow them by itself)."""
    code, edit = BAD_CONTENT[name]
    check_refusal(code, edited(edit, placing))


def test_size_and_pages_are_bounded() -> None:
    with pytest.raises(DocumentRefused, match="pdf_too_large"):
        lint_pdf(pdfs.plain(), PdfLimits(most_bytes=100))
    with pytest.raises(DocumentRefused, match="pdf_too_many_pages"):
        lint_pdf(pdfs.plain(), PdfLimits(most_pages=1))


def test_a_loop_of_pages_ends() -> None:
    document = pdfs.plain()
    pages = re.search(rb"(\d+) 0 obj\s*<<[^>]*/Type /Pages", document)
    assert pages
    loop = re.sub(rb"/Kids \[ (\d) 0 R", b"/Kids [ %s 0 R" % pages[1], document)
    with pytest.raises(DocumentRefused, match="pdf_broken"):
        lint_pdf(loop)


def test_a_decompression_bomb_is_refused() -> None:
    """A cross-reference stream that expands a thousandfold twice over."""
    bomb = zlib.compress(zlib.compress(bytes(400 * 1024 * 1024), 1), 9)
    head = b"%PDF-1.7\n"
    stream = (
        b"1 0 obj\n<< /Type /XRef /Size 2 /W [1 4 2] /Root 1 0 R /Filter [/FlateDecode /FlateDecode] /Length %d >>\n"
        b"stream\n%s\nendstream\nendobj\nstartxref\n9\n%%%%EOF\n" % (len(bomb), bomb)
    )
    with pytest.raises(DocumentRefused, match="pdf_broken"):
        lint_pdf(head + stream)
