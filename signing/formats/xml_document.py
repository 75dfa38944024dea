"""
An XML document with signatures: parsed once, its Ids resolved by our own code, its canonical forms counted.

What is digested is what was resolved: whoever asks for a node by its Id gets the only element that has it, or nothing.
Source: XMLDSig 1.1 §4.4.3.2, §12.1; base/strict_xml.py.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from lxml import etree

from base.strict_xml import Limits, NotRead, NotStrict, canonical, parse, work_of
from signing.formats.xml_words import CANONICAL_FORMS, INCLUSIVE, SIGNATURE, WSU

MOST_BYTES = 48 * 1024 * 1024
MOST_CANONICAL = 6
"""How often the size of the document, plus a constant, may be canonicalised; a form that is asked for again is kept."""
_CONSTANT = 4 * 1024 * 1024
MOST_WORK = 8_000_000
"""Of inclusive forms, in which every element looks at every name space (strict_xml.work_of): about a second."""
EVERY = object()
"""All signatures of a document."""
_IDS = etree.XPath("//@Id | //@ID | //@id | //@xml:id | //@wsu:Id", namespaces={"wsu": WSU})


class XmlBroken(ValueError):
    """Not an XML signature that we read; the message says why (for the operator and the report's details)."""


class XmlOther(XmlBroken):
    """Nothing says that it is damaged, but it needs what is not read here; the message names it for people."""


class XmlDocument:
    """One document. root: its root element, with comments."""

    def __init__(self, raw: bytes) -> None:
        """Raises: XmlBroken."""
        try:
            self.root = parse(raw, Limits(MOST_BYTES), comments=True)
        except NotRead as error:
            raise XmlOther(str(error)) from error
        except NotStrict as error:
            raise XmlBroken(str(error)) from error
        self._left = MOST_CANONICAL * len(raw) + _CONSTANT
        self._work = work_of(self.root, raw) / len(raw)
        self._work_left = float(MOST_WORK)
        self._ids: dict[str, list[Any]] | None = None
        self._kept: dict[tuple[Any, ...], bytes] = {}

    @property
    def signatures(self) -> list[Any]:
        """Every element of that name, wherever it stands."""
        return list(self.root.iter(SIGNATURE))

    def named(self, identifier: str) -> Any:
        """The element with that Id. Raises: XmlBroken: there is none, or more than one."""
        if self._ids is None:
            self._ids = {}
            for value in _IDS(self.root):
                same = self._ids.setdefault(str(value), [])
                if not same or same[-1] is not value.getparent():  # it may have two that say the same
                    same.append(value.getparent())
        found = self._ids.get(identifier, [])
        if len(found) != 1:
            raise XmlBroken(f"{len(found)} elements with the Id {identifier[:60]}")
        return found[0]

    def canonical(
        self, element: Any, method: str = INCLUSIVE, prefixes: Sequence[str] = (), *, without: Any = None
    ) -> bytes:
        """
        The canonical form of an element; of the root with what stands beside it, if `element` is None.

        without: a signature that is taken out (the enveloped-signature transform), or EVERY one.
        Raises: XmlBroken: an unknown method, no canonical form, or too much of it.
        """
        if method not in CANONICAL_FORMS:
            raise XmlOther(method[:100]) if method else XmlBroken("no canonicalisation")
        asked = (element, method, tuple(prefixes), without)
        if asked not in self._kept:
            self._kept[asked] = self._canonical(element, CANONICAL_FORMS[method], prefixes, without)
        return self._kept[asked]

    def _canonical(self, element: Any, exclusive: bool, prefixes: Sequence[str], without: Any) -> bytes:
        node = self.root.getroottree() if element is None else element
        if without is not None:
            node = _all_out(self.root, element) if without is EVERY else _taken_out(self.root, element, without)
        if not exclusive:
            self._work_left -= self._work * len(etree.tostring(node, with_tail=False))
        if self._work_left < 0:
            raise XmlBroken("its canonical form would cost too much")
        try:
            made = canonical(node, exclusive=exclusive, prefixes=prefixes)
        except NotStrict as error:
            raise XmlBroken(str(error)) from error
        self._left -= len(made)
        if self._left < 0:
            raise XmlBroken("too much is to be canonicalised")
        return made


def _taken_out(root: Any, element: Any, signature: Any) -> Any:
    """A copy of the element, or of the whole tree, without the signature; the text behind it stays."""
    tree = copy.deepcopy(root.getroottree())
    path = [signature, *signature.iterancestors()]
    steps = [below.getparent().index(below) for below in path[:-1]]
    bare = tree.getroot()
    chosen = bare if element is root else None
    for step, original in zip(reversed(steps), reversed(path[:-1]), strict=True):
        bare = bare[step]
        if original is element:
            chosen = bare
    if element is not None and (chosen is None or not steps):
        raise XmlBroken("an enveloped signature that is not inside what it signs")
    if not steps:
        raise XmlBroken("an enveloped signature that is the whole document")
    _remove(bare)
    return tree if element is None else chosen


def _all_out(root: Any, element: Any) -> Any:
    """A copy of the whole tree without any signature."""
    if element is not None and element is not root:
        raise XmlBroken("all signatures are taken out of a document, not of a part")
    if root.tag == SIGNATURE:
        raise XmlBroken("an enveloped signature that is the whole document")
    tree = copy.deepcopy(root.getroottree())
    for signature in list(tree.getroot().iter(SIGNATURE)):
        _remove(signature)
    return tree if element is None else tree.getroot()


def _remove(element: Any) -> None:
    """The text behind it stays."""
    parent, before, tail = element.getparent(), element.getprevious(), element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)
