"""
Judge a PDF before anything is signed into it: what an official signs must be what every reader shows, now and later.

1. Bytes: size, header at the very start, nothing after the last %%EOF.
2. It opens without repair (pdf_reader); if it is encrypted, with its password, and it permits signing (pdf_opening).
3. Pages: at least one, not too many.
4. Nothing acts by itself: no scripts, launches, remote go-tos, submissions, XFA; no layer that is switched off.
5. No earlier certification that forbids a further signature.
Source: signing attacks P5, P11, P12 of our threat list; "Shadow Attacks" (NDSS 2021) §4; ISO 32000-2 §12.6, §12.8.2.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from signing.formats.pdf_active import find_active_content, find_hidden_layers
from signing.formats.pdf_objects import entry
from signing.formats.pdf_opening import check_may_add_fields
from signing.formats.pdf_reader import open_reader
from signing.formats.pdf_refusals import refuse, trapping_library_errors
from signing.formats.pdf_terms import check_may_sign
from signing.formats.pdf_visible import page_view

MEBIBYTE = 1024 * 1024
_VERSION = re.compile(rb"%PDF-([12]\.\d)[\r\n \t]")
_PDFA = re.compile(rb"pdfaid:part(?:>|=[\"'])\s*(\d)")
_CONFORMANCE = re.compile(rb"pdfaid:conformance(?:>|=[\"'])\s*([A-Za-z])")


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """Bounds on what is accepted for signing: bytes and pages."""

    most_bytes: int = 25 * MEBIBYTE
    most_pages: int = 2000


DEFAULT_LIMITS = PdfLimits()


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What the lint learned: size, pages, PDF version, PDF/A part claimed, signatures already present, page sizes."""

    bytes: int
    pages: int
    version: str
    pdfa: str
    signatures: int
    page_sizes: tuple[tuple[float, float], ...]


def lint_pdf(document: bytes, limits: PdfLimits = DEFAULT_LIMITS, password: str = "") -> PdfFacts:
    """
    Accept or refuse a document for signing.

    password: for a document that is encrypted.
    Returns: PdfFacts; page_sizes are (width, height) in points as seen, after /Rotate.
    Raises:  DocumentRefused: not_a_pdf, pdf_too_large, pdf_broken, pdf_ambiguous, pdf_active_content, pdf_xfa,
             pdf_hidden_layers, pdf_too_many_pages, pdf_no_pages, pdf_changes_refused; of an encrypted
             one pdf_encrypted, pdf_password_wrong, pdf_encryption_unknown, pdf_encryption_odd, pdf_no_permission.
    """
    version = _check_bytes(document, limits)
    with trapping_library_errors():
        reader, sound = open_reader(document, password)
        check_may_add_fields(reader, given=True)
        if not sound:
            raise refuse("pdf_broken", "objects are not where the cross-reference says")
        pages = _pages(reader, limits)
        found = find_active_content(reader.root, pages)
        if "XFA" in found:
            raise refuse("pdf_xfa")
        if found:
            raise refuse("pdf_active_content", ", ".join(found))
        if find_hidden_layers(reader.root):
            raise refuse("pdf_hidden_layers")
        check_may_sign(reader)
        return PdfFacts(
            bytes=len(document),
            pages=len(pages),
            version=version,
            pdfa=_pdfa(reader),
            signatures=sum(1 for _ in enumerate_sig_fields(reader, filled_status=True)),
            page_sizes=tuple((view.width, view.height) for view in map(page_view, pages)),
        )


def _check_bytes(document: bytes, limits: PdfLimits) -> str:
    if len(document) > limits.most_bytes:
        raise refuse("pdf_too_large", f"{len(document)} bytes, at most {limits.most_bytes}")
    header = _VERSION.match(document)
    if header is None:
        if b"%PDF-" in document[:1024]:
            raise refuse("pdf_ambiguous", "bytes before the header")
        raise refuse("not_a_pdf")
    end = document.rfind(b"%%EOF")
    if end < 0:
        raise refuse("pdf_broken", "no end-of-file marker")
    if document[end + 5 :].strip(b"\x00\t\n\x0c\r "):
        raise refuse("pdf_ambiguous", "bytes after the end-of-file marker")
    return header[1].decode()


def _pages(reader: PdfFileReader, limits: PdfLimits) -> list[generic.DictionaryObject]:
    """The pages in order, by a walk that loops and depth cannot trap."""
    pages: list[generic.DictionaryObject] = []
    seen: set[tuple[int, int]] = set()
    stack: list[object] = [reader.root.raw_get("/Pages")]
    while stack:
        node = stack.pop()
        if isinstance(node, generic.IndirectObject):
            key = (node.idnum, node.generation)
            if key in seen:
                raise refuse("pdf_broken", "the page tree is not a tree")
            seen.add(key)
            node = node.get_object()
        if not isinstance(node, generic.DictionaryObject):
            raise refuse("pdf_broken", "a page is not a dictionary")
        if "/Kids" in node:
            stack.extend(reversed(node["/Kids"]))
        else:
            pages.append(node)
        if len(pages) > limits.most_pages or len(stack) > 4 * limits.most_pages:
            raise refuse("pdf_too_many_pages", f"at most {limits.most_pages}")
    if not pages:
        raise refuse("pdf_no_pages")
    return pages


def _pdfa(reader: PdfFileReader) -> str:
    """The PDF/A part and level that the file claims, such as `2B`; empty if none."""
    metadata = entry(reader.root, "/Metadata")
    if not isinstance(metadata, generic.StreamObject):
        return ""
    data = metadata.data[:MEBIBYTE]
    part, level = _PDFA.search(data), _CONFORMANCE.search(data)
    return (part[1] + (level[1].upper() if level else b"")).decode() if part else ""
