"""Attacks by clean incremental updates: shadow attacks, pages, annotations, the signature dictionary itself."""

from __future__ import annotations

import re

from tests.vectors.pdf_attacks.surgery import append_objects, dissect, object_of

PAGE = rb"/Type\s*/Page\b(?!s)"


def next_number(document: bytes) -> int:
    return max(int(size) for size in re.findall(rb"/Size (\d+)", document))


def shadow_replace_font(document: bytes) -> bytes:
    """Redefine the font, so that other glyphs are shown for the signed codes."""
    number, body = object_of(document, rb"/Type\s*/Font\b")
    return append_objects(document, {number: body.replace(b"/Helvetica", b"/ZapfDingbats")})


def shadow_hide_by_content(document: bytes) -> bytes:
    """Exchange the content stream of a page."""
    page = object_of(document, PAGE)[1]
    contents = re.search(rb"/Contents (\d+) 0 R", page)
    assert contents
    stream = b"BT /F1 12 Tf 72 700 Td (Amount: 1000000 VND) Tj ET"
    return append_objects(
        document, {int(contents[1]): b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)}
    )


def shadow_xref_swap(document: bytes) -> bytes:
    """Only a table: it lets the page's number point at its older copy inside the signed bytes."""
    number = object_of(document, PAGE)[0]
    older = document.index(b"\n%d 0 obj" % number) + 1
    root = re.findall(rb"/Root (\d+ 0 R)", document)[-1]
    facts = (number, older, next_number(document), root, dissect(document).startxref, len(document))
    return document + (
        b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d /Root %s /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % facts
    )


def page_added(document: bytes) -> bytes:
    pages_number, pages = object_of(document, rb"/Type\s*/Pages\b")
    page = object_of(document, PAGE)[1]
    new = next_number(document)
    grown = re.sub(rb"/Kids \[", b"/Kids [ %d 0 R " % new, pages)
    count = re.search(rb"/Count (\d+)", pages)
    assert count
    grown = grown.replace(count[0], b"/Count %d" % (int(count[1]) + 1))
    return append_objects(document, {new: page, pages_number: grown})


def page_removed(document: bytes) -> bytes:
    number, pages = object_of(document, rb"/Type\s*/Pages\b")
    return append_objects(document, {number: re.sub(rb"/Kids \[\s*\d+ 0 R", b"/Kids [", pages)})


def page_resized(document: bytes) -> bytes:
    number, page = object_of(document, PAGE)
    return append_objects(document, {number: re.sub(rb"/MediaBox \[[^\]]*\]", b"/MediaBox [0 0 200 200]", page)})


def with_annotation(document: bytes, note: bytes) -> bytes:
    """One more annotation on the first page."""
    number, page = object_of(document, PAGE)
    new = next_number(document)
    if b"/Annots [" in page:
        page = page.replace(b"/Annots [", b"/Annots [ %d 0 R " % new)
    else:
        page = page.replace(b"<<", b"<< /Annots [ %d 0 R ] " % new, 1)
    return append_objects(document, {new: note, number: page})


def annotation_overlay(document: bytes) -> bytes:
    """A FreeText annotation over the amount (EAA)."""
    note = b"<< /Type /Annot /Subtype /FreeText /Rect [72 690 300 720] /Contents (9000 VND) /DA (/Helv 12 Tf) >>"
    return with_annotation(document, note)


def catalogue_replaced(document: bytes) -> bytes:
    number, root = object_of(document, rb"/Type\s*/Catalog\b")
    return append_objects(document, {number: root.replace(b"<<", b"<< /OpenAction << /S /JavaScript /JS (app) >> ", 1)})


def signature_dictionary_replaced(document: bytes) -> bytes:
    """A later revision says that somebody else signed for another reason."""
    number, body = object_of(document, rb"/ByteRange")
    changed = re.sub(rb"/Reason \([^)]*\)|/Reason <[^>]*>", b"", body).replace(b"<<", b"<< /Reason (Forged) ", 1)
    return append_objects(document, {number: changed})


def signature_field_emptied(document: bytes) -> bytes:
    """The field loses its value: the document looks unsigned."""
    number, field = object_of(document, rb"/FT\s*/Sig")
    return append_objects(document, {number: re.sub(rb"/V \d+ 0 R", b"", field)})


def _drawn_empty_field(document: bytes, drawn: bytes) -> bytes:
    """One more empty signature field, which approval signatures allow, over the text of the page."""
    new = next_number(document)
    white = b"1 1 1 rg 0 0 500 100 re f"
    look = b"<< /Type /XObject /Subtype /Form /BBox [0 0 500 100] /Length %d >>\nstream\n%s\nendstream" % (
        len(white),
        white,
    )
    number, page = object_of(document, PAGE)
    field = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Next) /F 4 /Rect [50 690 550 790] /P %d 0 R %s >>" % (
        number,
        drawn % new if b"%d" in drawn else drawn,
    )
    form, catalogue = object_of(document, rb"/Fields \[")
    more = rb"\g<1> %d 0 R " % (new + 1)
    return append_objects(
        document,
        {
            new: look,
            new + 1: field,
            number: re.sub(rb"(/Annots \[)", more, page),
            form: re.sub(rb"(/Fields \[)", more, catalogue),
        },
    )


def sneaky_empty_field_with_a_picture(document: bytes) -> bytes:
    """The sneaky signature attack: nobody signs in the field, its picture covers the amount."""
    return _drawn_empty_field(document, b"/AP << /N %d 0 R >>")


def sneaky_empty_field_with_a_caption(document: bytes) -> bytes:
    return _drawn_empty_field(document, b"/MK << /BG [1 1 1] /CA (9000 VND) >>")


ATTACKS = (
    shadow_replace_font,
    shadow_hide_by_content,
    shadow_xref_swap,
    page_added,
    page_removed,
    page_resized,
    annotation_overlay,
    catalogue_replaced,
    signature_dictionary_replaced,
    signature_field_emptied,
    sneaky_empty_field_with_a_picture,
    sneaky_empty_field_with_a_caption,
)
