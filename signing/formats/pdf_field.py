"""
A new field in the form of a document and on one of its pages, written by our own writer.

Source: ISO 32000-2 §12.7.3 (form), §12.7.5.5 (signature fields), §12.5.2 (annotations of a page).
"""

from __future__ import annotations

import re

from signing.errors import DocumentRefused
from signing.formats.pdf_graph import Graph, Reference
from signing.formats.pdf_scan import RawDictionary, Unusual, reference, references
from signing.formats.pdf_text import read_text
from signing.formats.pdf_tokens import Document
from signing.formats.pdf_update import Update

FIELD_NAME, STAMP_NAME = "ChuKy", "DauThoiGian"
"""What new fields are called: of signatures, of time stamps over the document."""
VERSION = b"1.7"
_NOTHING = b"<<\n/Type /XObject\n/Subtype /Form\n/BBox [0 0 0 0]\n/Resources << >>\n/Length 0\n>>\nstream\n\nendstream"
"""A drawing without anything in it."""
_HEADER = re.compile(rb"%PDF-(\d\.\d)[\x00\t\n\x0c\r ]")


def page_of(graph: Graph, root: RawDictionary, number: int) -> tuple[Reference, list[RawDictionary]]:
    """A page and the nodes above it, nearest first. Raises: DocumentRefused: there is no such page."""
    try:
        return graph.page(root, number)
    except IndexError as error:
        raise no_such_page(number) from error


def no_such_page(number: int) -> DocumentRefused:
    """The refusal for a page that the document does not have."""
    return DocumentRefused(
        "visible_page",
        vi="Văn bản không có trang này. Vui lòng chọn lại trang đặt chữ ký.",
        en="The document has no such page. Please choose the page for the signature again.",
        hint=f"page {number}",
    )


def version_needed(document: Document, root: RawDictionary) -> dict[bytes, bytes | None]:
    """The version that signature and field need, for the catalogue of a file of an older one."""
    header = _HEADER.match(document[:16])
    named = root.get(b"Version")
    if header is None or (named is not None and not re.fullmatch(rb"/\d\.\d", named)):
        raise Unusual("a header or version of another kind")
    return {b"Version": b"/" + VERSION} if max(header[1], (named or b"/")[1:]) < VERSION else {}


def empty_look(document: Document, root: RawDictionary, update: Update) -> bytes:
    """
    The entry that says that an invisible field looks like nothing, where that must be said: PDF/A-1 wants an appearance
    of every field (ISO 19005-1 §6.9), and is PDF 1.4 with metadata.
    """
    header = _HEADER.match(document[:16])
    if header is None or header[1] > b"1.4" or root.get(b"Metadata") is None:
        return b""
    number = update.number()
    update.add(number, _NOTHING)
    return b"\n/AP << /N %d 0 R >>" % number


def into_form(
    graph: Graph, root: RawDictionary, update: Update, field: int, in_root: dict[bytes, bytes | None], called: str
) -> bytes:
    """Put the field into the form, and make one if there is none. Returns: its name, `called` and a number."""
    form = graph.child(root, b"AcroForm")
    if form is None:
        number = update.number()
        in_root[b"AcroForm"] = b"%d 0 R" % number
        update.add(number, b"<<\n/Fields [%d 0 R]\n/SigFlags 3\n>>" % field)
        return b"%s1" % called.encode()
    fields = graph.array_of(form, b"Fields") or b"[]"
    name = _free_name(graph, references(fields), called)
    changes: dict[bytes, bytes | None] = {}
    longer = b"%s %d 0 R]" % (fields[:-1], field)
    at = reference(form.get(b"Fields"))
    if at:
        update.add(at[0], longer, at[1])
    else:
        changes[b"Fields"] = longer
    if form.get(b"SigFlags") != b"3":
        changes[b"SigFlags"] = b"3"
    if form.get(b"NeedAppearances") is not None:
        changes[b"NeedAppearances"] = None  # a viewer would draw the fields anew and so change what was signed
    if changes:
        at = reference(root.get(b"AcroForm"))
        if at:
            update.add(at[0], form.edited(changes), at[1])
        else:
            in_root[b"AcroForm"] = form.edited(changes)
    return name


def _free_name(graph: Graph, fields: list[Reference], called: str) -> bytes:
    """The first of that name with 1, 2, … that no field bears."""
    taken = set()
    for at in fields:
        field = graph.dictionary(at)
        text = field.get(b"T")
        if text is None:
            raise Unusual("a field without a name")  # then its kids have names of the first rank
        if field.get(b"FT") == b"/Sig" and _lays_down(graph, field):
            raise Unusual("a signature that lays down terms")
        taken.add(read_text(text))
    number = 1
    while (name := f"{called}{number}") in taken:
        number += 1
    return name.encode()


def _lays_down(graph: Graph, field: RawDictionary) -> bool:
    """Whether a field, or the signature in it, says what may still be done."""
    if b"Lock" in field or b"Kids" in field:
        return True
    signature = graph.child(field, b"V")
    return signature is not None and b"Reference" in signature


def check_unsigned(graph: Graph, root: RawDictionary) -> None:
    """Raises: SignatureRefused("certify_not_first"): a field is signed; Unusual: fields in a tree."""
    form = graph.child(root, b"AcroForm")
    for at in references((form and graph.array_of(form, b"Fields")) or b"[]"):
        field = graph.dictionary(at)
        if b"Kids" in field:
            raise Unusual("fields in a tree")
        if field.get(b"FT") == b"/Sig" and field.get(b"V") is not None:
            from signing.formats.pdf_refusals import not_the_first  # its library is loaded when it is needed

            raise not_the_first()


def onto_page(graph: Graph, at: Reference, page: RawDictionary, update: Update, field: int) -> None:
    """Put the widget on the page: into its array of annotations where that is an object of its own."""
    annotations = graph.array_of(page, b"Annots") or b"[]"
    longer = b"%s %d 0 R]" % (annotations[:-1], field)
    array_at = reference(page.get(b"Annots"))
    if array_at:
        update.add(array_at[0], longer, array_at[1])
    else:
        update.add(at[0], page.edited({b"Annots": longer}), at[1])
