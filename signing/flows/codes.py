"""
Verification codes: a code, and a QR code with its address, leads whoever has the paper to what was signed, by digest.

The page tells who signed, as what, when, and how it stands now; never what the document says, nor what it is called. So
a code has 130 bits and is looked up by its hash.

Printed in the document only where the official wants it, before anything is signed, so that it is part of what they see
and approve (docs/adr/0018-verification-codes.md says why it stands where it stands); otherwise on a sheet of its own.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from keys.api import KeyHandle
from keys.errors import KeyRefused
from signing.errors import SignatureRefused
from signing.flows import upload
from signing.flows.ways import judge
from signing.formats.choice import PDF
from signing.services import SigningServices
from signing.store import api_requests, codes, documents, evidence
from signing.store.codes import DocumentCode
from signing.store.desk_sessions import DeskSession
from signing.store.documents import Document, DocumentState
from signing.store.evidence import Evidence
from signing.store.sealed import code_context

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nothing that is mistaken for something else when it is read from paper."""
LENGTH = 26
GROUP = 5
MOST_SIGNATURES = 20
_MISREAD = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature and how its certificate stands now: active, suspended, revoked, expired or unknown."""

    evidence: Evidence
    status: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a code leads to. signatures: oldest first, empty while nobody has signed; size_out: of the first."""

    code: str
    signatures: tuple[Signed, ...]
    size_out: int


def typed_code(typed: str) -> str:
    """A code as it was typed or scanned: any case, with or without dashes, O for 0; empty if it is none."""
    kept = "".join(letter for letter in typed.upper()[:200] if letter.isalnum()).translate(_MISREAD)
    return kept if len(kept) == LENGTH and set(kept) <= set(LETTERS) else ""


def grouped(code: str) -> str:
    """As people read it: groups of five."""
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def address_of(services: SigningServices, code: str) -> str:
    """Where a code leads."""
    return f"{services.base.base.issuer}/v/{code}"


def code_of(services: SigningServices, document_id: str) -> str:
    """The code of a document, empty while it has none."""
    with services.base.db.read() as connection:
        found = codes.of_document(connection, document_id)
    return services.keys.unseal(found.sealed_code, code_context(document_id)).decode() if found else ""


def settle_code(connection: Connection, services: SigningServices, row: Evidence, size_out: int) -> None:
    """In the transaction of a signature: its document has a code from now on, if it had none before."""
    if not codes.settle(connection, row.document_id, row.id, size_out):
        _add(connection, services, row.document_id, row.id, size_out)


def may_print(services: SigningServices, document: Document) -> bool:
    """Whether a code can still be printed: into a PDF, unsigned, nobody's but the official's, without one yet."""
    if document.format != PDF or document.state is not DocumentState.RECEIVED or document.signatures:
        return False
    with services.base.db.read() as connection:
        has_code = codes.of_document(connection, document.id) is not None
        return not has_code and not api_requests.was_offered(connection, document.id)


def print_code(services: SigningServices, session: DeskSession, document: Document) -> None:
    """
    Print a code at the foot of the last page; the document is another one from then on, with another digest.

    Raises: SignatureRefused("code_not_possible"), 409; DocumentRefused: the page is turned, or the file is odd.
    """
    if not may_print(services, document):
        raise _not_possible()
    from signing.formats.pdf_mark import print_mark  # their libraries are loaded by the first document
    from signing.reports.pdf_mark import draw_mark

    code, kept = _new_code(), upload.folder(services)
    with services.preview_gate.enter():
        mark = draw_mark(address_of(services, code), grouped(code), f"{services.base.base.issuer}/v")
        content = print_mark(kept.read(document.id, document.sha256), mark)
        judge(services, content, document.label)
    digest, now = kept.keep(document.id, content), services.base.clock.now()
    try:
        with services.base.db.begin() as connection:
            _add(connection, services, document.id, "", 0, code)
            if not documents.replace_bytes(connection, document, digest, len(content), now=now):
                raise _not_possible()
    except IntegrityError:
        raise _not_possible() from None


def look_up(services: SigningServices, code: str) -> Found | None:
    """What a code leads to: its signature, and those that were made over the signed document later."""
    now, rows = services.base.clock.now(), list[Evidence]()
    with services.base.db.read() as connection:
        found = codes.find(connection, code)
        if found is None:
            return None
        row = evidence.find(connection, found.evidence_id)
        while row is not None and len(rows) < MOST_SIGNATURES:
            rows.append(row)
            row = evidence.made_over(connection, row.digest_out)
    return Found(code, tuple(Signed(row, _status(services, row, now)) for row in rows), found.size_out)


def compared(found: Found, content: bytes) -> str:
    """
    What a file is to a code: `same` (a signed document it stands for), `before` (the document before it was signed),
    `later` (the signed document with something added after it), or `other`.
    """
    digest = hashlib.sha256(content).hexdigest()
    if digest in {one.evidence.digest_out for one in found.signatures}:
        return "same"
    if digest in {one.evidence.digest_in for one in found.signatures[:1]}:
        return "before"
    start = hashlib.sha256(content[: found.size_out]).hexdigest()
    if found.signatures and len(content) > found.size_out and start == found.signatures[0].evidence.digest_out:
        return "later"
    return "other"


def _status(services: SigningServices, row: Evidence, now: int) -> str:
    try:
        held = services.keys.credential(KeyHandle(row.credential))
    except KeyRefused:
        return "unknown"
    if held.status != "active":
        return held.status
    return "active" if now < held.not_after else "expired"


def _add(
    connection: Connection, services: SigningServices, document_id: str, evidence_id: str, size: int, code: str = ""
) -> None:
    code = code or _new_code()
    sealed = services.keys.seal(code.encode(), code_context(document_id))
    made = DocumentCode(document_id, sealed, evidence_id, size)
    codes.add(connection, code, made, now=services.base.clock.now())


def _new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _not_possible() -> SignatureRefused:
    return SignatureRefused(
        "code_not_possible",
        vi="Không in được mã kiểm tra vào văn bản này: văn bản đã có chữ ký, đã có mã, hoặc do ứng dụng gửi đến. "
        "Sau khi ký bạn vẫn có phiếu kèm mã.",
        en="No code can be printed into this document: it is signed, has one, or came from an application. "
        "After signing there is a sheet with a code.",
        status=409,
    )
