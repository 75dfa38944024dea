"""
Signature requests of applications: waiting → accepted | declined | cancelled. What comes after is the document's own.

Each step is one conditional UPDATE, so of several answers exactly one counts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from signing.models import api_requests
from signing.store.desk_sessions import DeskSession

_T = api_requests


class RequestState(StrEnum):
    """Where a request of an application stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """
    One document that an application wants signed. Times are epoch seconds; expires_at: until when it can be answered.

    signer_owner, or signer_name with signer_organisation and perhaps signer_position: who may sign.
    """

    id: str
    client_id: str
    document_id: str
    document_digest: str
    label: str
    purpose: str
    signer_owner: str
    signer_name: str
    signer_organisation: str
    signer_position: str
    credential: str
    state: RequestState
    created_at: int
    updated_at: int
    expires_at: int


def add(connection: Connection, request: ApiRequest) -> None:
    """Add a waiting request."""
    connection.execute(insert(_T), asdict(request))


def find(connection: Connection, request_id: str, client_id: str) -> ApiRequest | None:
    """A request of this application."""
    row = connection.execute(select(_T).where(_T.c.id == request_id, _T.c.client_id == client_id)).first()
    return _read(row) if row else None


def for_official(connection: Connection, request_id: str, session: DeskSession) -> ApiRequest | None:
    """A request that this official may see."""
    row = connection.execute(select(_T).where(_T.c.id == request_id, _is_for(session))).first()
    return _read(row) if row else None


def waiting_for(connection: Connection, session: DeskSession, now: int, limit: int) -> list[ApiRequest]:
    """What waits for this official, oldest first."""
    query = select(_T).where(_is_for(session), _is_open(now)).order_by(_T.c.created_at, _T.c.id).limit(limit)
    return [_read(row) for row in connection.execute(query)]


def count_waiting(connection: Connection, client_id: str, now: int) -> int:
    """How many requests of an application wait."""
    query = select(func.count()).select_from(_T).where(_T.c.client_id == client_id, _is_open(now))
    return int(connection.execute(query).scalar_one())


def move(connection: Connection, request_id: str, to: RequestState, *, now: int, expires_at: int) -> bool:
    """waiting → anything else; False when it was answered, withdrawn or too late."""
    row = connection.execute(
        update(_T)
        .where(_T.c.id == request_id, _is_open(now))
        .values(state=to, updated_at=now, expires_at=expires_at)
        .returning(_T.c.id)
    ).first()
    return row is not None


def credential_of(connection: Connection, document_id: str) -> str:
    """The key that a document must be signed with; empty: any of the official's."""
    query = select(_T.c.credential).where(_T.c.document_id == document_id).limit(1)
    return connection.execute(query).scalar_one_or_none() or ""


def was_offered(connection: Connection, document_id: str) -> bool:
    """Whether a document came from an application, and so must stay byte for byte what it is."""
    return connection.execute(select(_T.c.id).where(_T.c.document_id == document_id).limit(1)).first() is not None


def forget_before(connection: Connection, moment: int, limit: int) -> None:
    """Delete requests whose time was over long ago."""
    old = select(_T.c.id).where(_T.c.expires_at < moment).limit(limit)
    connection.execute(delete(_T).where(_T.c.id.in_(old)))


def _is_for(session: DeskSession) -> ColumnElement[bool]:
    signer = session.signer
    by_name = and_(
        _T.c.signer_owner == "",
        _T.c.signer_name == signer.full_name,
        _T.c.signer_organisation == signer.organisation_code,
        _T.c.signer_position.in_(("", signer.position_title)),
    )
    return or_(_T.c.signer_owner == session.owner, by_name)


def _is_open(now: int) -> ColumnElement[bool]:
    return and_(_T.c.state == RequestState.WAITING, _T.c.expires_at > now)


def _read(row: object) -> ApiRequest:
    fields = dict(row._mapping)  # type: ignore[attr-defined]  # SQLAlchemy's documented name for a row as a mapping
    return ApiRequest(**{**fields, "state": RequestState(fields["state"])})
