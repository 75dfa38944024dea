"""
A XAdES signature on its way up: T, then LT, then LTA, one type for each stage, so that none can be left out.

T:   a signature time stamp for every signature that has none.
LT:  certificates and revocation data of the signer in the values of that name; those of time-stamping authorities, and
     what is newer, in TimeStampValidationData behind. Nothing that is there is changed: a time stamp may be over it.
LTA: an archive time stamp over all that; one more renews it before its authority's key grows old.
Source: EN 319 132-1 §5.3, §5.4, §5.5.1, §5.5.2, §6.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from signing.errors import SignatureRefused
from signing.formats.base import ExtensionSources, ValidationData
from signing.formats.refusals import stamped
from signing.formats.xades_locate import Found, find_all, opened
from signing.formats.xades_parts import Parts
from signing.formats.xades_read import read_signature
from signing.formats.xades_references import Contents, contents_of, resolve_all
from signing.formats.xades_room import unsigned_of, written
from signing.formats.xades_stamps import ARCHIVE_STAMP, SIGNATURE_STAMP, over_all
from signing.formats.xades_text import b64
from signing.formats.xades_values import CERTIFICATES, REVOCATION, STAMP_DATA, brought_by_signature
from signing.formats.xml_document import XmlBroken, XmlDocument
from signing.formats.xml_words import DS, EXCLUSIVE, XADES, XADES_141, ds, xades
from signing.validation.certificates import CertificateUnreadable
from signing.validation.chains import identify
from signing.validation.cms import CmsBroken, open_cms, read_cms
from signing.validation.gather_own import named_signer
from signing.validation.located import Beside
from signing.validation.signed import OwnSigned

_NAMES = {"ds": DS, "xades": XADES, "xades141": XADES_141}


@dataclass(frozen=True, slots=True)
class _Stage:
    """contents: where content outside the file is."""

    document: XmlDocument = field(repr=False)
    contents: Contents = field(repr=False)

    def write(self) -> bytes:
        """The file at this stage."""
        return written(self.document)

    def reopened(self) -> tuple[XmlDocument, Contents]:
        """The same read again, for new things stand in it."""
        return opened(self.write()), self.contents


class Opened(_Stage):
    """A file with XAdES signatures, whatever their level."""


class Stamped(_Stage):
    """Every signature has a time stamp."""


class Lasting(_Stage):
    """It holds what a verifier will need."""


class Archived(_Stage):
    """An archive time stamp covers all of it."""


def opened_stage(raw: bytes, beside: Beside) -> Opened:
    """Raises: DocumentRefused: no XML that we read."""
    return Opened(opened(raw), contents_of(beside))


def stamped_signatures(stage: Opened, sources: ExtensionSources) -> Stamped:
    """Raises: SignatureRefused: no stamp came; what the timestamper raises passes through."""
    for one, parts in _top(stage.document):
        if not any(element.tag == SIGNATURE_STAMP for element in parts.unsigned):
            over = stage.document.canonical(parts.value, EXCLUSIVE)
            _add_stamp(_holder(parts), SIGNATURE_STAMP, _name(one, parts), _stamp(sources, over))
    return Stamped(*stage.reopened())


def with_validation_data(stage: Stamped, sources: ExtensionSources) -> Lasting:
    """Raises: SignatureRefused: a certificate is missing; what the sources raise passes through."""
    found = find_all(stage.document)
    for one, parts in _top(stage.document):
        try:
            own, *counters = (_read(stage, item) for item in found if item.path[:1] == one.path)
            signer = _collected(own, sources)
            stamps = [data for token in _tokens(own) for data in _for_token(token, own, sources)]
            for counter in counters:
                stamps.append(_collected(counter, sources))
                stamps += [data for token in _tokens(counter) for data in _for_token(token, counter, sources)]
        except (XmlBroken, CmsBroken, CertificateUnreadable) as error:
            raise _not_extendable(str(error)) from error
        _add_values(parts, own, signer, stamps)
    return Lasting(*stage.reopened())


def archived(stage: Lasting, sources: ExtensionSources) -> Archived:
    """Raises: SignatureRefused: no stamp came, or the content of a detached signature was not brought along."""
    for one, parts in _top(stage.document):
        try:
            resolved = resolve_all(stage.document, parts, stage.contents)
            over = over_all(stage.document, parts, resolved, parts.unsigned)(EXCLUSIVE, ())
        except XmlBroken as error:
            raise _not_extendable(str(error)) from error
        if over is None:
            raise SignatureRefused(
                "no_content",
                vi="Chữ ký rời: hãy kèm tệp nội dung để đóng dấu thời gian lưu trữ.",
                en="The signature is detached: bring the content along for an archive time stamp.",
                status=422,
            )
        _add_stamp(_holder(parts), ARCHIVE_STAMP, _name(one, parts), _stamp(sources, over))
    return Archived(*stage.reopened())


def _top(document: XmlDocument) -> list[tuple[Found, Parts]]:
    """Every signature but counter-signatures. Raises: SignatureRefused: one is broken, or a plain one."""
    found = [one for one in find_all(document) if one.above is None]
    for one in found:
        if one.parts is None or one.parts.qualifying is None:
            raise _not_extendable(one.why or "a signature without qualifying properties")
    return [(one, one.parts) for one in found if one.parts is not None]


def _read(stage: _Stage, found: Found) -> OwnSigned:
    if found.parts is None:
        raise XmlBroken(found.why)
    resolved = resolve_all(stage.document, found.parts, stage.contents)
    return read_signature(stage.document, found.parts, resolved).own


def _collected(own: OwnSigned, sources: ExtensionSources) -> ValidationData:
    certificate = named_signer(own)
    if certificate is None:
        raise XmlBroken("the certificate of a signer is missing")
    return sources.collect(certificate, own.certificates)


def _tokens(own: OwnSigned) -> list[bytes]:
    return [one.token for one in (*own.stamps, *own.content_stamps, *own.archives)]


def _for_token(token: bytes, own: OwnSigned, sources: ExtensionSources) -> Iterator[ValidationData]:
    stamp = read_cms(token)
    embedded = (*stamp.certificates, *own.certificates)
    certificate = identify(embedded, stamp.signer, stamp.key_identifier)
    if certificate is None:
        raise CmsBroken("the certificate of a time-stamping authority is missing")
    yield sources.collect(certificate, embedded)


def _add_values(parts: Parts, own: OwnSigned, signer: ValidationData, stamps: list[ValidationData]) -> None:
    """What is not there yet: the signer's in its own values, if there are none yet, all the rest behind."""
    brought = brought_by_signature(parts)
    known = {*brought.certificates, *brought.lists, *brought.answers}
    known.update(one for token in _tokens(own) for one in open_cms(token).certificates)
    holder = _holder(parts)
    fresh = not any(one.tag in (CERTIFICATES, REVOCATION, ARCHIVE_STAMP) for one in parts.unsigned)
    if fresh:
        _write_values(holder, _new((signer,), known))
    rest = _new(stamps if fresh else (signer, *stamps), known)
    if rest.certificates or rest.lists or rest.answers:
        _write_values(etree.SubElement(holder, STAMP_DATA, nsmap=_NAMES), rest)


def _new(data: list[ValidationData] | tuple[ValidationData, ...], known: set[bytes]) -> ValidationData:
    """What is not known yet, each once; it is known afterwards."""

    def fresh(values: Iterator[bytes]) -> tuple[bytes, ...]:
        return tuple(dict.fromkeys(one for one in values if one not in known))

    found = ValidationData(
        fresh(one for item in data for one in item.certificates),
        fresh(one for item in data for one in item.lists),
        fresh(one for item in data for one in item.answers),
    )
    known.update((*found.certificates, *found.lists, *found.answers))
    return found


def _write_values(holder: Any, data: ValidationData) -> None:
    if data.certificates:
        values = etree.SubElement(holder, CERTIFICATES, nsmap=_NAMES)
        _encapsulate(values, "EncapsulatedX509Certificate", data.certificates)
    if data.lists or data.answers:
        values = etree.SubElement(holder, REVOCATION, nsmap=_NAMES)
        if data.lists:
            _encapsulate(etree.SubElement(values, xades("CRLValues")), "EncapsulatedCRLValue", data.lists)
        if data.answers:
            _encapsulate(etree.SubElement(values, xades("OCSPValues")), "EncapsulatedOCSPValue", data.answers)


def _encapsulate(holder: Any, name: str, values: tuple[bytes, ...]) -> None:
    for value in values:
        etree.SubElement(holder, xades(name)).text = b64(value)


def _add_stamp(holder: Any, tag: str, name: str, token: bytes) -> None:
    added = etree.SubElement(holder, tag, nsmap=_NAMES)
    added.set("Id", name)
    etree.SubElement(added, ds("CanonicalizationMethod")).set("Algorithm", EXCLUSIVE)
    etree.SubElement(added, xades("EncapsulatedTimeStamp")).text = b64(token)


def _stamp(sources: ExtensionSources, over: bytes) -> bytes:
    return stamped(sources.timestamper, hashlib.sha256(over).digest())


def _holder(parts: Parts) -> Any:
    return unsigned_of(parts.qualifying)


def _name(found: Found, parts: Parts) -> str:
    """An Id that nothing else has: what is there is only ever added to."""
    return f"{found.element.get('Id')}-stamp-{len(parts.unsigned) + 1}"


def _not_extendable(why: str) -> SignatureRefused:
    return SignatureRefused(
        "not_extendable",
        vi="Chữ ký hoặc dấu thời gian bị hỏng hoặc thiếu chứng thư số nên không nâng mức được.",
        en="The signature or a time stamp is damaged or lacks a certificate, so it cannot be extended.",
        hint=why,
        status=422,
    )
