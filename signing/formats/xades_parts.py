"""
An XML signature taken apart strictly: every element where its schema has it, each once, nothing in between.

What is not under the signature is accepted in one form only, and nothing is looked for by name in the depth of the
tree: the properties that are read are those at the one place where they belong (wrapping attacks live on the rest).
Source: XMLDSig 1.1 §4; EN 319 132-1 §4.3, §5.1.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from signing.formats.xml_document import XmlBroken, XmlOther
from signing.formats.xml_words import DS, DS_OBJECT, XADES, XADES_ANY, ds, local, xades

_SIGNATURE = re.compile(r"SignedInfo SignatureValue (KeyInfo )?(Object )*")
_SIGNED_INFO = re.compile(r"CanonicalizationMethod SignatureMethod (Reference )+")
_REFERENCE = re.compile(r"(Transforms )?DigestMethod DigestValue ")
_QUALIFYING = re.compile(r"SignedProperties (UnsignedProperties )?")
_SIGNED = re.compile(r"(SignedSignatureProperties )?(SignedDataObjectProperties )?")
_UNSIGNED = re.compile(r"(UnsignedSignatureProperties )?(UnsignedDataObjectProperties )?")
_UNSIGNED_PATH = (xades("UnsignedProperties"), xades("UnsignedSignatureProperties"))
MOST_REFERENCES = 256


@dataclass(frozen=True, slots=True)
class Parts:
    """
    The elements of one signature.

    qualifying:        QualifyingProperties of XAdES 1.3.2, None for a plain signature; older: the name space of an
                       older XAdES, or empty. signed: SignedProperties.
    unsigned:          each unsigned signature property, in order; strange: names of unsigned things of another kind.
    objects:           each Object but the one that holds the qualifying properties and nothing else.
    """

    signature: Any
    signed_info: Any
    value: Any
    key_info: Any | None
    objects: tuple[Any, ...]
    references: tuple[Any, ...]
    qualifying: Any | None
    older: str
    signed: Any | None
    unsigned: tuple[Any, ...]
    strange: tuple[str, ...]


def open_signature(signature: Any) -> Parts:
    """Raises: XmlBroken: not as the schema has it."""
    children = shaped(signature, _SIGNATURE)
    signed_info, value = children[0], children[1]
    key_info = next((one for one in children if one.tag == ds("KeyInfo")), None)
    objects = [one for one in children if one.tag == DS_OBJECT]
    found = [(holder, one) for holder in objects for one in holder if _is_qualifying(one)]
    if len(found) > 1:
        raise XmlBroken("several qualifying properties")
    for part in (signed_info, value, *((key_info,) if key_info is not None else ()), *(one for _, one in found)):
        _check_nothing_else(part)
    references = tuple(one for one in shaped(signed_info, _SIGNED_INFO) if one.tag == ds("Reference"))
    if len(references) > MOST_REFERENCES:
        raise XmlOther(f"Reference > {MOST_REFERENCES}")
    kept = tuple(one for one in objects if not found or one is not found[0][0])
    if not found:
        return Parts(signature, signed_info, value, key_info, kept, references, None, "", None, (), ())
    holder, qualifying = found[0]
    if qualifying.tag != xades("QualifyingProperties"):
        return Parts(signature, signed_info, value, key_info, kept, references, None, qualifying.tag, None, (), ())
    if len(holder) != 1 or _has_text(holder):
        raise XmlBroken("something beside the qualifying properties")
    properties = _open_qualifying(qualifying)
    return Parts(signature, signed_info, value, key_info, kept, references, qualifying, "", *properties)


def _is_qualifying(element: Any) -> bool:
    tag = element.tag
    return isinstance(tag, str) and tag.startswith(f"{{{XADES_ANY}") and local(tag) == "QualifyingProperties"


def _open_qualifying(qualifying: Any) -> tuple[Any, tuple[Any, ...], tuple[str, ...]]:
    children = shaped(qualifying, _QUALIFYING, XADES)
    shaped(children[0], _SIGNED, XADES)
    if len(children) == 1:
        return children[0], (), ()
    unsigned: tuple[Any, ...] = ()
    strange: tuple[str, ...] = ()
    for part in shaped(children[1], _UNSIGNED, XADES):
        if _has_text(part):
            raise XmlBroken("text where elements belong")
        if part.tag == _UNSIGNED_PATH[1]:
            unsigned = tuple(part)
        else:
            strange = tuple(local(one.tag) for one in part) or (local(part.tag),)
    return children[0], unsigned, strange


def shaped(element: Any, shape: re.Pattern[str], namespace: str = DS) -> list[Any]:
    """The children of an element that holds nothing but these. Raises: XmlBroken."""
    children = list(element)
    wanted = f"{{{namespace}}}"
    if any(not isinstance(one.tag, str) or not one.tag.startswith(wanted) for one in children):
        raise XmlBroken(f"{local(str(element.tag))} with strange elements")
    if not shape.fullmatch("".join(f"{local(one.tag)} " for one in children)) or _has_text(element):
        raise XmlBroken(f"{local(element.tag)} with other elements than allowed")
    return children


def _has_text(element: Any) -> bool:
    return bool((element.text or "").strip() or any((one.tail or "").strip() for one in element))


def _check_nothing_else(part: Any) -> None:
    """
    No comment and no processing instruction where nothing but elements and text belongs: two readers could see two
    different values (a digest cut in two by a comment).
    """
    for node in part.iter():
        if not isinstance(node.tag, str):
            raise XmlBroken("a comment or an instruction inside the signature")


@dataclass(frozen=True, slots=True)
class Digest:
    """A DigestMethod with its DigestValue, or what is built like them. algorithm: the identifier as it stands."""

    algorithm: str
    value: bytes


def open_reference(reference: Any) -> tuple[list[Any], Digest]:
    """The Transform elements of a Reference, and its digest. Raises: XmlBroken."""
    children = shaped(reference, _REFERENCE)
    transforms = list(children[0]) if len(children) == 3 else []
    if any(one.tag != ds("Transform") for one in transforms):
        raise XmlBroken("a transform of another kind")
    return transforms, Digest(children[-2].get("Algorithm", ""), decoded(children[-1]))


def open_digest(element: Any) -> Digest:
    """Of an element that holds exactly DigestMethod and DigestValue. Raises: XmlBroken."""
    method, value = shaped(element, re.compile("DigestMethod DigestValue "))
    return Digest(method.get("Algorithm", ""), decoded(value))


def text_of(element: Any) -> str:
    """Its text, trimmed. Raises: XmlBroken: it holds something else."""
    if len(element):
        raise XmlBroken("elements where text belongs")
    return (element.text or "").strip()


def decoded(element: Any) -> bytes:
    """Its base64, in the one way that its bytes can be written. Raises: XmlBroken."""
    text = "".join(text_of(element).split())
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise XmlBroken("base64 that is none") from error
    if base64.b64encode(value).decode() != text:
        raise XmlBroken("base64 with bits that mean nothing")
    return value


def only(parent: Any, name: str) -> Any | None:
    """The one child of that qualified name, or None. Raises: XmlBroken: there are several."""
    found = parent.findall(name)
    if len(found) > 1:
        raise XmlBroken(f"{len(found)} elements {local(name)}")
    return found[0] if found else None
