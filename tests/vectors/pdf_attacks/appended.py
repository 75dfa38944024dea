"""ISA (incremental saving) attacks: bytes after the signed revision that some readers honour and others overlook."""

from __future__ import annotations

import re

from tests.vectors.pdf_attacks.surgery import append_objects, dissect, object_of

_PAGE = rb"/Type\s*/Page\b(?!s)"


def _forged_page(document: bytes) -> tuple[int, bytes]:
    """The first page's object, turned into an empty one."""
    number, body = object_of(document, _PAGE)
    return number, re.sub(rb"/Contents \d+ 0 R", b"", body)


def isa_object_only(document: bytes) -> bytes:
    """No xref, no trailer: strict readers never see it, repairing ones might."""
    number, body = _forged_page(document)
    return document + b"%d 0 obj\n%s\nendobj\n" % (number, body)


def isa_object_and_trailer(document: bytes) -> bytes:
    number, body = _forged_page(document)
    root = re.findall(rb"/Root (\d+ 0 R)", document)[-1]
    return document + b"%d 0 obj\n%s\nendobj\ntrailer\n<< /Root %s /Size 99 >>\n" % (number, body, root)


def isa_object_and_old_startxref(document: bytes) -> bytes:
    """The differential that one validator accepts: startxref still names the signed table, viewers rebuild."""
    number, body = _forged_page(document)
    old = dissect(document).startxref
    return document + b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (number, body, old)


def isa_b_empty_table(document: bytes) -> bytes:
    """A table without entries before which objects stand; a strict reader sees no change, a repairing one sees all."""
    number, body = _forged_page(document)
    root = re.findall(rb"/Root (\d+ 0 R)", document)[-1]
    start = document + b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 0\ntrailer\n<< /Root %s /Size 99 /Prev %d >>\n" % (root, dissect(document).startxref)
    return start + table + b"startxref\n%d\n%%%%EOF\n" % len(start)


def isa_b_only_entry_zero(document: bytes) -> bytes:
    number, body = _forged_page(document)
    root = re.findall(rb"/Root (\d+ 0 R)", document)[-1]
    start = document + b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root %s /Size 99 /Prev %d >>\n" % (
        root,
        dissect(document).startxref,
    )
    return start + table + b"startxref\n%d\n%%%%EOF\n" % len(start)


def isa_b_broken_table(document: bytes) -> bytes:
    whole = isa_page_replaced(document)
    return whole.replace(b"00000 n \ntrailer", b"00000 x \ntrailer")


def isa_b_entry_at_wrong_place(document: bytes) -> bytes:
    whole = isa_page_replaced(document)
    at = whole.rfind(b" 00000 n \n")
    return whole[: at - 10] + b"%010d" % (int(whole[at - 10 : at]) + 3) + whole[at:]


def isa_b_object_not_listed(document: bytes) -> bytes:
    """The table lists a harmless object; the forged one stands beside it, unlisted."""
    number, body = _forged_page(document)
    free = max(int(size) for size in re.findall(rb"/Size (\d+)", document))
    whole = append_objects(document, {free: b"<< >>"})
    extra = b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = whole.rfind(b"xref\n", 0, whole.rfind(b"startxref"))
    shifted = whole[:table] + extra + whole[table:]
    return re.sub(rb"startxref\n%d\n" % table, b"startxref\n%d\n" % (table + len(extra)), shifted)


def isa_wrong_prev(document: bytes) -> bytes:
    whole = isa_harmless_object(document)
    old = dissect(document).startxref
    return whole.replace(b"/Prev %d" % old, b"/Prev %d" % (old - 1))


def isa_hybrid_table(document: bytes) -> bytes:
    """An appended table that also names a cross-reference stream: two kinds of readers, two documents."""
    number, body = _forged_page(document)
    return append_objects(document, {number: body}, trailer_extra=b"/XRefStm 17 ")


def isa_page_replaced(document: bytes) -> bytes:
    """A clean incremental update that replaces a page."""
    return append_objects(document, dict([_forged_page(document)]))


def isa_harmless_object(document: bytes) -> bytes:
    """Clean update with an unused object: a building block, allowed in itself."""
    free = max(int(size) for size in re.findall(rb"/Size (\d+)", document))
    return append_objects(document, {free: b"<< /Note (unused) >>"})


def isa_size_hides_objects(document: bytes) -> bytes:
    """A /Size below the page's number: readers that keep to it drop the page."""
    return re.sub(rb"(.*)/Size \d+", rb"\g<1>/Size 3", isa_harmless_object(document), flags=re.S)


def isa_table_names_an_object_twice(document: bytes) -> bytes:
    """Once in use, once free: which of the two counts is each reader's own choice."""
    number, _body = _forged_page(document)
    whole = isa_page_replaced(document)
    return whole.replace(b" 00000 n \ntrailer", b" 00000 n \n%d 1\n0000000000 00001 f \ntrailer" % number)


def isa_trailing_text(document: bytes) -> bytes:
    return document + b"<html>another reading of this file</html>\n"


def isa_second_document_appended(document: bytes) -> bytes:
    from tests.signing_pdfs import plain

    return document + plain(1)


ATTACKS = (
    isa_object_only,
    isa_object_and_trailer,
    isa_object_and_old_startxref,
    isa_b_empty_table,
    isa_b_only_entry_zero,
    isa_b_broken_table,
    isa_b_entry_at_wrong_place,
    isa_b_object_not_listed,
    isa_wrong_prev,
    isa_hybrid_table,
    isa_page_replaced,
    isa_size_hides_objects,
    isa_table_names_an_object_twice,
    isa_trailing_text,
    isa_second_document_appended,
)
