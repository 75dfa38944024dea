"""
A file of any kind on its way to a signature: whether it can be taken in, in which formats it can be signed, and how.

The format is chosen before the approval is asked for and kept with the request, so what is made is what was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keys.api import Credential
from signing.errors import DocumentRefused
from signing.flows.self_check import earlier_signatures
from signing.formats import format_named
from signing.formats.asic_container import Kind, pack
from signing.formats.base import Level, Packaging, PrepareRequest, Statements
from signing.formats.choice import BOX, CMS, JSON, PDF, formats_for, known_format, packaging_in
from signing.preview.placement import Sizes
from signing.services import SigningServices
from signing.store.desk_sessions import Signer

_PDF_NAME = ".pdf"


@dataclass(frozen=True, slots=True)
class Taken:
    """What is known of a file that can be taken in. sizes: of its pages, none outside PDF. format: the usual one."""

    sizes: Sizes
    signatures: int
    format: str


def judge(services: SigningServices, content: bytes, label: str) -> Taken:
    """
    Whether a file can be signed. label: what it is called, which is its name in a container.

    Raises: DocumentRefused: what lint_pdf() finds, `not_a_pdf` for what only has the name of one, `no_content`,
            `too_large`, `name_refused`, `signature_unreadable`.
    """
    settings = services.settings
    if known_format(content) == PDF or label.lower().endswith(_PDF_NAME):
        from signing.formats.pdf_lint import PdfLimits, lint_pdf  # libraries: the first document loads them

        facts = lint_pdf(content, PdfLimits(settings.document_max_bytes, settings.document_max_pages))
        return Taken(facts.page_sizes, facts.signatures, PDF)
    if not content:
        raise _refused("no_content", "Tệp không có nội dung.", "The file is empty.")
    if len(content) > settings.document_max_bytes:
        raise _refused("too_large", "Tệp quá lớn nên không ký được.", "The file is too large to be signed.", 413)
    formats = formats_for(content)
    if BOX in formats and known_format(content) != BOX:
        pack(Kind.EXTENDED, [(label, content)])
    count = _signatures(services, content)
    if not count and known_format(content) in (JSON, CMS):
        raise _refused(
            "signature_unreadable", "Tệp chữ ký bị hỏng hoặc trống.", "The signature file is damaged or empty.", 422
        )
    return Taken((), count, formats[0])


def order_fields(document: bytes, name: str, label: str, signer: Signer | None) -> dict[str, Any]:
    """
    What a SigningOrder says of a file that is not a PDF; its role is what the provider says of the signer, and a seal
    has none.
    """
    packaging = packaging_in(name, document)
    role = f"{signer.position_title}, {signer.organisation_name}" if signer else ""
    return {
        "format": name,
        "packaging": packaging,
        "joint": packaging is Packaging.ENVELOPED,
        "file_name": label,
        "statements": Statements(role=role),
    }


def check_signable(document: bytes, name: str, label: str, signer: Signer, credential: Credential, now: int) -> None:
    """
    Make room for the signature once before anybody is asked to approve it, and throw that away.

    Raises: DocumentRefused, SignatureRefused: as the format says.
    """
    fields = order_fields(document, name, label, signer)
    del fields["format"]
    request = PrepareRequest(
        credential.certificate, credential.chain, now, Level.B_T, algorithm=credential.algorithm, **fields
    )
    format_named(name).prepare(document, request)


def _signatures(services: SigningServices, content: bytes) -> int:
    """How many it carries already, read under limits as every stranger's document."""
    if not known_format(content):
        return 0
    return len(earlier_signatures(services, content))


def _refused(code: str, vi: str, en: str, status: int = 400) -> DocumentRefused:
    return DocumentRefused(code, vi=vi, en=en, status=status)
