"""
CAdES (EN 319 122-1): attached and detached signatures of any file, signers beside each other, counter-signatures.

prepare: digest the content (or the signature value that is countersigned), write the signed attributes; what is handed
         on is a SignedData that waits for its signer.
embed:   make the SignerInfo around the signature value, stamp it, put it in its place.
extend:  cades_extend.py.  locate: cades_locate.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from signing.formats.base import (
    Extended,
    ExtensionSources,
    Level,
    Packaging,
    Prepared,
    PrepareRequest,
    Timestamper,
)
from signing.validation.cms_parts import starts_signed_data
from signing.validation.located import ALONE, Beside, LocatedSignature


class Cades:
    """CMS Advanced Electronic Signatures."""

    name = "CAdES"
    signing_levels = (Level.B_B, Level.B_T)
    extension_levels = (Level.B_T, Level.B_LT, Level.B_LTA)
    packagings = (Packaging.ATTACHED, Packaging.DETACHED, Packaging.BESIDE, Packaging.COUNTER)

    def recognises(self, document: bytes) -> bool:
        """A SEQUENCE that starts with the identifier of signed data, whatever its length field looks like."""
        return starts_signed_data(document)

    def prepare(self, document: bytes, request: PrepareRequest) -> Prepared:
        """
        Make a place for a signature. document: the content, or the signature file that gets one more signer.

        Raises: DocumentRefused, SignatureRefused; what the timestamper of a content stamp raises passes through.
        """
        from signing.formats.cades_attributes import signed_attributes
        from signing.formats.cades_order import order_of
        from signing.formats.signature_algorithms import algorithm_of

        signs = algorithm_of(request.algorithm)
        order = order_of(document, request)
        attributes = signed_attributes(order.digest_of(signs.digest), order.sha256, request, signs)
        return Prepared(
            format=self.name,
            level=request.level,
            document_digest=order.document_digest,
            to_be_signed_digest=hashlib.new(signs.digest, attributes).digest(),
            signed_attributes=attributes,
            certificate=request.certificate,
            chain=request.chain,
            document=b"",
            update=order.output,
            place=order.place,
            algorithm=request.algorithm,
        )

    def embed(self, prepared: Prepared, signature: bytes, timestamper: Timestamper | None) -> bytes:
        """
        Put a signature value in place and return the signature file.

        Raises: SignatureRefused: level B-T without a stamp. Whatever the timestamper raises passes through.
        """
        from signing.formats.cades_signer import new_signer
        from signing.formats.cms_build import with_certificates, with_counter, write_signed
        from signing.validation.cms_parts import open_signed, open_signer

        signer = new_signer(prepared, signature, timestamper)
        parts = with_certificates(open_signed(prepared.update), (prepared.certificate, *prepared.chain))
        if prepared.place:
            first, *below = prepared.place
            signers = list(parts.signers)
            signers[first] = with_counter(signers[first], tuple(below), signer)
            return write_signed(replace(parts, signers=tuple(signers)))
        algorithms = (*parts.digest_algorithms, open_signer(signer).digest_algorithm)
        return write_signed(replace(parts, signers=(*parts.signers, signer), digest_algorithms=algorithms))

    def extend(self, document: bytes, level: Level, sources: ExtensionSources, beside: Beside = ALONE) -> Extended:
        """
        Bring every signer to a level: T, LT, LTA; at LTA already, renew with one more archive time stamp.

        Raises: SignatureRefused: level B-B, no content for an archive time stamp; DocumentRefused: no signature file.
                What the sources raise passes through.
        """
        from signing.formats.cades_extend import archived, opened, stamped_signers, with_validation_data
        from signing.formats.refusals import cannot_extend

        if level not in self.extension_levels:
            raise cannot_extend(self.name, level)
        stamped = stamped_signers(opened(document), sources)
        if level is Level.B_T:
            return Extended(stamped.write(), level)
        lasting = with_validation_data(stamped, sources)
        if level is Level.B_LT:
            return Extended(lasting.write(), level)
        return Extended(archived(lasting, sources, beside).write(), level)

    def locate(self, document: bytes, beside: Beside = ALONE) -> list[LocatedSignature]:
        """Every signature. Raises: DocumentRefused: not a strict CMS signature."""
        from signing.formats.cades_locate import locate_signers

        return locate_signers(document, beside)
