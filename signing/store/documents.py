"""Documents on the desk: rows only; the bytes are in files.py. Every read names the owner: nobody reads another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import orjson
from sqlalchemy import Connection, delete, func, insert, select, update

from signing.models import documents
from signing.preview.placement import Placement, Sizes, read_placement

_T = documents


class DocumentState(StrEnum):
    """Where a document stands."""

    RECEIVED = "received"
    AUTHORISED = "authorised"
    SIGNED = "signed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Document:
    """A document and what is known about it; sizes are in bytes, page sizes in points. format: a name of FORMATS."""

    id: str
    owner: str
    label: str
    sha256: str
    size: int
    sizes: Sizes
    signatures: int
    state: DocumentState
    placement: Placement
    format: str
    signed_sha256: str | None
    signed_size: int | None
    created_at: int
    updated_at: int
    expires_at: int

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return len(self.sizes)


def add(connection: Connection, document: Document) -> None:
    """Add a received document."""
    connection.execute(
        insert(_T),
        {
            "id": document.id,
            "owner": document.owner,
            "label": document.label,
            "sha256": document.sha256,
            "size": document.size,
            "pages": document.pages,
            "signatures": document.signatures,
            "state": document.state,
            "layout": orjson.dumps(document.sizes).decode(),
            "placement": document.placement.as_text(),
            "format": document.format,
            "created_at": document.created_at,
            "updated_at": document.updated_at,
            "expires_at": document.expires_at,
        },
    )


def find(connection: Connection, document_id: str, owner: str) -> Document | None:
    """A document of this owner."""
    row = connection.execute(select(_T).where(_T.c.id == document_id, _T.c.owner == owner)).first()
    return _read(row) if row else None


def find_any(connection: Connection, document_id: str) -> Document | None:
    """A document whoever owns it; only for the application that brought it, which must have been asked for first."""
    row = connection.execute(select(_T).where(_T.c.id == document_id)).first()
    return _read(row) if row else None


def hand_over(connection: Connection, document_id: str, owner: str, to: str, *, now: int, expires_at: int) -> bool:
    """Give a document to another owner; False when it is no longer the first one's."""
    row = connection.execute(
        update(_T)
        .where(_T.c.id == document_id, _T.c.owner == owner)
        .values(owner=to, updated_at=now, expires_at=expires_at)
        .returning(_T.c.id)
    ).first()
    return row is not None


def replace_bytes(connection: Connection, document: Document, sha256: str, size: int, *, now: int) -> bool:
    """Other bytes in place of those that are there, before anybody was asked to approve; False when too late."""
    row = connection.execute(
        update(_T)
        .where(_T.c.id == document.id, _T.c.sha256 == document.sha256, _T.c.state == DocumentState.RECEIVED)
        .values(sha256=sha256, size=size, updated_at=now)
        .returning(_T.c.id)
    ).first()
    return row is not None


def of_owner(connection: Connection, owner: str, limit: int) -> list[Document]:
    """The owner's documents, newest first."""
    rows = connection.execute(
        select(_T).where(_T.c.owner == owner).order_by(_T.c.created_at.desc(), _T.c.id).limit(limit)
    ).all()
    return [_read(row) for row in rows]


def count(connection: Connection, owner: str) -> int:
    """How many documents the owner keeps."""
    return int(connection.execute(select(func.count()).select_from(_T).where(_T.c.owner == owner)).scalar_one())


def move(connection: Connection, document_id: str, state: DocumentState, *, to: DocumentState, now: int) -> bool:
    """Change the state if it is the expected one; False when somebody was faster."""
    row = connection.execute(
        update(_T)
        .where(_T.c.id == document_id, _T.c.state == state)
        .values(state=to, updated_at=now)
        .returning(_T.c.id)
    ).first()
    return row is not None


def place(connection: Connection, document_id: str, owner: str, placement: Placement, *, now: int) -> bool:
    """Change where the visible signature will stand; only before the document is signed."""
    row = connection.execute(
        update(_T)
        .where(_T.c.id == document_id, _T.c.owner == owner, _T.c.state != DocumentState.SIGNED)
        .values(placement=placement.as_text(), updated_at=now)
        .returning(_T.c.id)
    ).first()
    return row is not None


def choose_format(connection: Connection, document_id: str, owner: str, name: str, *, now: int) -> bool:
    """Change the format it is to be signed in; only while no approval is on its way."""
    row = connection.execute(
        update(_T)
        .where(
            _T.c.id == document_id,
            _T.c.owner == owner,
            _T.c.state.in_((DocumentState.RECEIVED, DocumentState.REFUSED)),
        )
        .values(format=name, updated_at=now)
        .returning(_T.c.id)
    ).first()
    return row is not None


def mark_signed(
    connection: Connection, document_id: str, name: str, sha256: str, size: int, *, now: int, expires_at: int
) -> bool:
    """Note the signed bytes and their format; False when the document had been signed or deleted meanwhile."""
    row = connection.execute(
        update(_T)
        .where(_T.c.id == document_id, _T.c.state != DocumentState.SIGNED)
        .values(
            state=DocumentState.SIGNED,
            format=name,
            signed_sha256=sha256,
            signed_size=size,
            updated_at=now,
            expires_at=expires_at,
        )
        .returning(_T.c.id)
    ).first()
    return row is not None


def remove(connection: Connection, document_id: str, owner: str) -> bool:
    """Delete a document of this owner; its requests go with it, its evidence stays."""
    row = connection.execute(delete(_T).where(_T.c.id == document_id, _T.c.owner == owner).returning(_T.c.id)).first()
    return row is not None


def expired(connection: Connection, now: int, limit: int) -> list[tuple[str, str]]:
    """(id, owner) of documents whose time is over."""
    rows = connection.execute(select(_T.c.id, _T.c.owner).where(_T.c.expires_at <= now).limit(limit)).all()
    return [(row[0], row[1]) for row in rows]


def known(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these identifiers have a row."""
    return set(connection.execute(select(_T.c.id).where(_T.c.id.in_(ids))).scalars())


def _read(row: object) -> Document:
    fields = row._mapping  # type: ignore[attr-defined]  # SQLAlchemy's documented name for a row as a mapping
    return Document(
        id=fields["id"],
        owner=fields["owner"],
        label=fields["label"],
        sha256=fields["sha256"],
        size=fields["size"],
        sizes=tuple((width, height) for width, height in orjson.loads(fields["layout"])),
        signatures=fields["signatures"],
        state=DocumentState(fields["state"]),
        placement=read_placement(fields["placement"]),
        format=fields["format"],
        signed_sha256=fields["signed_sha256"],
        signed_size=fields["signed_size"],
        created_at=fields["created_at"],
        updated_at=fields["updated_at"],
        expires_at=fields["expires_at"],
    )
