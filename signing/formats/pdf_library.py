"""
Store and document time stamp by the library: the way for documents that are not of the plain kind.

pdf_document_stamp is the way for most, and writes the same objects.
Source: EN 319 142-1 §5.4.2, §5.4.3.
"""

from __future__ import annotations

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.sign.fields import ensure_sig_flags, prepare_sig_field
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signing.formats.pdf_field import STAMP_NAME
from signing.formats.pdf_opening import Reader, check_may_add_fields
from signing.formats.pdf_prepare import Incremental, filled, free_name
from signing.formats.pdf_reader import open_reader
from signing.validation.signed import ValidationData


def library_store(document: bytes, wanted: ValidationData, password: str) -> bytes:
    """The document with these values in its store. Raises: DocumentRefused (pdf_opening); whatever the library does."""
    writer = Incremental.from_reader(_opened(document, password))
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=[x509.Certificate.load(der) for der in wanted.certificates],
        crls=[crl.CertificateList.load(der) for der in wanted.lists],
        ocsps=[ocsp.OCSPResponse.load(der) for der in wanted.answers],
    )
    stream = writer.prev.stream
    writer.write_in_place()
    end = stream.tell()
    return bytes(stream.getbuffer()[:end])


def library_stamp_update(document: bytes, room: int, password: str) -> tuple[bytes, tuple[int, int]]:
    """The update with an empty document time stamp, and the place in it. Raises: as library_store()."""
    writer = Incremental.from_reader(_opened(document, password))
    page = writer.find_page_for_modification(0)[0]
    _created, reference = prepare_sig_field(
        free_name(writer, STAMP_NAME), writer.root, update_writer=writer, include_on_page=page
    )
    stamp = DocumentTimestamp(bytes_reserved=2 * room)
    reference.get_object()[pdf_name("/V")] = writer.add_object(stamp)
    ensure_sig_flags(writer)
    return filled(writer, stamp, len(document))


def _opened(document: bytes, password: str) -> Reader:
    reader, _sound = open_reader(document, password)
    check_may_add_fields(reader)
    return reader
