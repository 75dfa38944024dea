"""
The time stamps of a XAdES signature and the bytes that each must be made over.

Source: EN 319 132-1 §5.2.8 (content), §5.3 (signature value), §5.5.2.2 (archive, all of it in one signature), §5.1.4.2
(the container; the implicit mechanism only).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from signing.formats.xades_parts import Parts, decoded
from signing.formats.xades_references import Resolved, octets_of, prefixes_of
from signing.formats.xml_document import XmlBroken, XmlDocument
from signing.formats.xml_words import INCLUSIVE, ds, xades, xades_141
from signing.validation.signed import StampInput

DER = "http://uri.etsi.org/01903/v1.2.2#DER"
SIGNATURE_STAMP, ARCHIVE_STAMP = xades("SignatureTimeStamp"), xades_141("ArchiveTimeStamp")
CONTENT_STAMP, EACH_STAMP = xades("AllDataObjectsTimeStamp"), xades("IndividualDataObjectsTimeStamp")
_INCLUDE = xades("Include")
_VALUES = tuple(
    xades(name) for name in ("EncapsulatedX509Certificate", "EncapsulatedCRLValue", "EncapsulatedOCSPValue")
)
_TOKEN = xades("EncapsulatedTimeStamp")
Over = Callable[[str, Sequence[str]], bytes | None]
"""What is stamped, in a canonical form with its prefixes."""


def stamps_of(element: Any, over: Over, covers: tuple[bytes, ...] = ()) -> list[StampInput]:
    """Each token of a time stamp property. Raises: XmlBroken: another mechanism, or none that we know."""
    children = [one for one in element if one.tag != _INCLUDE or element.tag != EACH_STAMP]
    method: str = INCLUSIVE
    prefixes: tuple[str, ...] = ()
    if children and children[0].tag == ds("CanonicalizationMethod"):
        method, prefixes = children[0].get("Algorithm", ""), prefixes_of(children[0])
        children = children[1:]
    if not children or any(one.tag != _TOKEN or one.get("Encoding", DER) != DER for one in children):
        raise XmlBroken("a time stamp of another kind")
    stamped = over(method, prefixes)
    return [StampInput(decoded(one), stamped, covers) for one in children]


def over_value(document: XmlDocument, parts: Parts) -> Over:
    """A signature time stamp is over the element with the value."""
    return lambda method, prefixes: document.canonical(parts.value, method, prefixes)


def over_content(document: XmlDocument, parts: Parts, resolved: Iterable[Resolved]) -> Over:
    """A content time stamp is over all that is signed but the properties."""
    chosen = [one for one in resolved if not one.properties and not one.in_manifest]
    return lambda method, prefixes: _joined(octets_of(document, parts, one, method, prefixes) for one in chosen)


def over_named(document: XmlDocument, parts: Parts, resolved: Iterable[Resolved], element: Any) -> Over:
    """
    A time stamp over some of what is signed is over the objects whose references it names, in its order.

    Raises: XmlBroken: it names none, one twice, or something else than a reference of this signature.
    """
    objects = [one for one in resolved if not one.in_manifest]
    chosen: list[int] = []
    for include in element.findall(_INCLUDE):
        uri = include.get("URI", "")
        named = document.named(uri[1:]) if uri.startswith("#") else None
        place = next((number for number, one in enumerate(parts.references) if one is named), None)
        if place is None or objects[place].properties or include.get("referencedData") not in ("true", "1"):
            raise XmlBroken("a time stamp over what is no signed object")
        chosen.append(place)
    if not chosen or len(set(chosen)) != len(chosen):
        raise XmlBroken("a time stamp over nothing, or over something twice")
    return lambda method, prefixes: _joined(
        octets_of(document, parts, objects[place], method, prefixes) for place in chosen
    )


def over_all(document: XmlDocument, parts: Parts, resolved: Iterable[Resolved], before: Sequence[Any]) -> Over:
    """
    An archive time stamp is over everything that was there before it.

    before: the unsigned properties in front of it.
    """
    chosen = [one for one in resolved if not one.in_manifest]
    key_info = () if parts.key_info is None else (parts.key_info,)
    elements = (parts.signed_info, parts.value, *key_info, *before, *parts.objects)

    def over(method: str, prefixes: Sequence[str]) -> bytes | None:
        content = _joined(octets_of(document, parts, one, method, prefixes) for one in chosen)
        if content is None:
            return None
        return content + b"".join(document.canonical(one, method, prefixes) for one in elements)

    return over


def covered_by(parts: Parts, before: Sequence[Any]) -> tuple[bytes, ...]:
    """What an archive time stamp proves the age of: certificates, lists, answers, tokens, the signature value."""
    found = [decoded(parts.value)]
    if parts.key_info is not None:
        found += [decoded(one) for one in parts.key_info.iter(ds("X509Certificate"), ds("X509CRL"))]
    for element in before:
        if element.tag != xades("CounterSignature"):
            found += [decoded(one) for one in element.iter(*_VALUES, _TOKEN)]
    return tuple(found)


def _joined(octets: Iterable[bytes | None]) -> bytes | None:
    known = list(octets)
    return None if None in known else b"".join(one for one in known if one is not None)
