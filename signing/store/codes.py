"""Verification codes: what a code on paper leads to. Looked up by hash; the code itself is sealed, for the desk."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from base.ids import hash_secret
from signing.models import document_codes, documents

_T = document_codes
SETTLE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class DocumentCode:
    """evidence_id: empty until the document is signed; size_out: bytes of the signed document."""

    document_id: str
    sealed_code: bytes
    evidence_id: str
    size_out: int


def add(connection: Connection, code: str, made: DocumentCode, *, now: int) -> None:
    """Add a code. Raises: IntegrityError: the document has one already."""
    connection.execute(
        insert(_T),
        {
            "code_hash": hash_secret(code),
            "document_id": made.document_id,
            "sealed_code": made.sealed_code,
            "evidence_id": made.evidence_id,
            "size_out": made.size_out,
            "created_at": now,
        },
    )


def find(connection: Connection, code: str) -> DocumentCode | None:
    """What a code leads to."""
    row = connection.execute(select(_T).where(_T.c.code_hash == hash_secret(code))).first()
    return DocumentCode(row.document_id, row.sealed_code, row.evidence_id, row.size_out) if row else None


def of_document(connection: Connection, document_id: str) -> DocumentCode | None:
    """The code of a document."""
    row = connection.execute(select(_T).where(_T.c.document_id == document_id)).first()
    return DocumentCode(row.document_id, row.sealed_code, row.evidence_id, row.size_out) if row else None


def settle(connection: Connection, document_id: str, evidence_id: str, size_out: int) -> bool:
    """Tie the code to the signature; False when the document has no code yet."""
    row = connection.execute(
        update(_T)
        .where(_T.c.document_id == document_id)
        .values(evidence_id=evidence_id, size_out=size_out)
        .returning(_T.c.document_id)
    ).first()
    return row is not None


def forget_unsigned(connection: Connection, before: int, limit: int) -> None:
    """Delete codes of documents that were deleted before anybody signed them."""
    gone = (_T.c.evidence_id == "") & (_T.c.created_at < before) & _T.c.document_id.not_in(select(documents.c.id))
    old = select(_T.c.code_hash).where(gone).limit(limit)
    connection.execute(delete(_T).where(_T.c.code_hash.in_(old)))
