"""
Signature requests: asked → approved → signing → signed | refused.

Each step is one conditional UPDATE, so of several requests for the same step exactly one goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from signing.models import signature_requests
from signing.preview.placement import Placement, read_placement
from signing.store.desk_sessions import Signer, read_signer

_T = signature_requests


class RequestState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    APPROVED = "approved"
    SIGNING = "signing"
    SIGNED = "signed"
    REFUSED = "refused"


OPEN_STATES = (RequestState.ASKED, RequestState.APPROVED, RequestState.SIGNING)


@dataclass(frozen=True, slots=True)
class SignatureRequest:
    """One wish to sign one document: with which key, in which format, where the picture stands, who as what."""

    id: str
    document_id: str
    session_id: str
    owner: str
    credential: str
    document_digest: str
    placement: Placement
    format: str
    signer: Signer
    state: RequestState
    sealed_activation: bytes | None
    reason: str
    updated_at: int


def add(connection: Connection, request: SignatureRequest, *, now: int) -> None:
    """Add an asked request."""
    connection.execute(
        insert(_T),
        {
            "id": request.id,
            "document_id": request.document_id,
            "session_id": request.session_id,
            "owner": request.owner,
            "credential": request.credential,
            "document_digest": request.document_digest,
            "placement": request.placement.as_text(),
            "format": request.format,
            "signer": request.signer.as_text(),
            "state": request.state,
            "reason": "",
            "created_at": now,
            "updated_at": now,
        },
    )


def find(connection: Connection, request_id: str, owner: str) -> SignatureRequest | None:
    """A request of this owner."""
    row = connection.execute(select(_T).where(_T.c.id == request_id, _T.c.owner == owner)).first()
    if row is None:
        return None
    return SignatureRequest(
        id=row.id,
        document_id=row.document_id,
        session_id=row.session_id,
        owner=row.owner,
        credential=row.credential,
        document_digest=row.document_digest,
        placement=read_placement(row.placement),
        format=row.format,
        signer=read_signer(row.signer),
        state=RequestState(row.state),
        sealed_activation=row.sealed_activation,
        reason=row.reason,
        updated_at=row.updated_at,
    )


def latest_id(connection: Connection, document_id: str) -> str | None:
    """The newest request of a document."""
    found = connection.execute(
        select(_T.c.id).where(_T.c.document_id == document_id).order_by(_T.c.created_at.desc(), _T.c.id).limit(1)
    ).scalar_one_or_none()
    return found


def approve(connection: Connection, request_id: str, sealed_activation: bytes, signer: Signer, *, now: int) -> bool:
    """asked → approved, with the one-shot token sealed."""
    values = {"sealed_activation": sealed_activation, "signer": signer.as_text()}
    return _step(connection, request_id, (RequestState.ASKED,), RequestState.APPROVED, now, values)


def begin_signing(connection: Connection, request_id: str, *, now: int) -> bool:
    """approved → signing; False for every request but the first."""
    return _step(connection, request_id, (RequestState.APPROVED,), RequestState.SIGNING, now, {})


def finish(connection: Connection, request_id: str, *, now: int) -> bool:
    """signing → signed; the token is forgotten."""
    values = {"sealed_activation": None}
    return _step(connection, request_id, (RequestState.SIGNING,), RequestState.SIGNED, now, values)


def refuse(connection: Connection, request_id: str, reason: str, *, now: int) -> bool:
    """Any open state → refused; the token is forgotten."""
    values = {"sealed_activation": None, "reason": reason[:60]}
    return _step(connection, request_id, OPEN_STATES, RequestState.REFUSED, now, values)


def stuck(connection: Connection, before: int, limit: int) -> list[tuple[str, str]]:
    """(id, document id) of open requests that have not moved since `before`."""
    rows = connection.execute(
        select(_T.c.id, _T.c.document_id).where(_T.c.state.in_(OPEN_STATES), _T.c.updated_at < before).limit(limit)
    ).all()
    return [(row[0], row[1]) for row in rows]


def remove_of(connection: Connection, document_id: str) -> None:
    """Delete the requests of a document."""
    connection.execute(delete(_T).where(_T.c.document_id == document_id))


def _step(
    connection: Connection,
    request_id: str,
    states: tuple[RequestState, ...],
    to: RequestState,
    now: int,
    values: Mapping[str, object],
) -> bool:
    row = connection.execute(
        update(_T)
        .where(_T.c.id == request_id, _T.c.state.in_(states))
        .values(state=to, updated_at=now, **values)
        .returning(_T.c.id)
    ).first()
    return row is not None
