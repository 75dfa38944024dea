"""
A PAdES document on its way up: T, then LT, then LTA, one type for each stage, so that none can be left out.

T:   a time stamp over the document, where a signature has none of its own; it serves every signature before it.
LT:  certificates and revocation data of signers and time-stamping authorities, in the document security store.
LTA: a time stamp over all that; one more, with the data for the last one, renews it.
Each stage only appends. A signature's own value is left alone: later signatures cover it.
Source: EN 319 142-1 §5.4, §6.3; ISO 32000-2 §12.8.4.3, §12.8.5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from signing.errors import SignatureRefused, SigningError
from signing.formats.base import ExtensionSources, Level, ValidationData
from signing.formats.cades_extend import data_of
from signing.formats.pdf_document_stamp import document_stamp, more_stored
from signing.formats.pdf_locate import locate_only
from signing.formats.pdf_refusals import trapping_library_errors
from signing.formats.pdf_tokens import Document
from signing.validation.cms import CmsBroken, read_cms
from signing.validation.located import LocatedSignature, SignatureKind

More = Callable[[Document, bytes], Document]
"""A document with something appended: in memory, or in its file."""


@dataclass(frozen=True, slots=True)
class Signed:
    """
    One signature or document time stamp.

    cms: its DER. stamped: whether a time stamp proves its age. kept: whether a later one covers it and data for it, so
    that new data may fail to come.
    """

    cms: bytes = field(repr=False)
    stamped: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class _Stage:
    document: Document = field(repr=False)
    more: More = field(repr=False)
    password: str = field(repr=False)
    signed: tuple[Signed, ...]
    store: ValidationData = field(repr=False)


class Opened(_Stage):
    """A document whose signatures can all be read, whatever their level."""


class Stamped(_Stage):
    """A time stamp proves the age of every signature."""


class Lasting(_Stage):
    """It holds what a verifier will need."""


class Archived(_Stage):
    """A time stamp over the document covers all of it."""


def longer(document: Document, added: bytes) -> Document:
    """In memory."""
    return document[:] + added


def opened(document: Document, password: str = "", more: More = longer) -> Opened:
    """Raises: DocumentRefused: it cannot be read; SignatureRefused: no signature, or one that cannot be read."""
    with trapping_library_errors():
        located = locate_only(document, password)
    broken = next((problem.code for one in located for problem in one.problems), "")
    if broken or not located:
        raise _not_extendable(broken or "no signature")
    store = next((one.store for one in located if one.store is not None), ValidationData())
    return Opened(document, more, password, tuple(_signed(one) for one in located), store)


def stamped_signatures(stage: Opened, sources: ExtensionSources) -> Stamped:
    """Raises: SignatureRefused: no stamp came; what the timestamper raises passes through."""
    if all(one.stamped for one in stage.signed):
        return Stamped(stage.document, stage.more, stage.password, stage.signed, stage.store)
    return Stamped(*_with_stamp(stage, sources), stage.store)


def with_validation_data(stage: Stamped, sources: ExtensionSources) -> Lasting:
    """Raises: SignatureRefused: a certificate is missing; what the sources raise passes through."""
    found = [data for one in stage.signed for data in _collected(one, stage.store, sources)]
    store = ValidationData(
        tuple(dict.fromkeys(der for data in (stage.store, *found) for der in data.certificates)),
        tuple(dict.fromkeys(der for data in (stage.store, *found) for der in data.lists)),
        tuple(dict.fromkeys(der for data in (stage.store, *found) for der in data.answers)),
    )
    added = more_stored(stage.document, store, stage.password)
    document = stage.more(stage.document, added) if added else stage.document
    return Lasting(document, stage.more, stage.password, stage.signed, store)


def archived(stage: Lasting, sources: ExtensionSources) -> Archived:
    """Raises: SignatureRefused: no stamp came; what the timestamper raises passes through."""
    return Archived(*_with_stamp(stage, sources), stage.store)


def raised(stage: Opened, level: Level, sources: ExtensionSources) -> Document:
    """The document at that level, T or above. Raises: as the stages."""
    stamped = stamped_signatures(stage, sources)
    if level is Level.B_T:
        return stamped.document
    lasting = with_validation_data(stamped, sources)
    return lasting.document if level is Level.B_LT else archived(lasting, sources).document


def _with_stamp(stage: _Stage, sources: ExtensionSources) -> tuple[Document, More, str, tuple[Signed, ...]]:
    added, token = document_stamp(stage.document, sources.timestamper, stage.password)
    before = (Signed(one.cms, True, one.kept) for one in stage.signed)
    return stage.more(stage.document, added), stage.more, stage.password, (*before, Signed(token, True, False))


def _signed(one: LocatedSignature) -> Signed:
    held = {*one.store.lists, *one.store.answers} if one.store else set()
    kept = any(not held.isdisjoint(stamp.covers) for stamp in one.kept)
    stamped = one.kind is SignatureKind.DOCUMENT_TIMESTAMP or bool(one.kept)
    try:
        return Signed(one.cms, stamped or bool(read_cms(one.cms).stamps), kept)
    except CmsBroken as error:
        raise _not_extendable(str(error)) from error


def _collected(one: Signed, store: ValidationData, sources: ExtensionSources) -> Iterator[ValidationData]:
    try:
        yield from data_of(one.cms, (), sources, store.certificates)
    except SigningError:
        if not one.kept:  # of an authority that has ended no new list comes, and what is under a time stamp suffices
            raise


def _not_extendable(why: str) -> SignatureRefused:
    return SignatureRefused(
        "not_extendable",
        vi="Văn bản không có chữ ký, hoặc có chữ ký không đọc được, nên không nâng mức được.",
        en="The document has no signature, or one that cannot be read, so it cannot be extended.",
        hint=why,
        status=422,
    )
