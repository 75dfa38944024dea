"""
What a file says to somebody else: its content by other programs than ours, so that both must read the same.

A PDF by PDFium, CMS by asn1crypto, XML, JSON and ZIP by Python's own.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from xml.etree import ElementTree

import pypdfium2
from asn1crypto import cms

from signing.formats.asic_container import Kind
from signing.formats.xml_words import DS_OBJECT, QUALIFYING, SIGNATURE
from signing.validation.ber import definite

Reader = Callable[[bytes], object]


def of_pdf(document: bytes) -> object:
    """The text of every page with the size of the page."""
    opened = pypdfium2.PdfDocument(document)
    try:
        return tuple((page.get_size(), page.get_textpage().get_text_bounded()) for page in opened)
    finally:
        opened.close()


def of_cms(document: bytes) -> object:
    """What is enclosed, None if it is elsewhere."""
    return cms.ContentInfo.load(definite(document))["content"]["encap_content_info"]["content"].native


def of_xml(document: bytes) -> object:
    """
    The document without its signatures and the empty frames around what is left, and the data inside the signatures.

    Frames may stand around a signed part (docs/divergences.md, XMLDSig 1.1 §8.1); people are told what is covered.
    """
    root = ElementTree.fromstring(document)  # our own files, damaged by ourselves
    objects = [one for one in root.iter(DS_OBJECT) if not any(child.tag == QUALIFYING for child in one)]
    enclosed = tuple(sorted(_plain(one) for one in objects))
    for parent in list(root.iter()):
        for child in [one for one in parent if one.tag == SIGNATURE]:
            parent.remove(child)
    while len(root) == 1 and root.keys() in ([], ["Id"]) and not _has_text(root):
        root = root[0]
    return "" if root.tag == SIGNATURE else _plain(root), enclosed


def _has_text(frame: ElementTree.Element) -> bool:
    return bool((frame.text or "").strip() or (frame[0].tail or "").strip())


def _plain(element: ElementTree.Element) -> str:
    """Its canonical form without blanks between words: the blanks around a signature are nobody's."""
    return "".join(ElementTree.canonicalize(ElementTree.tostring(element, encoding="unicode")).split())


def of_json(document: bytes) -> object:
    """The payload, None if it is elsewhere."""
    if document.startswith(b"{"):
        payload = json.loads(document).get("payload")
    else:
        payload = document.split(b".")[1].decode()
    return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)) if payload else None


def of_zip(document: bytes) -> object:
    """The files that people find in it, with what is in them; in ASiC-S nobody signs what its one file is called."""
    with zipfile.ZipFile(io.BytesIO(document)) as opened:
        names = [one for one in opened.namelist() if one != "mimetype" and not one.startswith("META-INF/")]
        simple = opened.read("mimetype") == Kind.SIMPLE.media_type.encode() if "mimetype" in opened.namelist() else True
        return tuple(sorted(("" if simple else name, opened.read(name)) for name in names))


READERS: Mapping[str, Reader] = {
    "PDF": of_pdf,
    "CMS": of_cms,
    "XML": of_xml,
    "JSON": of_json,
    "container": of_zip,
    "time stamp": of_cms,
}
