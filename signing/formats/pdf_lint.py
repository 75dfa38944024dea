"""Judge a PDF before anything is signed into it. (Signature only; the rules follow.)"""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """Bounds on what is accepted for signing: bytes and pages."""

    most_bytes: int = 25 * MEBIBYTE
    most_pages: int = 2000


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What the lint learned: size, pages, PDF version, PDF/A part claimed, signatures already present, page sizes."""

    bytes: int
    pages: int
    version: str
    pdfa: str
    signatures: int
    page_sizes: tuple[tuple[float, float], ...]


def lint_pdf(document: bytes, limits: PdfLimits = PdfLimits()) -> PdfFacts:  # noqa: B008  # frozen value
    """
    Accept or refuse a document for signing.

    Returns: PdfFacts; page_sizes are (width, height) in points as seen, after /Rotate.
    Raises:  SigningError: not_a_pdf, pdf_too_large, pdf_encrypted, pdf_broken, pdf_ambiguous, pdf_active_content,
             pdf_xfa, pdf_too_many_pages, pdf_no_pages, pdf_changes_refused.
    """
    raise NotImplementedError
