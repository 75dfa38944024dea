"""
The incremental update that makes room for a signature, by the library: the way for what is not of the plain kind.

The existing bytes are never touched; the update follows the style of the file (xref table or xref stream). pdf_room is
the way for most documents, and writes the same objects.
Source: ISO 32000-2 §12.8.1, §7.5.6; EN 319 142-1 §6.3.
"""

from __future__ import annotations

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
from pyhanko.sign.signers.pdf_byterange import PdfByteRangeDigest, SignatureObject

from base.clock import as_utc
from signing.formats.base import PrepareRequest
from signing.formats.pdf_field import FIELD_NAME, no_such_page
from signing.formats.pdf_given_field import given_field
from signing.formats.pdf_objects import child, entry, items
from signing.formats.pdf_opening import check_may_add_fields
from signing.formats.pdf_picture import read_picture
from signing.formats.pdf_reader import open_reader
from signing.formats.pdf_room import room_for
from signing.formats.pdf_terms import check_terms, references_of
from signing.formats.pdf_view import fitting
from signing.formats.pdf_visible import appearance, page_view


class Incremental(IncrementalPdfFileWriter):
    """An incremental update that leaves /Info and XMP as they are, so that PDF/A files stay consistent."""

    def _update_meta(self) -> None:
        return


def library_update(document: bytes, request: PrepareRequest) -> tuple[bytes, tuple[int, int]]:
    """
    The update with the signature field and the empty signature dictionary, and the place in it, (start, end) in bytes
    of the whole file.

    Raises: DocumentRefused: no such page, a bad picture or box, encryption (pdf_opening); SignatureRefused: what the
            document permits or a field requires is not kept (pdf_terms, pdf_seeds); or anything the library raises.
    """
    reader, _sound = open_reader(document, request.beside.password)
    check_may_add_fields(reader, given=bool(request.terms.field))
    writer = Incremental.from_reader(reader)
    name = request.terms.field or free_name(writer, FIELD_NAME)
    check_terms(reader, request, name)
    if request.terms.field:
        field = given_field(writer, request)
    else:
        field = _add_field(writer, request, name)
    placeholder = SignatureObject(
        timestamp=as_utc(request.signing_time),
        subfilter=SigSeedSubFilter.PADES,
        name=request.name or None,
        location=request.location or None,
        reason=request.reason or None,
        bytes_reserved=2 * room_for(request),
    )
    terms = references_of(request, _root_of(writer), entry(field, "/Lock"))
    if terms is not None:
        placeholder[pdf_name("/Reference")] = terms
    signature = writer.add_object(placeholder)
    field[pdf_name("/V")] = signature
    if request.terms.certify:
        writer.root[pdf_name("/Perms")] = generic.DictionaryObject({pdf_name("/DocMDP"): signature})
        writer.update_root()
    return filled(writer, placeholder, len(document))


def filled(
    writer: IncrementalPdfFileWriter, placeholder: PdfByteRangeDigest, size: int
) -> tuple[bytes, tuple[int, int]]:
    """Write the update to a document of `size` bytes. Returns: it, and the empty place in bytes of the whole file."""
    stream = writer.prev.stream
    writer.digest_aware_write = True
    writer.write_in_place()
    end = stream.tell()
    start, stop = placeholder.contents.offsets
    placeholder.byte_range.fill_offsets(stream, start, stop, end)
    with stream.getbuffer() as whole:
        return bytes(whole[size:end]), (start, stop)


def _add_field(writer: IncrementalPdfFileWriter, request: PrepareRequest, name: str) -> generic.DictionaryObject:
    visible = request.visible
    page = _page(writer, visible.page if visible else 1)
    box = None
    if visible:
        view = page_view(page.get_object())
        seen = fitting(visible, view)
        box = view.to_page(seen)
    _created, reference = prepare_sig_field(
        name,
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


def _root_of(writer: IncrementalPdfFileWriter) -> generic.IndirectObject:
    reference = writer.root_ref
    return generic.IndirectObject(reference.idnum, reference.generation, writer)


def _page(writer: IncrementalPdfFileWriter, number: int) -> generic.IndirectObject:
    try:
        if number < 1:
            raise IndexError
        return writer.find_page_for_modification(number - 1)[0]  # type: ignore[no-any-return]  # untyped in the library
    except (IndexError, ValueError, PdfError) as error:
        raise no_such_page(number) from error


def free_name(writer: IncrementalPdfFileWriter, called: str) -> str:
    """The first of that name with 1, 2, … that no field bears; counts fields of every type by their top-level name."""
    taken = {name for name, _value, _reference in enumerate_sig_fields(writer)}
    taken |= {str(entry(field, "/T")) for field in items(child(writer.root, "/AcroForm"), "/Fields")}
    number = 1
    while f"{called}{number}" in taken:
        number += 1
    return f"{called}{number}"
