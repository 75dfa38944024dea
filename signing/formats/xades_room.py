"""
Where a new signature goes in an XML file: what stands before it and what stands behind it, in bytes.

A document in UTF-8 is left byte for byte as it was uploaded; where that cannot be, it is written anew, which changes no
canonical form. Source: XML 1.0 §2.1, §3.1.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from signing.errors import SignatureRefused
from signing.formats.xades_text import XMLNS_XADES
from signing.formats.xml_document import XmlBroken, XmlDocument
from signing.formats.xml_words import ASIC, CANONICAL_FORMS, CONTAINER, SIGNATURE, xades

_CONTAINER_START = f'<asic:XAdESSignatures xmlns:asic="{ASIC}">'
_CONTAINER_END = "</asic:XAdESSignatures>"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Room:
    """The bytes around the signature."""

    before: bytes = field(repr=False)
    after: bytes = field(repr=False)


def room_in_root(raw: bytes, document: XmlDocument) -> Room:
    """The last child of the root."""
    root = document.root
    name = f"{root.prefix}:{etree.QName(root).localname}" if root.prefix else etree.QName(root).localname
    end = re.search(rb"</" + re.escape(name.encode()) + rb"\s*>\s*\Z", raw)
    if end is None or raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"ascii" in raw[:100].lower():
        return _marked(document, root, len(root))
    return Room(raw[: end.start()], raw[end.start() :])


def room_beside(document: XmlDocument, first: Any) -> Room:
    """Behind another signature; two that stand alone get a common root."""
    if first is document.root:
        _check_movable(first)
        text = etree.tostring(first, encoding="unicode")
        return Room(f"{_DECLARATION}{_CONTAINER_START}{text}".encode(), _CONTAINER_END.encode())
    parent = first.getparent()
    if parent.tag == CONTAINER:
        return _marked(document, parent, len(parent))
    return _marked(document, parent, parent.index(first) + 1)


def room_for_counter(document: XmlDocument, qualifying: Any) -> Room:
    """The last unsigned signature property."""
    holder = unsigned_of(qualifying)
    room = _marked(document, holder, len(holder))
    start, end = f"<xades:CounterSignature{XMLNS_XADES}>", "</xades:CounterSignature>"
    return Room(room.before + start.encode(), end.encode() + room.after)


def unsigned_of(qualifying: Any) -> Any:
    """UnsignedSignatureProperties, made if it is not there."""
    outer = qualifying.find(xades("UnsignedProperties"))
    if outer is None:
        outer = etree.SubElement(qualifying, xades("UnsignedProperties"))
    inner = outer.find(xades("UnsignedSignatureProperties"))
    if inner is None:
        inner = outer.makeelement(xades("UnsignedSignatureProperties"))
        outer.insert(0, inner)
    return inner


def written(document: XmlDocument) -> bytes:
    """The document, UTF-8."""
    return bytes(etree.tostring(document.root.getroottree(), encoding="UTF-8", xml_declaration=True))


def _marked(document: XmlDocument, parent: Any, index: int) -> Room:
    """Written with a mark at the place, which is then cut out."""
    mark = hashlib.sha256(written(document)).hexdigest()
    parent.insert(index, etree.ProcessingInstruction("place", mark))
    before, found, after = written(document).partition(f"<?place {mark}?>".encode())
    if not found:
        raise XmlBroken("no place for a signature")
    return Room(before, after)


def _check_movable(signature: Any) -> None:
    """Under a new root the other forms would see its name spaces. Raises: SignatureRefused."""
    for element in signature.iter():
        form = CANONICAL_FORMS.get(element.get("Algorithm", "")) if isinstance(element.tag, str) else None
        if form is False and element.tag != SIGNATURE:
            raise SignatureRefused(
                "not_movable",
                vi="Chữ ký có sẵn dùng dạng chuẩn tắc không cho phép đặt thêm chữ ký bên cạnh. Hãy ký đối chiếu.",
                en="The signature that is there uses a canonical form that allows none beside it. Countersign it.",
                status=422,
            )
