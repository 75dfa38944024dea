"""
PAdES (EN 319 142-1), levels B-B to B-LTA, with SubFilter ETSI.CAdES.detached.

prepare: append an empty signature dictionary, digest the byte ranges, write the signed attributes.
embed:   stamp the signature value, build the CMS, put its hexadecimal into the empty place.
extend:  pades_extend.py.
locate:  find every signature and say what it covers and what came after it.

What reads and writes PDF is imported by the method that needs it: its libraries take a quarter of a process' memory,
and a server process that never sees a document shall not carry them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from signing.errors import SignatureRefused
from signing.formats.base import (
    Extended,
    ExtensionSources,
    Level,
    Packaging,
    Prepared,
    PrepareRequest,
    Timestamper,
)
from signing.formats.large import growing
from signing.formats.pdf_tokens import Document
from signing.formats.refusals import cannot_extend, stamped
from signing.validation.cms_parts import starts_signed_data
from signing.validation.located import ALONE, Beside, LocatedSignature


class Pades:
    """PDF Advanced Electronic Signatures."""

    name = "PAdES"
    signing_levels = (Level.B_B, Level.B_T)
    extension_levels = (Level.B_T, Level.B_LT, Level.B_LTA)
    packagings = (Packaging.ENVELOPED,)

    def recognises(self, document: bytes) -> bool:
        """
        A PDF header near the start, or the remains of a PDF signature anywhere. A PDF inside a CMS signature or
        a container is its content, though readers that search for the header would open it.
        """
        if starts_signed_data(document) or document.startswith(b"PK\x03\x04"):
            return False
        return b"%PDF-" in document[:1024] or b"/ByteRange" in document

    def prepare(self, document: Document, request: PrepareRequest) -> Prepared:
        """Make room for a signature. Call `lint_pdf` first. Raises: DocumentRefused, SignatureRefused."""
        from signing.formats.cms_writer import signed_attributes
        from signing.formats.pdf_room import make_room
        from signing.formats.signature_algorithms import algorithm_of

        signs = algorithm_of(request.algorithm)
        room = make_room(document, request)
        attributes = signed_attributes(room.digest, request.certificate, request.algorithm)
        return Prepared(
            format=self.name,
            level=request.level,
            document_digest=room.document_digest,
            to_be_signed_digest=hashlib.new(signs.digest, attributes).digest(),
            signed_attributes=attributes,
            certificate=request.certificate,
            chain=request.chain,
            document=document,
            update=room.update,
            place=room.place,
            algorithm=request.algorithm,
        )

    def embed(self, prepared: Prepared, signature: bytes, timestamper: Timestamper | None) -> bytes:
        """Put a signature value in place and return the signed document. Raises: as seal()."""
        return b"".join((prepared.document, self.seal(prepared, signature, timestamper)))

    def seal(self, prepared: Prepared, signature: bytes, timestamper: Timestamper | None) -> bytes:
        """
        What to append to the document: the update with the signature value in its place.

        Raises: SignatureRefused: level B-T without a stamp, or no room. Whatever the timestamper raises passes through:
                a document is never labelled B-T without its stamp (one product was seen to do so when its TSA failed).
        """
        from signing.formats.cms_writer import signed_data

        stamp = None
        if prepared.level is Level.B_T:
            stamp = stamped(timestamper, hashlib.sha256(signature).digest())
        cms = signed_data(
            prepared.signed_attributes, signature, prepared.certificate, prepared.chain, stamp, prepared.algorithm
        )
        start, end = prepared.place
        room = end - start - 2
        if 2 * len(cms) > room:
            raise SignatureRefused(
                "no_room",
                vi="Không ký được: dữ liệu chữ ký lớn hơn dự kiến. Văn bản chưa bị thay đổi.",
                en="Not signed: the signature is larger than expected. The document is unchanged.",
                debug=f"{len(cms)} bytes for {room // 2}",
            )
        value = cms.hex().upper().encode()
        at = start + 1 - len(prepared.document)
        with memoryview(prepared.update) as update:
            return b"".join((update[:at], value, update[at + len(value) :]))

    def extend(self, document: bytes, level: Level, sources: ExtensionSources, beside: Beside = ALONE) -> Extended:
        """
        Bring every signature to a level: T, LT, LTA; at LTA already, renew with one more time stamp over the document.

        Raises: SignatureRefused: level B-B, no signature, or one that cannot be read; DocumentRefused: a PDF that
                cannot be extended. What the sources raise passes through.
        """
        if level not in self.extension_levels:
            raise cannot_extend(self.name, level)
        from signing.formats.pades_extend import opened, raised

        return Extended(raised(opened(document, beside.password), level, sources)[:], level)

    def extend_file(self, path: Path, level: Level, sources: ExtensionSources, password: str = "") -> None:
        """
        The same for a file, where it is: it only grows, in memory that does not depend on its size.

        path: of a copy that nobody else uses. Raises: as extend(); then the file is as long as it was.
        """
        if level not in self.extension_levels:
            raise cannot_extend(self.name, level)
        from signing.formats.pades_extend import opened, raised

        with growing(path) as (document, more):
            raised(opened(document, password, more), level, sources)

    def locate(self, document: bytes, beside: Beside = ALONE) -> list[LocatedSignature]:
        """Every signature, oldest first. Raises: DocumentRefused: the PDF cannot be read, or needs a password."""
        from signing.formats.pdf_locate import locate_signatures
        from signing.formats.pdf_refusals import trapping_library_errors

        with trapping_library_errors():
            return locate_signatures(document, beside.password)
