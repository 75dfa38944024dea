"""
The incremental update that makes room for a signature: field, widget, signature dictionary with an empty /Contents.

The existing bytes are never touched; the update follows the style of the file (xref table or xref stream).
Source: ISO 32000-2 §12.8.1, §7.5.6; EN 319 142-1 §6.3.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import (
    SigSeedSubFilter,
    VisibleSigSettings,
    ensure_sig_flags,
    enumerate_sig_fields,
    prepare_sig_field,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from base.clock import as_utc
from signing.errors import DocumentRefused
from signing.formats.base import PrepareRequest
from signing.formats.pdf_objects import child, entry, items
from signing.formats.pdf_reader import open_reader
from signing.formats.pdf_visible import appearance, fitting, page_view, read_picture
from signing.formats.signature_algorithms import algorithm_of

FIELD_NAME = "ChuKy"


@dataclass(frozen=True, slots=True)
class Room:
    """
    The document with an empty place: its bytes, the place as (start, end) including the angle brackets, the
    digest.
    """

    output: bytes
    place: tuple[int, int]
    digest: bytes
    document_digest: str


class _Update(IncrementalPdfFileWriter):
    """An incremental update that leaves /Info and XMP as they are, so that PDF/A files stay consistent."""

    def _update_meta(self) -> None:
        return


def make_room(document: bytes, request: PrepareRequest) -> Room:
    """
    Append the signature field and the empty signature dictionary.

    The room is reckoned, not measured by a trial signature: certificates and signature as long as they can be, the time
    stamp, and 1 KiB for the rest.
    """
    reader, _sound = open_reader(document)
    writer = _Update.from_reader(reader)
    field = _add_field(writer, request)
    certificates = len(request.certificate) + sum(len(certificate) for certificate in request.chain)
    signs = algorithm_of(request.algorithm)
    placeholder = SignatureObject(
        timestamp=as_utc(request.signing_time),
        subfilter=SigSeedSubFilter.PADES,
        name=request.name or None,
        location=request.location or None,
        reason=request.reason or None,
        bytes_reserved=2 * (certificates + signs.most_bytes + request.stamp_bytes + 1024),
    )
    field[pdf_name("/V")] = writer.add_object(placeholder)
    stream = reader.stream
    writer.digest_aware_write = True
    writer.write_in_place()
    end = stream.tell()
    start, stop = placeholder.contents.offsets
    placeholder.byte_range.fill_offsets(stream, start, stop, end)
    return _digested(document, stream.getvalue(), (start, stop), signs.digest)


def _digested(document: bytes, output: bytes, place: tuple[int, int], name: str) -> Room:
    """
    One pass over the document gives both digests: of the upload, and, going on from there, of the signed ranges; two,
    where the second is to be made with another hash.
    """
    digest = hashlib.sha256(document)
    document_digest = digest.copy().hexdigest()
    if name != digest.name:
        digest = hashlib.new(name, document)
    with memoryview(output) as view:
        digest.update(view[len(document) : place[0]])
        digest.update(view[place[1] :])
    return Room(output, place, digest.digest(), document_digest)


def _add_field(writer: IncrementalPdfFileWriter, request: PrepareRequest) -> generic.DictionaryObject:
    visible = request.visible
    page = _page(writer, visible.page if visible else 1)
    box = None
    if visible:
        view = page_view(page.get_object())
        seen = fitting(visible, view)
        box = view.to_page(seen)
    _created, reference = prepare_sig_field(
        _free_name(writer),
        writer.root,
        update_writer=writer,
        box=box,
        include_on_page=page,
        visible_settings=VisibleSigSettings(print_signature=True),
    )
    field = reference.get_object()
    if visible:
        picture = read_picture(visible.image_png)
        normal = appearance(writer, picture, view, seen)
        field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): normal})
    ensure_sig_flags(writer)
    return field  # type: ignore[no-any-return]  # get_object is untyped in the library


def _page(writer: IncrementalPdfFileWriter, number: int) -> generic.IndirectObject:
    try:
        if number < 1:
            raise IndexError
        return writer.find_page_for_modification(number - 1)[0]  # type: ignore[no-any-return]  # untyped in the library
    except (IndexError, ValueError, PdfError) as error:
        raise DocumentRefused(
            "visible_page",
            vi="Văn bản không có trang này. Vui lòng chọn lại trang đặt chữ ký.",
            en="The document has no such page. Please choose the page for the signature again.",
            hint=f"page {number}",
        ) from error


def _free_name(writer: IncrementalPdfFileWriter) -> str:
    """The first of ChuKy1, ChuKy2, … that no field bears; counts fields of every type by their top-level name."""
    taken = {name for name, _value, _reference in enumerate_sig_fields(writer)}
    taken |= {str(entry(field, "/T")) for field in items(child(writer.root, "/AcroForm"), "/Fields")}
    number = 1
    while f"{FIELD_NAME}{number}" in taken:
        number += 1
    return f"{FIELD_NAME}{number}"
