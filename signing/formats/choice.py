"""
Which formats a file can be signed in, how its signature is packed there, and what kind of file comes out.

PDF is signed within, and no other way; XML and JSON in their own form, anything else in a container, and so may those
be. A file that holds signatures already gets one more beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from signing.formats import FORMATS
from signing.formats.base import Packaging
from signing.formats.json_strict import NotStrict, parse_object

PDF, XML, JSON, CMS, BOX = "PAdES", "XAdES", "JAdES", "CAdES", "ASiC-E with CAdES"
_MOST_JSON = 48 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileType:
    """Of a signed file: the ending of its name and its media type."""

    ending: str
    media_type: str


_SIMPLE = FileType("asics", "application/vnd.etsi.asic-s+zip")
_EXTENDED = FileType("asice", "application/vnd.etsi.asic-e+zip")
FILE_TYPES: Mapping[str, FileType] = {
    PDF: FileType("pdf", "application/pdf"),
    XML: FileType("xml", "application/xml"),
    JSON: FileType("json", "application/jose+json"),
    CMS: FileType("p7m", "application/pkcs7-mime"),
    "ASiC-S with CAdES": _SIMPLE,
    BOX: _EXTENDED,
    "ASiC-S with XAdES": _SIMPLE,
    "ASiC-E with XAdES": _EXTENDED,
}
"""By the name of a format (FORMATS)."""


def known_format(document: bytes) -> str:
    """The name of the format that recognises a file, signed or not; empty: none does."""
    return next((one.name for one in FORMATS if one.recognises(document)), "")


def formats_for(document: bytes) -> tuple[str, ...]:
    """The names of the formats that a file can be signed in, the usual one first."""
    known = known_format(document)
    if known == XML:
        return (XML, BOX) if _is_xml(document) else (BOX,)
    if known in (JSON, CMS):
        return (known, BOX)
    if known:
        return (known,)
    return (JSON, BOX) if _is_json(document) else (BOX,)


def packaging_in(name: str, document: bytes) -> Packaging | None:
    """How a signature of a format from `formats_for` is packed; None: as the format does it by itself."""
    if name == XML:
        return Packaging.BESIDE if _is_signature(document) else Packaging.ENVELOPED
    if name in (JSON, CMS) and known_format(document) == name:
        return Packaging.BESIDE
    return None


def media_type_of(document: bytes) -> str:
    """Of a file by what is in it."""
    known = FILE_TYPES.get(known_format(document))
    return known.media_type if known else "application/octet-stream"


def _is_xml(document: bytes) -> bool:
    from signing.formats.xml_document import XmlBroken, XmlDocument

    try:
        XmlDocument(document)
    except XmlBroken:
        return False
    return True


def _is_signature(document: bytes) -> bool:
    """Whether the file is a signature that holds its content, or stands beside it. Raises: XmlBroken: no XML."""
    from signing.formats.xml_document import XmlDocument
    from signing.formats.xml_words import SIGNATURE

    return bool(XmlDocument(document).root.tag == SIGNATURE)


def _is_json(document: bytes) -> bool:
    if len(document) > _MOST_JSON or not document.lstrip(b" \t\r\n").startswith((b"{", b"[")):
        return False
    try:
        parse_object(b'{"one":' + document + b"}")
    except NotStrict:
        return False
    return True
