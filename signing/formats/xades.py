"""
XAdES (EN 319 132-1): signatures in XML documents, around any content, beside files, above and beside each other.

prepare: what is signed and where the signature goes (xades_order.py), then its text with the value left out
         (xades_write.py). embed: value and time stamp put in.
extend:  xades_extend.py.  locate: xades_locate.py.

What reads and writes XML is imported by the method that needs it, as in pades.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from signing.formats.base import (
    Extended,
    ExtensionSources,
    Level,
    Packaging,
    Prepared,
    PrepareRequest,
    Timestamper,
)
from signing.validation.located import ALONE, Beside, LocatedSignature

_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]{0,200}<(?:\?xml[ \t\r\n]|[A-Za-z_\x80-\xff])")
_UTF16 = ("\ufeff<".encode("utf-16-le"), "\ufeff<".encode("utf-16-be"))


class Xades:
    """XML Advanced Electronic Signatures."""

    name = "XAdES"
    signing_levels = (Level.B_B, Level.B_T)
    extension_levels = (Level.B_T, Level.B_LT, Level.B_LTA)
    packagings = (
        Packaging.ENVELOPED,
        Packaging.ATTACHED,
        Packaging.DETACHED,
        Packaging.BESIDE,
        Packaging.COUNTER,
    )

    def recognises(self, document: bytes) -> bool:
        """What starts like XML, whatever follows; no web page, and no PDF with XML before it."""
        return bool(_START.match(document) or document.startswith(_UTF16)) and b"%PDF-" not in document[:1024]

    def prepare(self, document: bytes, request: PrepareRequest) -> Prepared:
        """
        Make a place for a signature. document: XML to be signed within, the content, or the signed file.

        Raises: DocumentRefused, SignatureRefused; what the timestamper of a content stamp raises passes through.
        """
        from signing.formats.xades_order import order_of
        from signing.formats.xades_write import prepared

        return prepared(order_of(document, request), request)

    def prepare_files(self, files: Mapping[str, bytes], request: PrepareRequest, digest: str) -> Prepared:
        """
        The same over files of a container, by the URI that leads to each from it. digest: hexadecimal, of what the
        official approved. Raises: SignatureRefused.
        """
        from signing.formats.xades_order import files_order, signature_name
        from signing.formats.xades_write import prepared

        name = signature_name(bytes.fromhex(digest), request)
        return prepared(files_order(dict(files.items()), name, digest), request)

    def embed(self, prepared: Prepared, signature: bytes, timestamper: Timestamper | None) -> bytes:
        """
        Put a signature value in place and return the signed file.

        Raises: SignatureRefused: level B-T without a stamp. Whatever the timestamper raises passes through.
        """
        from signing.formats.xades_write import embedded

        return embedded(prepared, signature, timestamper)

    def extend(self, document: bytes, level: Level, sources: ExtensionSources, beside: Beside = ALONE) -> Extended:
        """
        Bring every signature to a level: T, LT, LTA; at LTA already, renew with one more archive time stamp.

        Raises: SignatureRefused: level B-B, no content for an archive time stamp; DocumentRefused: no XML that we read.
                What the sources raise passes through.
        """
        from signing.formats.refusals import cannot_extend
        from signing.formats.xades_extend import archived, opened_stage, stamped_signatures, with_validation_data

        if level not in self.extension_levels:
            raise cannot_extend(self.name, level)
        stamped = stamped_signatures(opened_stage(document, beside), sources)
        if level is Level.B_T:
            return Extended(stamped.write(), level)
        lasting = with_validation_data(stamped, sources)
        if level is Level.B_LT:
            return Extended(lasting.write(), level)
        return Extended(archived(lasting, sources).write(), level)

    def locate(self, document: bytes, beside: Beside = ALONE) -> list[LocatedSignature]:
        """Every signature. Raises: DocumentRefused: not XML that we read."""
        from signing.formats.xades_locate import locate_signatures

        return locate_signatures(document, beside)

    def locate_among(self, document: bytes, files: Mapping[str, bytes]) -> list[LocatedSignature]:
        """The same in a container: content outside is among the files, by name. Raises: DocumentRefused."""
        from signing.formats.xades_locate import locate_among

        return locate_among(document, files)
