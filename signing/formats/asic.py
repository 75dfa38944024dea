"""
ASiC (EN 319 162-1): files and their signatures in one container. ASiC-S for one file, ASiC-E for any number.

prepare: put the files into a container, or take one as it is; write the manifest; let the inner format make a place.
embed:   the inner format puts the value in place; the signature file goes into the container.
extend:  asic_extend.py.  locate: asic_locate.py.

asic_xades.py has the same with XAdES inside.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from signing.formats.asic_container import (
    META,
    Container,
    Kind,
    Role,
    container_to_sign,
    looks_like,
    nothing_to_sign,
    open_container,
    wants_xades,
)
from signing.formats.base import (
    Extended,
    ExtensionSources,
    Level,
    Packaging,
    Prepared,
    PrepareRequest,
    Timestamper,
)
from signing.formats.cades import Cades
from signing.formats.refusals import cannot_extend
from signing.validation.located import ALONE, Beside, LocatedSignature

_INNER = Cades()
_MANIFEST, _SIGNATURE = "ASiCManifest", "signature"
_SIMPLE_SIGNATURE = f"{META}signature.p7s"
_SIGNATURE_TYPE = "application/x-pkcs7-signature"


@dataclass(frozen=True, slots=True)
class Asic:
    """One kind of container, with CAdES inside."""

    kind: Kind
    signing_levels: tuple[Level, ...] = (Level.B_B, Level.B_T)
    extension_levels: tuple[Level, ...] = (Level.B_T, Level.B_LT, Level.B_LTA)
    packagings: tuple[Packaging, ...] = (Packaging.CONTAINER,)

    @property
    def name(self) -> str:
        """Also what a report calls it."""
        return f"{self.kind} with CAdES"

    def recognises(self, document: bytes) -> bool:
        """A ZIP that says to be such a container, or one with a folder META-INF that holds what belongs there."""
        return looks_like(document) is self.kind and not wants_xades(document)

    def prepare(self, document: bytes, request: PrepareRequest) -> Prepared:
        """
        Make a place for a signature, or, packaged so, for one over another. document: a container of this kind, signed
        or not, or the one file to sign.

        Raises: DocumentRefused: a container that is not strict; SignatureRefused: there is nothing to sign, or nothing
                of this kind; what the inner format raises passes through.
        """
        if request.packaging is Packaging.COUNTER:
            from signing.formats.asic_counter import counter_in

            return counter_in(document, self.name, _INNER, Role.CADES, request)
        if request.packaging not in (None, *self.packagings):
            raise nothing_to_sign()
        container = container_to_sign(document, self.kind, request.file_name, foreign=Role.XADES)
        if self.kind is Kind.SIMPLE:
            place, container, inner = _SIMPLE_SIGNATURE, container, _prepare_simple(container, request)
        else:
            place, container, inner = _prepare_extended(container, request)
        whole = container.with_file(place, inner.update)
        names = [file.name for file in whole.files]
        return replace(
            inner,
            format=self.name,
            document_digest=hashlib.sha256(document).hexdigest(),
            update=whole.write(),
            place=(names.index(place),),
        )

    def embed(self, prepared: Prepared, signature: bytes, timestamper: Timestamper | None) -> bytes:
        """Put a signature value in place and return the container. Raises: as the inner format does."""
        container = open_container(prepared.update)
        number, *place = prepared.place
        file = container.files[number]
        inner = replace(prepared, format=_INNER.name, update=file.data, place=tuple(place))
        return container.with_file(file.name, _INNER.embed(inner, signature, timestamper)).write()

    def extend(self, document: bytes, level: Level, sources: ExtensionSources, beside: Beside = ALONE) -> Extended:
        """
        Bring every signature of the container to a level; at LTA already, renew with one more archive time stamp.

        Raises: SignatureRefused, DocumentRefused; what the sources raise passes through.
        """
        from signing.formats.asic_extend import extend_container

        if level not in self.extension_levels:
            raise cannot_extend(self.name, level)
        return Extended(extend_container(open_container(document), level, sources).write(), level)

    def locate(self, document: bytes, beside: Beside = ALONE) -> list[LocatedSignature]:
        """Every signature. Raises: DocumentRefused: no strict container."""
        from signing.formats.asic_locate import locate_in

        return locate_in(open_container(document))


def _prepare_simple(container: Container, request: PrepareRequest) -> Prepared:
    """Over the one file: a signature file, or one more signer in it."""
    content = container.content(container.payload[0]) or b""
    there = container.content(_SIMPLE_SIGNATURE)
    if there is None:
        return _INNER.prepare(content, replace(request, packaging=Packaging.DETACHED))
    beside = Beside(content=content)
    return _INNER.prepare(there, replace(request, packaging=Packaging.BESIDE, beside=beside))


def _prepare_extended(container: Container, request: PrepareRequest) -> tuple[str, Container, Prepared]:
    """Over a new manifest that names every file: the name of the signature file, the container with the manifest."""
    from signing.formats.asic_manifest import write_manifest

    place = container.free_name(_SIGNATURE, ".p7s")
    files = [(name, container.content(name) or b"") for name in container.payload]
    manifest = write_manifest(place, _SIGNATURE_TYPE, files)
    inner = _INNER.prepare(manifest, replace(request, packaging=Packaging.DETACHED))
    return place, container.with_file(container.free_name(_MANIFEST, ".xml"), manifest), inner
