"""
What the references of an XML signature lead to: the very octets that are digested, and which node they are.

Nothing is fetched. A reference leads to the whole document, to the one element with an Id, or to a file that somebody
brought along. These transforms are allowed: taking this signature out, the canonical forms, and base64 of an element
that holds text alone; whoever needs more (XPath, XSLT) could let a reader see what was never signed. Two sentences of
XPath are known by heart, for both say that all signatures are taken out, and many programs write them; none is run.
Source: XMLDSig 1.1 §4.4.3, §6.6; EN 319 132-1 §4.4; findings of the Ruhr University on transforms (2019).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from signing.formats.xades_parts import Parts, open_reference, shaped
from signing.formats.xml_algorithms import DIGEST_NAMES
from signing.formats.xml_document import EVERY, XmlBroken, XmlDocument, XmlOther
from signing.formats.xml_words import (
    BASE64,
    CANONICAL_FORMS,
    DS,
    DS_MANIFEST,
    ENVELOPED,
    EXCLUSIVE,
    FILTER,
    INCLUSIVE,
    REFERENCE,
    SIGNED_PROPERTIES,
    XPATH,
    ds,
    local,
)
from signing.validation.located import Beside
from signing.validation.signed import Place, Reference, SignedContent

Contents = Callable[[str | None], SignedContent]
"""Where content outside the document is, by the decoded URI of the reference (None: it has none)."""
_ABSENT = SignedContent(Place.ABSENT)
WHOLE = "#xpointer(/)"
"""The document with its comments, which no form that is read here keeps (XMLDSig 1.1 §4.4.3.3)."""
_POINTER = re.compile(r"""#xpointer\(id\((['"])([^'"()\s]+)\1\)\)""")
_NOTHING = re.compile("")
_THIS = object()


@dataclass(frozen=True, slots=True)
class Resolved:
    """
    One reference. node: the element that is covered, None for a file outside; whole: the document with all in it.

    enveloped: without this signature; bare: without any. formed: whether a transform says in which form it is digested;
    who stamps it chooses the form otherwise. octets: what is digested, None if it is not here.
    """

    fact: Reference
    node: Any | None
    kind: str
    whole: bool = False
    enveloped: bool = False
    bare: bool = False
    formed: bool = True
    in_manifest: bool = False
    octets: bytes | None = field(default=None, repr=False)

    @property
    def properties(self) -> bool:
        """Whether it is typed as that of the signed properties."""
        return self.kind == SIGNED_PROPERTIES


def contents_of(beside: Beside) -> Contents:
    """One file, or its digest, for the only reference that leads outside, whatever it calls that."""
    if beside.content is not None:
        given = SignedContent(Place.GIVEN, data=beside.content)
    elif beside.digest is not None:
        given = SignedContent(Place.DIGEST, data=beside.digest)
    else:
        given = _ABSENT
    return lambda _uri: given


def contents_among(files: Mapping[str, bytes]) -> Contents:
    """Files by name, as a container has them."""

    def find(uri: str | None) -> SignedContent:
        data = files.get(uri) if uri is not None else None
        return _ABSENT if data is None else SignedContent(Place.GIVEN, data=data)

    return find


def resolve_all(document: XmlDocument, parts: Parts, contents: Contents) -> list[Resolved]:
    """
    Every reference in order, and behind each manifest what that refers to.

    Raises: XmlBroken: one that is not allowed, leads nowhere or to two places.
    """
    found: list[Resolved] = []
    for reference in parts.references:
        one = _resolve(document, parts, reference, contents)
        found.append(one)
        for manifest in _manifests(one):
            for inner in manifest.findall(REFERENCE):
                found.append(_resolve(document, parts, inner, contents, manifest=True))
    return found


def outside(reference: Any) -> bool:
    """Whether a reference leads out of the document."""
    uri = reference.get("URI")
    return uri is None or not (uri == "" or uri.startswith("#"))


def takes_all_out(reference: Any) -> bool:
    """Whether it is over the document without any signature, so that there can be others."""
    transforms, _digest = open_reference(reference)
    return bool(transforms) and _taken_out_by(transforms[0]) is EVERY


def _manifests(one: Resolved) -> list[Any]:
    """The manifests that a reference signs: each is a list of references, and a broken one must be noticed."""
    if one.node is None or one.whole:
        return []
    return [one.node] if one.node.tag == DS_MANIFEST else list(one.node.findall(DS_MANIFEST))


def _resolve(
    document: XmlDocument, parts: Parts, reference: Any, contents: Contents, *, manifest: bool = False
) -> Resolved:
    uri = reference.get("URI")
    transforms, digest = open_reference(reference)
    kind = reference.get("Type", "")
    algorithm = DIGEST_NAMES.get(digest.algorithm, digest.algorithm[:60])
    if outside(reference):
        if transforms:
            raise XmlOther(transforms[0].get("Algorithm", "")[:100] or "Transforms")
        name = None if uri is None else unquote(uri)
        fact = Reference(name or "content", algorithm, digest.value, contents(name))
        return Resolved(fact, None, kind, in_manifest=manifest, octets=_octets(fact))
    node = None if uri in ("", WHOLE) else document.named(_identifier(uri))
    without, octets = _transformed(document, parts, node, transforms)
    formed = len(transforms) > (without is not None)
    name = uri or local(str(document.root.tag))
    fact = Reference(name, algorithm, digest.value, SignedContent(Place.GIVEN, data=octets))
    covered = document.root if node is None else node
    out = without is not None, without is EVERY
    return Resolved(fact, covered, kind, node is None, *out, formed, manifest, octets)


def _identifier(uri: str) -> str:
    """The Id that a reference within the document names, in either way of saying it (XMLDSig 1.1 §4.4.3.2)."""
    if not uri.startswith("#xpointer("):
        return uri[1:]
    found = _POINTER.fullmatch(uri)
    if found is None:
        raise XmlOther(uri[:100])
    return found[2]


def octets_of(document: XmlDocument, parts: Parts, one: Resolved, method: str, prefixes: Sequence[str]) -> bytes | None:
    """What a time stamp takes for a reference: its octets, or its nodes in the form of the time stamp."""
    if one.formed or one.node is None:
        return one.octets
    without = EVERY if one.bare else parts.signature if one.enveloped else None
    return document.canonical(None if one.whole else one.node, method, prefixes, without=without)


def _octets(fact: Reference) -> bytes | None:
    return fact.content.data if fact.content.place is Place.GIVEN else None


def _transformed(
    document: XmlDocument, parts: Parts, node: Any | None, transforms: Sequence[Any]
) -> tuple[Any | None, bytes]:
    """
    The octets after the transforms, which come in one order: without signatures, then one form.

    Returns: also what was taken out: this signature, EVERY one, or None.
    """
    without = _taken_out_by(transforms[0]) if transforms else None
    without = parts.signature if without is _THIS else without
    rest = transforms[1:] if without is not None else transforms
    if len(rest) > 1:
        names = " ".join(one.get("Algorithm", "") for one in transforms)
        raise XmlOther(names[:200])
    method = rest[0].get("Algorithm", "") if rest else INCLUSIVE
    if method == BASE64 and node is not None and without is None:
        return None, _plain(node)
    if method not in CANONICAL_FORMS:
        raise XmlOther(method[:100])
    prefixes = prefixes_of(rest[0]) if rest else ()
    return without, document.canonical(node, method, prefixes, without=without)


def _taken_out_by(transform: Any) -> Any | None:
    """_THIS signature or EVERY one, None if a first transform takes out nothing. Raises: XmlBroken: its parameters."""
    name, inside = transform.get("Algorithm", ""), list(transform)
    if name == ENVELOPED:
        if inside:
            raise XmlBroken("a transform with parameters")
        return _THIS
    if name in (XPATH, FILTER):
        if len(inside) == 1 and _says_all(name, inside[0]):
            return EVERY
        raise XmlOther(name)
    return None


def _says_all(name: str, sentence: Any) -> bool:
    """Whether it is the sentence that takes every signature out, in the one form each of the two transforms has it."""
    prefixes = [prefix for prefix, space in sentence.nsmap.items() if prefix and space == DS]
    if len(sentence):
        return False
    said = (sentence.text or "").strip()
    if name == XPATH:
        known = [f"not(ancestor-or-self::{prefix}:Signature)" for prefix in prefixes]
        return sentence.tag == ds("XPath") and said in known
    known = [f"/descendant::{prefix}:Signature" for prefix in prefixes]
    return sentence.tag == f"{{{FILTER}}}XPath" and sentence.get("Filter") == "subtract" and said in known


def prefixes_of(method: Any) -> tuple[str, ...]:
    """InclusiveNamespaces of an exclusive form. Raises: XmlBroken: other parameters, or of another form."""
    children = list(method)
    if not children:
        return ()
    wanted = f"{{{EXCLUSIVE}}}InclusiveNamespaces"
    if len(children) != 1 or children[0].tag != wanted or not method.get("Algorithm", "").startswith(EXCLUSIVE):
        raise XmlBroken("canonicalisation with parameters")
    shaped(children[0], _NOTHING)
    return tuple(children[0].get("PrefixList", "").split())


def _plain(node: Any) -> bytes:
    """What base64 inside an element stands for."""
    if len(node):
        raise XmlBroken("base64 of something that is more than text")
    try:
        return base64.b64decode("".join((node.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise XmlBroken("base64 that is none") from error
