"""
What an XML signature is to be made over and where it goes, for each packaging.

enveloped: in the document, over all of it, or over the elements whose Ids are given. attached: the content inside the
signature. detached: files beside it. beside: one more over what the first signature of a file is over. counter: over
the value of another one.
Source: XMLDSig 1.1 §2, §4.4.3; EN 319 132-1 §4.3, §5.2.7; EN 319 162-1 §A.3 (several signatures without a document).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from signing.errors import DocumentRefused, SignatureRefused
from signing.formats.base import Packaging, PrepareRequest
from signing.formats.xades_locate import Found, find_all
from signing.formats.xades_parts import Parts
from signing.formats.xades_references import Resolved, contents_of, resolve_all, takes_all_out
from signing.formats.xades_room import Room, room_beside, room_for_counter, room_in_root
from signing.formats.xades_text import b64, quoted
from signing.formats.xml_document import EVERY, XmlBroken, XmlDocument
from signing.formats.xml_words import BASE64, COUNTERSIGNED, ENVELOPED, EXCLUSIVE, FILTER, OBJECT
from signing.validation.signed import Place

_ALONE = Room(b'<?xml version="1.0" encoding="UTF-8"?>\n', b"")
_XML, _ANY = "text/xml", "application/octet-stream"


@dataclass(frozen=True, slots=True)
class ToSign:
    """One reference to be made. octets: what is digested, after the transforms."""

    uri: str | None
    transforms: tuple[str, ...]
    octets: bytes = field(repr=False)
    kind: str = ""
    media_type: str = _ANY


@dataclass(frozen=True, slots=True)
class Order:
    """name: Id of the signature. objects: text of the Object elements it brings. counter: whether it is one."""

    document_digest: str
    name: str
    data: tuple[ToSign, ...]
    room: Room
    objects: str = field(default="", repr=False)
    counter: bool = False


def order_of(document: bytes, request: PrepareRequest) -> Order:
    """Raises: DocumentRefused: no XML to sign within; SignatureRefused: there is nothing to sign, or no place."""
    digest = hashlib.sha256(document)
    packaging = request.packaging or Packaging.ENVELOPED
    name = signature_name(digest.digest(), request)
    try:
        match packaging:
            case Packaging.ATTACHED:
                return _attached(document, name, digest.hexdigest(), request)
            case Packaging.DETACHED:
                uri = quote(request.file_name) or None
                return files_order({uri: document}, name, digest.hexdigest())
            case Packaging.ENVELOPED:
                return _enveloped(document, name, digest.hexdigest(), request)
            case Packaging.BESIDE:
                return _beside(document, name, digest.hexdigest(), request)
            case _:
                return _counter(document, name, digest.hexdigest(), request)
    except XmlBroken as error:
        raise DocumentRefused(
            "not_readable",
            vi="Tệp này không phải là tệp XML đọc được, hoặc có thành phần cấm (như DTD), nên không ký được.",
            en="This is no XML that we read, or it holds what we do not allow (such as a DTD), so it was not signed.",
            hint=str(error),
        ) from error


def files_order(files: Mapping[str | None, bytes], name: str, document_digest: str) -> Order:
    """Over files beside the signature, by the URI that leads to each. Raises: SignatureRefused: there are none."""
    if not files or not all(files.values()):
        raise nothing_to_sign()
    data = tuple(ToSign(uri, (), content) for uri, content in files.items())
    return Order(document_digest, name, data, _ALONE)


def signature_name(digest: bytes, request: PrepareRequest) -> str:
    """The Id, which no other signature of the file has: the file is in it, and grows with each signature."""
    asked = f"{request.signing_time} {request.packaging} {request.target}".encode()
    return "s-" + hashlib.sha256(digest + request.certificate + asked).hexdigest()[:20]


def _attached(document: bytes, name: str, digest: str, request: PrepareRequest) -> Order:
    if not document:
        raise nothing_to_sign()
    data, held = _held(f"{name}-object", document, request.statements.media_type or _ANY)
    return Order(digest, name, (data,), _ALONE, held)


def _held(identifier: str, content: bytes, media_type: str) -> tuple[ToSign, str]:
    """Content inside the signature: what is signed, and the Object that holds it."""
    words = f'Encoding="{BASE64}" Id="{identifier}" MimeType="{quoted(media_type)}"'
    held = f"<ds:Object {words}>{b64(content)}</ds:Object>"
    return ToSign(f"#{identifier}", (BASE64,), content, OBJECT, media_type), held


def _enveloped(raw: bytes, name: str, digest: str, request: PrepareRequest) -> Order:
    document = XmlDocument(raw)
    earlier = find_all(document)
    references = [reference for one in earlier for reference in (one.parts.references if one.parts else ())]
    whole = [one for one in references if one.get("URI") in ("", f"#{document.root.get('Id')}")]
    if not all(map(takes_all_out, whole)):
        raise _covered_already()
    if not request.nodes:
        signed = _joint(document) if request.joint or whole else _alone(document)
        return Order(digest, name, (signed,), room_in_root(raw, document))
    data = tuple(_node(document, identifier) for identifier in request.nodes)
    return Order(digest, name, data, room_in_root(raw, document))


def _alone(document: XmlDocument) -> ToSign:
    return ToSign("", (ENVELOPED, EXCLUSIVE), document.canonical(None, EXCLUSIVE), media_type=_XML)


def _joint(document: XmlDocument) -> ToSign:
    """Over all of the document but signatures."""
    return ToSign("", (FILTER, EXCLUSIVE), document.canonical(None, EXCLUSIVE, without=EVERY), media_type=_XML)


def _node(document: XmlDocument, identifier: str) -> ToSign:
    try:
        node = document.named(identifier)
    except XmlBroken as error:
        raise SignatureRefused(
            "no_target",
            vi="Không có đúng một phần tử mang Id đó trong tệp XML.",
            en="There is not exactly one element with that Id in the XML file.",
            hint=identifier[:60],
            status=422,
        ) from error
    transforms = (ENVELOPED, EXCLUSIVE) if node is document.root else (EXCLUSIVE,)
    return ToSign(f"#{identifier}", transforms, document.canonical(node, EXCLUSIVE), media_type=_XML)


def _beside(raw: bytes, name: str, digest: str, request: PrepareRequest) -> Order:
    """Over what the first signature is over; content that it holds is held again, for readers look no further."""
    document = XmlDocument(raw)
    first = next((one for one in find_all(document) if one.above is None and one.parts), None)
    if first is None or first.parts is None:
        raise nothing_to_sign()
    data: list[ToSign] = []
    objects = ""
    for one in resolve_all(document, first.parts, contents_of(request.beside)):
        if one.properties or one.in_manifest:
            continue
        if (one.whole or one.enveloped) and not one.bare:
            raise _covered_already()
        if one.bare:
            again = _joint(document)
        elif one.node is not None and one.node.get("Encoding") == BASE64:
            identifier = f"{name}-object-{len(data) + 1}"
            again, held = _held(identifier, one.octets or b"", one.node.get("MimeType") or _ANY)
            objects += held
        else:
            again = _again(document, first.parts, one)
        data.append(again)
    return Order(digest, name, tuple(data), room_beside(document, first.element), objects)


def _again(document: XmlDocument, parts: Parts, one: Resolved) -> ToSign:
    if one.node is not None:
        return ToSign(one.fact.name, (EXCLUSIVE,), document.canonical(one.node, EXCLUSIVE), one.kind, _XML)
    if one.fact.content.place is not Place.GIVEN:
        raise nothing_to_sign()
    return ToSign(_uri_of(parts, one.fact.name), (), one.fact.content.data)


def _uri_of(parts: Parts, name: str) -> str | None:
    """As the first signature writes it, which may have none."""
    written: list[Any] = [one.get("URI") for one in parts.references]
    return quote(name) if quote(name) in written or name in written else None


def _counter(raw: bytes, name: str, digest: str, request: PrepareRequest) -> Order:
    document = XmlDocument(raw)
    target = next((one for one in find_all(document) if one.path == request.target), None)
    if target is None or target.parts is None:
        raise _no_target()
    identifier = target.parts.value.get("Id")
    if not identifier or document.named(identifier) is not target.parts.value:
        raise _no_target()
    octets = document.canonical(target.parts.value, EXCLUSIVE)
    data = (ToSign(f"#{identifier}", (EXCLUSIVE,), octets, COUNTERSIGNED),)
    return Order(digest, name, data, _room_for(document, target), counter=True)


def _room_for(document: XmlDocument, target: Found) -> Room:
    if target.parts is None or target.parts.qualifying is None:
        raise _no_target()
    return room_for_counter(document, target.parts.qualifying)


def nothing_to_sign() -> SignatureRefused:
    """Neither a document nor a file beside."""
    return SignatureRefused(
        "no_content",
        vi="Không có nội dung để ký. Với chữ ký rời, hãy kèm tệp nội dung.",
        en="There is no content to sign. For a detached signature, bring the content along.",
        status=422,
    )


def _covered_already() -> SignatureRefused:
    return SignatureRefused(
        "covered_already",
        vi="Tệp đã có chữ ký trên toàn bộ nội dung; thêm chữ ký nữa sẽ làm hỏng chữ ký đó. Hãy ký đối chiếu.",
        en="A signature covers the whole file already, and one more would break it. Countersign it instead.",
        status=422,
    )


def _no_target() -> SignatureRefused:
    return SignatureRefused(
        "no_target",
        vi="Không có chữ ký ở vị trí đó để ký đối chiếu.",
        en="There is no signature at that place to countersign.",
        status=422,
    )
