"""
JAdES (TS 119 182-1): JSON signatures of any file, with the content inside or beside; signers beside each other,
counter-signatures.

prepare: write the protected header; what is handed on is a JWS that waits for its signer.
embed:   put the value in its place, stamp it.
extend:  jades_extend.py.  locate: jades_locate.py.
"""

from __future__ import annotations

import hashlib

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


class Jades:
    """JSON Advanced Electronic Signatures."""

    name = "JAdES"
    signing_levels = (Level.B_B, Level.B_T)
    extension_levels = (Level.B_T, Level.B_LT, Level.B_LTA)
    packagings = (Packaging.ATTACHED, Packaging.DETACHED, Packaging.COMPACT, Packaging.BESIDE, Packaging.COUNTER)

    def recognises(self, document: bytes) -> bool:
        """A JWS in any serialization, even a broken one; other JSON is not meant."""
        from signing.formats.jws_parts import starts_jws

        return starts_jws(document)

    def prepare(self, document: bytes, request: PrepareRequest) -> Prepared:
        """
        Make a place for a signature. document: the content, or the signature file that gets one more signer.

        Raises: DocumentRefused, SignatureRefused; what the timestamper of a content stamp raises passes through.
        """
        from signing.formats.jades_order import order_of
        from signing.formats.jades_place import written_waiting
        from signing.formats.jades_protected import protected_header
        from signing.formats.json_strict import base64url, compact_json
        from signing.formats.signature_algorithms import algorithm_of

        digest = algorithm_of(request.algorithm).digest
        order = order_of(document, request, digest)
        header = protected_header(request, digest, order.about, order.stamp_over)
        message = base64url(compact_json(header)).encode("ascii") + b"." + order.segment
        return Prepared(
            format=self.name,
            level=request.level,
            document_digest=order.document_digest,
            to_be_signed_digest=hashlib.new(digest, message).digest(),
            signed_attributes=message,
            certificate=request.certificate,
            chain=request.chain,
            document=b"",
            update=written_waiting(order.waiting),
            place=order.place,
            algorithm=request.algorithm,
        )

    def embed(self, prepared: Prepared, signature: bytes, timestamper: Timestamper | None) -> bytes:
        """
        Put a signature value in place and return the signature file.

        Raises: SignatureRefused: level B-T without a stamp. Whatever the timestamper raises passes through.
        """
        from signing.formats.jades_place import with_signature

        return with_signature(prepared, signature, timestamper)

    def extend(self, document: bytes, level: Level, sources: ExtensionSources, beside: Beside = ALONE) -> Extended:
        """
        Bring every signature to a level: T, LT, LTA; at LTA already, renew with one more archive time stamp.

        A compact one becomes flattened: its form has no place for what is added, and no signed byte changes.
        Raises: SignatureRefused: level B-B, no content for an archive time stamp; DocumentRefused: no signature file.
                What the sources raise passes through.
        """
        from signing.formats.jades_extend import archived, begun, stamped_signatures, with_validation_data
        from signing.formats.refusals import cannot_extend

        if level not in self.extension_levels:
            raise cannot_extend(self.name, level)
        stage = stamped_signatures(begun(document), sources)
        if level is Level.B_T:
            return Extended(stage.write(), level)
        lasting = with_validation_data(stage, sources)
        if level is Level.B_LT:
            return Extended(lasting.write(), level)
        return Extended(archived(lasting, sources, beside).write(), level)

    def locate(self, document: bytes, beside: Beside = ALONE) -> list[LocatedSignature]:
        """Every signature. Raises: DocumentRefused: not a strict JWS."""
        from signing.formats.jades_locate import locate_signatures

        return locate_signatures(document, beside)
