"""
XML from strangers, read once and without surprises: bounded, no DTD, no entities, no network. Pure.

What is refused here never becomes a tree: a document type (external entities, entity expansion), another encoding than
Unicode, another version than 1.0. What is allowed is still bounded, also against canonical forms that cost far more
than the file is long: every element looks at every namespace declared above it.

Source: OWASP ASVS 5.0 §1.5.1; XML 1.0 §4.3.3; Canonical XML 1.0 §2; Exclusive XML Canonicalization 1.0 §3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

_DECLARED = re.compile(rb"<\?xml\s")
_DECLARATION = re.compile(
    rb"""<\?xml\s{1,9}version\s{0,9}=\s{0,9}(["'])1\.0\1"""
    rb"""(?:\s{1,9}encoding\s{0,9}=\s{0,9}(["'])(?P<encoding>[A-Za-z][A-Za-z0-9._-]{0,39})\2)?"""
    rb"""(?:\s{1,9}standalone\s{0,9}=\s{0,9}(["'])(?:yes|no)\4)?\s{0,9}\?>"""
)
_PREFIX = re.compile(rb"xmlns(?::([^\s=]{1,200}))?\s*=")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UNICODE = (b"utf-8", b"us-ascii", b"utf-16")
_LARGE = 8 * 1024 * 1024
"""Above this the library wants to be told that a long text is meant."""
_XML = "{http://www.w3.org/XML/1998/namespace}"
_DEPTHS = (8, 16, 32, 64, 100)
_DEEPER = {bound: etree.XPath(f"boolean({'/*' * (bound + 1)})") for bound in _DEPTHS}
"""Whether an element has that many above it; level by level, for asking each element about its ancestors is slow."""
_COUNT = etree.XPath("count(//*)")


class NotStrict(ValueError):
    """Not XML that we read; the message says why."""


class NotRead(NotStrict):
    """It may well be XML, but of a kind that is never read here; the message names it for people."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a document: its bytes, its elements, and elements × prefixes × depth (see work_of)."""

    bytes: int
    elements: int = 250_000
    work: int = 100_000_000


def parse(raw: bytes, limits: Limits, *, comments: bool = False) -> Any:
    """
    The root element. comments: whether they are kept; the canonical forms that we use leave them out.

    Raises: NotStrict.
    """
    if not raw or len(raw) > limits.bytes:
        raise NotStrict("it is empty or too long")
    text = _as_utf8(raw)
    if b"\x00" in text:
        raise NotStrict("it holds a zero")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise NotRead("DOCTYPE")
    try:
        root = etree.fromstring(text, _parser(text, comments=comments))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotStrict(f"no XML: {str(error)[:100]}") from error
    if root.getroottree().docinfo.doctype:
        raise NotRead("DOCTYPE")
    _check_cost(root, text, limits)
    return root


def _parser(text: bytes, *, comments: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=len(text) > _LARGE,
        remove_comments=not comments,
        encoding="utf-8",
    )


def canonical(node: Any, *, exclusive: bool = True, prefixes: Sequence[str] = ()) -> bytes:
    """
    Canonical XML 1.0 without comments, of an element or of a whole tree.

    exclusive: Exclusive XML Canonicalization; prefixes: its InclusiveNamespaces.
    Raises: NotStrict: there is none (relative namespaces), or it would take attributes of `xml:` from above.
    """
    if not exclusive and _inherits(node):
        raise NotStrict("a canonical form that inherits attributes")
    if not exclusive and _has_default_from_above(node):
        # the library would undeclare that name space two levels below (xmlns=""), but not where the node is the root
        alone = etree.tostring(node, encoding="utf-8", with_tail=False)
        node = etree.fromstring(alone, _parser(alone, comments=True))
    try:
        return bytes(
            etree.tostring(
                node,
                method="c14n",
                exclusive=exclusive,
                with_comments=False,
                inclusive_ns_prefixes=list(prefixes) or None,
            )
        )
    except (etree.C14NError, ValueError) as error:
        raise NotStrict("it has no canonical form") from error


def _as_utf8(raw: bytes) -> bytes:
    """UTF-16 with its mark becomes UTF-8; any other encoding than Unicode is refused, whatever the file says it is."""
    text = raw
    if raw.startswith(_UTF16):
        try:
            text = raw.decode("utf-16").encode("utf-8")
        except UnicodeError as error:
            raise NotStrict("it is not UTF-16") from error
    start = text.removeprefix(b"\xef\xbb\xbf")
    if _DECLARED.match(start):
        head = _DECLARATION.match(start)
        stated = head["encoding"] if head else None
        if head is None:
            raise NotStrict("another version than XML 1.0, or a broken declaration")
        if stated is not None and stated.lower() not in _UNICODE:
            raise NotRead(f"XML {stated.decode('ascii')}")
    return text


def work_of(root: Any, raw: bytes) -> int:
    """Elements × prefixes × depth: what an inclusive canonical form costs, about a microsecond for ten."""
    depth = next((bound for bound in _DEPTHS if not _DEEPER[bound](root)), 0)
    if not depth:
        raise NotStrict(f"more than {_DEPTHS[-1]} elements inside each other")
    return int(_COUNT(root)) * len(set(_PREFIX.findall(raw))) * depth


def _check_cost(root: Any, text: bytes, limits: Limits) -> None:
    if int(_COUNT(root)) > limits.elements:
        raise NotStrict(f"more than {limits.elements} elements")
    if work_of(root, text) > limits.work:
        raise NotStrict("its canonical form would cost too much")


def _has_default_from_above(node: Any) -> bool:
    above = node.getparent() if hasattr(node, "getparent") else None
    return above is not None and None in above.nsmap


def _inherits(node: Any) -> bool:
    if not hasattr(node, "iterancestors"):
        return False
    names = (name for above in node.iterancestors() for name in above.attrib)
    return any(name.startswith(_XML) for name in names)
