"""
XAdES inside a container (EN 319 162-1 §4.3.3.2, §4.4.4): META-INF/signatures*.xml, each over files by their names.

Its archive time stamps stand in the signatures themselves, so a container needs no manifest of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from signing.errors import DocumentRefused, SignatureRefused
from signing.formats.asic_container import (
    META,
    Container,
    Kind,
    Role,
    container_to_sign,
    looks_like,
    open_container,
    wants_xades,
)
from signing.formats.asic_types import with_types
from signing.formats.base import (
    Extended,
    ExtensionSources,
    Level,
    Packaging,
    Prepared,
    PrepareRequest,
    Timestamper,
)
from signing.formats.refusals import cannot_extend
from signing.formats.xades import Xades
from signing.validation.located import ALONE, Beside, Coverage, LocatedSignature, Problem

_INNER = Xades()
SIMPLE_SIGNATURES = f"{META}signatures.xml"
_KEPT = "/!$'()*+,;=:@-._~"
_HEAD = b'<asic:XAdESSignatures xmlns:asic="http://uri.etsi.org/02918/v1.2.1#">'
_TAIL = b"</asic:XAdESSignatures>"


@dataclass(frozen=True, slots=True)
class AsicXades:
    """One kind of container, with XAdES inside."""

    kind: Kind
    signing_levels: tuple[Level, ...] = (Level.B_B, Level.B_T)
    extension_levels: tuple[Level, ...] = (Level.B_T, Level.B_LT, Level.B_LTA)
    packagings: tuple[Packaging, ...] = (Packaging.CONTAINER,)

    @property
    def name(self) -> str:
        """Also what a report calls it."""
        return f"{self.kind} with XAdES"

    def recognises(self, document: bytes) -> bool:
        """A container of this kind in which a file has the name that XAdES signatures have there."""
        return looks_like(document) is self.kind and wants_xades(document)

    def prepare(self, document: bytes, request: PrepareRequest) -> Prepared:
        """
        Make a place for a signature. document: a container of this kind, or the one file to sign.

        Raises: DocumentRefused, SignatureRefused; what the timestamper of a content stamp raises passes through.
        """
        if request.packaging is Packaging.COUNTER:
            from signing.formats.asic_counter import counter_in

            return counter_in(document, self.name, _INNER, Role.XADES, request)
        if request.packaging not in (None, *self.packagings):
            raise _other_way()
        container = container_to_sign(document, self.kind, request.file_name, foreign=Role.CADES)
        if self.kind is Kind.SIMPLE and container.named(Role.XADES):
            return self._beside(container, document, request)
        files = {quote(name, safe=_KEPT): container.content(name) or b"" for name in container.payload}
        inner = _INNER.prepare_files(files, request, hashlib.sha256(document).hexdigest())
        start = inner.update.index(b"?>") + 2
        framed = inner.update[:start] + _HEAD + inner.update[start:] + _TAIL
        simple = self.kind is Kind.SIMPLE
        name = SIMPLE_SIGNATURES if simple else container.free_name("signatures", ".xml")
        whole = (container if simple else with_types(container)).with_file(name, framed)
        number = [file.name for file in whole.files].index(name)
        place = (number, *(at + len(_HEAD) for at in inner.place))
        return replace(inner, format=self.name, update=whole.write(), place=place)

    def _beside(self, container: Container, document: bytes, request: PrepareRequest) -> Prepared:
        """One more signer of ASiC-S, in the one file of signatures there is (EN 319 162-1 §4.3.3.2)."""
        there, content = container.content(SIMPLE_SIGNATURES), container.content(container.payload[0])
        if there is None:
            raise _other_way()
        beside = replace(request, packaging=Packaging.BESIDE, beside=Beside(content=content))
        inner = _INNER.prepare(there, beside)
        number = [file.name for file in container.files].index(SIMPLE_SIGNATURES)
        return replace(
            inner,
            format=self.name,
            document_digest=hashlib.sha256(document).hexdigest(),
            update=container.with_file(SIMPLE_SIGNATURES, inner.update).write(),
            place=(number, *inner.place),
        )

    def embed(self, prepared: Prepared, signature: bytes, timestamper: Timestamper | None) -> bytes:
        """Put a signature value in place and return the container. Raises: as XAdES does."""
        container = open_container(prepared.update)
        number, *place = prepared.place
        file = container.files[number]
        inner = replace(prepared, format=_INNER.name, update=file.data, place=tuple(place))
        return container.with_file(file.name, _INNER.embed(inner, signature, timestamper)).write()

    def extend(self, document: bytes, level: Level, sources: ExtensionSources, beside: Beside = ALONE) -> Extended:
        """
        Bring every signature of the container to a level; at LTA already, renew.

        Raises: SignatureRefused, DocumentRefused; what the sources raise passes through.
        """
        from signing.formats.xades_extend import (
            Opened,
            archived,
            stamped_signatures,
            with_validation_data,
        )
        from signing.formats.xades_locate import opened
        from signing.formats.xades_references import contents_among

        if level not in self.extension_levels:
            raise cannot_extend(self.name, level)
        container = open_container(document)
        contents = contents_among({file.name: file.data for file in container.files})
        for name in container.named(Role.XADES):
            stage = stamped_signatures(Opened(opened(container.content(name) or b""), contents), sources)
            if level is Level.B_T:
                written = stage.write()
            else:
                lasting = with_validation_data(stage, sources)
                written = lasting.write() if level is Level.B_LT else archived(lasting, sources).write()
            container = container.with_file(name, written)
        return Extended(container.write(), level)

    def locate(self, document: bytes, beside: Beside = ALONE) -> list[LocatedSignature]:
        """Every signature. Raises: DocumentRefused: no strict container."""
        from signing.formats.asic_locate import locate_in

        return locate_in(open_container(document))


def signatures_of(container: Container, name: str, form: str) -> Iterator[LocatedSignature]:
    """Those in one file of XAdES signatures, each with the files that it covers. Raises: DocumentRefused."""
    among = {file.name: file.data for file in container.files if file.name != name}
    for located in _INNER.locate_among(container.content(name) or b"", among):
        references = located.own.references if located.own else ()
        files = tuple(one.name for one in references if one.name in among and one.content.data == among[one.name])
        counter = located.coverage is Coverage.SIGNATURE
        yield replace(
            located,
            format=form,
            field=f"{name}, {located.field}",
            coverage=Coverage.SIGNATURE if counter else (Coverage.CONTAINER if files else located.coverage),
            files=() if counter else files,
            covered=(),
            problems=(*container.problems, *located.problems),
            notes=(*container.notes, *located.notes),
        )


def unread(error: DocumentRefused) -> Problem:
    """A file of signatures that is no XML which we read."""
    from base.texts import Text

    return Problem(f"signature_unreadable {error.hint}".strip(), Text(error.vi, error.en))


def _other_way() -> SignatureRefused:
    return SignatureRefused(
        "other_container",
        vi="Gói ASiC với XAdES này không ký thêm được theo cách đó.",
        en="This ASiC container with XAdES cannot be signed that way.",
        status=422,
    )
