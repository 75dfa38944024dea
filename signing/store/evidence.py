"""Evidence: who signed what, as whom, with which key, on which approval, when. Rows are added, never changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select

from signing.models import signature_evidence

_T = signature_evidence


@dataclass(frozen=True, slots=True)
class Evidence:
    """One signature. Digests are hexadecimal SHA-256; times are epoch seconds."""

    id: str
    document_id: str
    owner: str
    full_name: str
    organisation_code: str
    organisation_name: str
    position_title: str
    credential: str
    certificate_sha256: str
    digest_in: str
    digest_out: str
    acr: str
    auth_time: int
    otp_time: int
    activation_hash: str
    signing_time: int
    stamp_time: int


def add(connection: Connection, evidence: Evidence) -> None:
    """Add a row; a second one for the same activation violates a unique key."""
    connection.execute(insert(_T), asdict(evidence))


def of_document(connection: Connection, document_id: str, owner: str) -> Evidence | None:
    """The newest evidence of a document of this owner."""
    row = connection.execute(
        select(_T)
        .where(_T.c.document_id == document_id, _T.c.owner == owner)
        .order_by(_T.c.signing_time.desc())
        .limit(1)
    ).first()
    return Evidence(**row._mapping) if row else None


def find(connection: Connection, evidence_id: str) -> Evidence | None:
    """One signature, whoever made it; only for whoever has its verification code."""
    row = connection.execute(select(_T).where(_T.c.id == evidence_id)).first()
    return Evidence(**row._mapping) if row else None


def made_over(connection: Connection, digest: str) -> Evidence | None:
    """The first signature that was made over a document with this digest."""
    query = select(_T).where(_T.c.digest_in == digest).order_by(_T.c.signing_time, _T.c.id).limit(1)
    row = connection.execute(query).first()
    return Evidence(**row._mapping) if row else None
