"""What an official sees of a document without pages: its text or the files in it, and the formats to sign it in."""

from __future__ import annotations

from typing import Any

from base.texts import Text
from base.web.texts import t
from signing.errors import DocumentRefused
from signing.formats.asic_container import looks_like, open_container
from signing.formats.choice import PDF, formats_for
from signing.preview.source_text import source_text
from signing.store.documents import Document

_WORDS = {
    "PAdES": Text("PAdES (trong tệp PDF)", "PAdES (inside the PDF)"),
    "XAdES": Text("XAdES (trong tệp XML)", "XAdES (inside the XML)"),
    "JAdES": Text("JAdES (JSON kèm chữ ký)", "JAdES (JSON with signature)"),
    "CAdES": Text("CAdES (trong tệp chữ ký CMS)", "CAdES (inside the CMS file)"),
    "ASiC-E with CAdES": Text("ASiC-E (gói tệp và chữ ký)", "ASiC-E (file and signature in one)"),
}


def format_words(name: str) -> str:
    """What a format is called here."""
    words = _WORDS.get(name)
    return t(words.vi, words.en) if words else name


def seen(document: Document, content: bytes) -> dict[str, Any]:
    """
    For the page of a document: `source` and `inside` of one without pages, `formats` as options, where there is a
    choice.
    """
    if document.format == PDF:
        return {"format": format_words(PDF), "formats": [], "source": None, "inside": []}
    found = formats_for(content)
    return {
        "format": format_words(document.format),
        "formats": [(name, format_words(name)) for name in found] if len(found) > 1 else [],
        "source": source_text(content),
        "inside": _inside(content),
    }


def _inside(content: bytes) -> list[tuple[str, int]]:
    """The files that a container of ours holds, with their bytes."""
    if looks_like(content) is None:
        return []
    try:
        container = open_container(content)
    except DocumentRefused:
        return []
    return [(name, len(container.content(name) or b"")) for name in container.payload]
