"""
The manifests of ASiC-E: which files belong to a signature, a time stamp or an evidence record, by name and digest.

Written in one form, and read in any that the schema allows: what is unknown is refused, not passed over, for a reader
who knows it could see something else. Source: EN 319 162-1 Annex A.4 (ASiCManifest), A.7 (ASiCArchiveManifest).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes
from xml.etree.ElementTree import Element, ParseError, XMLParser, fromstring

NAMESPACE = "http://uri.etsi.org/02918/v1.2.1#"
_DS = "http://www.w3.org/2000/09/xmldsig#"
_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-256": "sha3_256",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-384": "sha3_384",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-512": "sha3_512",
    "http://www.w3.org/2000/09/xmldsig#sha1": "sha1",
}
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
MOST_BYTES = 4 * 1024 * 1024
MOST_REFERENCES = 1000
_KEPT = "/!$&'()*+,;=:@-._~"
_ROOT, _SIGNATURE, _OBJECT = (
    f"{{{NAMESPACE}}}{name}" for name in ("ASiCManifest", "SigReference", "DataObjectReference")
)
_METHOD, _VALUE = f"{{{_DS}}}DigestMethod", f"{{{_DS}}}DigestValue"
_MAY = {
    _ROOT: frozenset[str](),
    _SIGNATURE: frozenset(("URI", "MimeType")),
    _OBJECT: frozenset(("URI", "MimeType", "Rootfile")),
    _METHOD: frozenset(("Algorithm",)),
    _VALUE: frozenset[str](),
}


class ManifestBroken(ValueError):
    """The message says why, for the operator."""


@dataclass(frozen=True, slots=True)
class Named:
    """One file as a manifest names it. algorithm: a name that hashlib knows, or the address of one we do not know."""

    name: str
    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """keeper: the name of the signature, time stamp or evidence record that covers the files."""

    keeper: str
    files: tuple[Named, ...]


def write_manifest(keeper: str, keeper_type: str, files: Iterable[tuple[str, bytes]], root: str = "") -> bytes:
    """
    A manifest with SHA-256. keeper_type: media type of the keeper. root: the file that is marked as the one to start
    from, in an archive manifest the one before.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<asic:ASiCManifest xmlns:asic="{NAMESPACE}" xmlns:ds="{_DS}">'
        f'<asic:SigReference URI="{_address(keeper)}" MimeType="{keeper_type}"/>'
    ]
    for name, data in files:
        value = base64.b64encode(hashlib.sha256(data).digest()).decode()
        mark = ' Rootfile="true"' if name == root else ""
        lines.append(
            f'<asic:DataObjectReference URI="{_address(name)}"{mark}><ds:DigestMethod Algorithm="{_SHA256}"/>'
            f"<ds:DigestValue>{value}</ds:DigestValue></asic:DataObjectReference>"
        )
    lines.append("</asic:ASiCManifest>\n")
    return "".join(lines).encode()


def read_manifest(raw: bytes) -> Manifest:
    """Raises: ManifestBroken: not as the schema has it, or with something that is not known here."""
    root = _parsed(raw)
    if root.tag != _ROOT:
        raise ManifestBroken("not a manifest")
    _check(root)
    children = list(root)
    if not children or children[0].tag != _SIGNATURE or any(child.tag != _OBJECT for child in children[1:]):
        raise ManifestBroken("other elements than references")
    if not 1 < len(children) <= MOST_REFERENCES + 1:
        raise ManifestBroken(f"{len(children) - 1} references")
    files = tuple(_named(child) for child in children[1:])
    if len({one.name for one in files}) != len(files):
        raise ManifestBroken("a file is named twice")
    return Manifest(_name_at(children[0]), files)


def _parsed(raw: bytes) -> Element:
    if not raw or len(raw) > MOST_BYTES or b"\x00" in raw or b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise ManifestBroken("too long, or with a document type")
    try:
        raw.decode("utf-8")
        return fromstring(raw, XMLParser(encoding="utf-8"))  # noqa: S314  # no document type, no entities: see above
    except (ParseError, ValueError) as error:
        raise ManifestBroken(f"no XML: {str(error)[:100]}") from error


def _named(element: Element) -> Named:
    children = list(element)
    if [child.tag for child in children] != [_METHOD, _VALUE] or len(children[0]) or len(children[1]):
        raise ManifestBroken("a reference without method and value, or with more")
    for one in (element, *children):
        _check(one)
    address = children[0].get("Algorithm", "")
    try:
        digest = base64.b64decode("".join((children[1].text or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ManifestBroken("a digest that is no Base64") from error
    return Named(_name_at(element), _DIGESTS.get(address, address[:100]), digest)


def _check(element: Element) -> None:
    """No attribute that is not known, and no text between elements."""
    if not _MAY[element.tag].issuperset(element.keys()):
        raise ManifestBroken("an attribute that is not known")
    if element.tag != _VALUE and any((text or "").strip() for text in (element.text, *(one.tail for one in element))):
        raise ManifestBroken("text between the elements")


def _name_at(element: Element) -> str:
    """The name that a URI stands for: relative, within the container, percent-encoded UTF-8 (RFC 3986 §4.2)."""
    _check(element)
    address = element.get("URI", "")
    if not address or any(letter in address for letter in "?#"):
        raise ManifestBroken("a reference that leads out of the container")
    try:
        return unquote_to_bytes(address).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ManifestBroken("a name that is not in UTF-8") from error


def _address(name: str) -> str:
    return quote(name, safe=_KEPT).replace("&", "&amp;")
