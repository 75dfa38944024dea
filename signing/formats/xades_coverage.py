"""
Which part of a file an XML signature covers, and what stands in the file that it does not.

A signature over one element says nothing about the rest; a reader that shows the rest as signed is what every wrapping
attack is after. So all that is neither signed, nor a signature, nor an empty frame around them, is named.
Source: EN 319 102-1 §5.2.2; XMLDSig 1.1 §8.1 (only what is signed is secure); attack classes of XML signature wrapping.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from signing.formats.xades_parts import Parts
from signing.formats.xades_references import Resolved
from signing.formats.xml_document import XmlDocument
from signing.formats.xml_words import CONTAINER, DS_OBJECT, SIGNATURE, XML, local
from signing.validation.located import Coverage
from signing.validation.signed import Place, SignedContent

MOST_NAMES = 5
_FRAME_ATTRIBUTES = frozenset(("Id", "ID", "id", f"{{{XML}}}id"))


@dataclass(frozen=True, slots=True)
class Covered:
    """content: whether all of it is here. names: of what is covered, if it is a part; left: of what is not."""

    coverage: Coverage
    content: SignedContent
    names: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def coverage_of(document: XmlDocument, parts: Parts, resolved: Sequence[Resolved], *, counter: bool) -> Covered:
    """counter: whether it is a counter-signature, in its place and over the value above it."""
    data = [one for one in resolved if not one.properties]
    content = _content(data)
    if counter:
        return Covered(Coverage.SIGNATURE, content)
    nodes = [one.node for one in data if one.node is not None]
    left = _unsigned_objects(parts, nodes)
    if any(node is document.root for node in nodes):
        return Covered(Coverage.WHOLE_FILE, content, left=left)
    left += _left_out(document.root, set(nodes))
    if any(one.node is None for one in data):
        coverage = Coverage.DIGEST if content.place is Place.DIGEST else Coverage.DETACHED
        return Covered(coverage if content.place is not Place.ABSENT else Coverage.UNKNOWN, content, left=left)
    if document.root.tag in (SIGNATURE, CONTAINER) and all(_inside_object(node) for node in nodes):
        return Covered(Coverage.ENCLOSED, content, left=left)
    return Covered(Coverage.PARTIAL, content, tuple(one.fact.name for one in data)[:MOST_NAMES], left)


def _content(data: Sequence[Resolved]) -> SignedContent:
    """Of several the one that says most about what is missing."""
    places = [one.fact.content for one in data]
    for place in (Place.ABSENT, Place.DIGEST):
        for one in places:
            if one.place is place:
                return one
    return places[0]


def _unsigned_objects(parts: Parts, nodes: Sequence[Any]) -> tuple[str, ...]:
    """Objects of this signature that it does not sign itself: neither whole nor all that is in them."""
    loose = [
        one
        for one in parts.objects
        if not any(node is one for node in nodes)
        and not (len(one) and all(any(node is inner for node in nodes) for inner in one))
    ]
    return tuple(f"Object {one.get('Id', '')}".strip() for one in loose)[:MOST_NAMES]


def _inside_object(node: Any) -> bool:
    return node.tag == DS_OBJECT or any(above.tag == DS_OBJECT for above in node.iterancestors())


def _left_out(root: Any, covered: set[Any]) -> tuple[str, ...]:
    """Names of what is neither signed nor a signature nor an empty frame, from the root down; a few are enough."""
    found: list[str] = []
    waiting = [root]
    while waiting and len(found) < MOST_NAMES:
        element = waiting.pop()
        if not isinstance(element.tag, str):
            if element.tag is not _comment():
                found.append("processing instruction")
        elif element not in covered and element.tag != SIGNATURE:
            if not len(element) or _says_something(element):
                found.append(local(element.tag))
            waiting += reversed(element)
    return tuple(found)


def _says_something(element: Any) -> bool:
    texts = (element.text, *(one.tail for one in element))
    return any((text or "").strip() for text in texts) or not _FRAME_ATTRIBUTES.issuperset(element.keys())


def _comment() -> Any:
    from lxml import etree

    return etree.Comment
