"""Attacks on the agreement of readers: cycles, two ends, hidden formats, odd gaps, objects by another way, active content."""

from __future__ import annotations

import io
import re
import zipfile

from tests.vectors.pdf_attacks.objects import PAGE, next_number, with_annotation
from tests.vectors.pdf_attacks.surgery import append_objects, dissect, object_of, with_gap

_TABLE = b"xref\n0 0\ntrailer\n<< /Size %d /Root %s /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"


def _root(document: bytes) -> bytes:
    return re.findall(rb"/Root (\d+ 0 R)", document)[-1]


def prev_leads_to_itself(document: bytes) -> bytes:
    here = len(document)
    return document + _TABLE % (next_number(document), _root(document), here, here)


def prev_leads_past_the_signature(document: bytes) -> bytes:
    """The chain skips the revision that was signed, as if it had never been."""
    first = int(re.findall(rb"startxref\s+(\d+)", document)[0])
    return document + _TABLE % (next_number(document), _root(document), first, len(document))


def two_ends(document: bytes) -> bytes:
    """A second startxref right behind the first: readers take the last, or the first."""
    first = int(re.findall(rb"startxref\s+(\d+)", document)[0])
    return document + b"startxref\n%d\n%%%%EOF\n" % first


def an_end_inside_a_comment(document: bytes) -> bytes:
    return document + b"% startxref\n%0\n"


def page_from_an_object_stream(document: bytes) -> bytes:
    """A stream with a new copy of the page, and a table of streams that leads there."""
    number, page = object_of(document, PAGE)
    held = re.sub(rb"/MediaBox \[[^\]]*\]", b"/MediaBox [0 0 100 100]", page)
    holder, table, here = next_number(document), next_number(document) + 1, len(document)
    inside = b"%d 0 " % number + held
    stream = b"%d 0 obj\n<< /Type /ObjStm /N 1 /First %d /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        holder,
        len(b"%d 0 " % number),
        len(inside),
        inside,
    )
    rows = [(2, holder, 0), (1, here, 0), (1, here + len(stream), 0)]
    data = b"".join(bytes((kind,)) + where.to_bytes(4, "big") + bytes((nth,)) for kind, where, nth in rows)
    head = b"/Type /XRef /W [1 4 1] /Index [%d 1 %d 2] /Size %d /Root %s /Prev %d /Length %d" % (
        *(number, holder, table + 1, _root(document), dissect(document).startxref, len(data)),
    )
    written = b"%d 0 obj\n<< %s >>\nstream\n%s\nendstream\nendobj\n" % (table, head, data)
    return document + stream + written + b"startxref\n%d\n%%%%EOF\n" % (here + len(stream))


def zip_behind(document: bytes) -> bytes:
    """A file that is a PDF and a ZIP."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        packed.writestr("index.html", "<h1>9.000.000</h1>")
    return document + held.getvalue()


def page_of_the_web_in_front(document: bytes) -> bytes:
    return b"<html><body>9.000.000</body><!--\n" + document


def header_twice(document: bytes) -> bytes:
    return b"%PDF-1.7\n" + document


def contents_as_text(document: bytes) -> bytes:
    start, end = dissect(document).gap
    return with_gap(document, b"(" + bytes.fromhex(document[start + 1 : end - 1].decode())[: (end - start) // 4] + b")")


def contents_in_brackets(document: bytes) -> bytes:
    start, end = dissect(document).gap
    return document[:start] + b"<<" + document[start + 1 : end - 2] + b">" + document[end - 1 : end] + document[end:]


def contents_with_a_comment(document: bytes) -> bytes:
    """What follows the value stands in the gap too, behind a percent sign."""
    _start, end = dissect(document).gap
    return document[: end - 9] + b">%hidden" + document[end - 1 :]


def contents_that_are_no_digits(document: bytes) -> bytes:
    _start, end = dissect(document).gap
    return document[: end - 9] + b"ZZZZZZZZ" + document[end - 1 :]


def pages_in_another_order(document: bytes) -> bytes:
    number, pages = object_of(document, rb"/Type\s*/Pages\b")
    first, second = re.findall(rb"\d+ 0 R", re.findall(rb"/Kids \[([^\]]*)\]", pages)[0])
    swapped = pages.replace(first, b"@").replace(second, first).replace(b"@", second)
    return append_objects(document, {number: swapped})


def form_of_xfa(document: bytes) -> bytes:
    """A dynamic form beside the form: some readers show it instead."""
    number, form = object_of(document, rb"/SigFlags")
    new = next_number(document)
    data = b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>"
    stream = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)
    return append_objects(document, {number: form.replace(b"/SigFlags", b"/XFA %d 0 R /SigFlags" % new), new: stream})


def link_that_runs(document: bytes) -> bytes:
    """An annotation with an action (EAA)."""
    note = b"<< /Type /Annot /Subtype /Link /Rect [0 0 600 800] /A << /S /JavaScript /JS (app.alert\\(1\\)) >> >>"
    return with_annotation(document, note)


def value_of_another_field(document: bytes) -> bytes:
    """A second field that leads to the first one's signature (field /V exchanged)."""
    number, form = object_of(document, rb"/SigFlags")
    (value,) = re.findall(rb"/V (\d+ 0 R)", document)[-1:]
    new = next_number(document)
    field = b"<< /FT /Sig /T (Second) /V %s /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /F 132 >>" % value
    return append_objects(document, {number: form.replace(b"/Fields [", b"/Fields [ %d 0 R " % new), new: field})


ATTACKS = (
    prev_leads_to_itself,
    prev_leads_past_the_signature,
    two_ends,
    an_end_inside_a_comment,
    page_from_an_object_stream,
    zip_behind,
    page_of_the_web_in_front,
    header_twice,
    contents_as_text,
    contents_in_brackets,
    contents_with_a_comment,
    contents_that_are_no_digits,
    pages_in_another_order,
    form_of_xfa,
    link_that_runs,
    value_of_another_field,
)
