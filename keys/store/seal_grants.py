"""Rows of `seal_grants`: who may seal how much, and how much was sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, insert, or_, select, update

from keys.handles import KeyHandle
from keys.lifecycle.seal_grant import SealTerms, day_of, slot_of
from keys.models import seal_grants

_T = seal_grants


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A grant as it stands. Times are epoch seconds; used_today: on the day that was asked about."""

    id: str
    terms: SealTerms
    approval: str
    used: int
    used_today: int
    made_at: int
    ended_at: int | None


def add(connection: Connection, grant_id: str, terms: SealTerms, approval: str, *, now: int) -> None:
    """Raises: IntegrityError: one stands already for this application and this seal."""
    connection.execute(
        insert(_T),
        {
            "id": grant_id,
            "handle": terms.handle,
            "client_id": terms.client_id,
            "slot": terms.slot,
            "most": terms.most,
            "per_day": terms.per_day,
            "until": terms.until,
            "approval": approval,
            "used": 0,
            "day": day_of(now),
            "used_that_day": 0,
            "made_at": now,
        },
    )


def spend(connection: Connection, handle: KeyHandle, client_id: str, *, now: int) -> str | None:
    """
    Take one use. Returns the grant's identifier; None: there is none, it is over, or its limits are reached.

    One statement, so that of any number of requests no more get through than the limits allow.
    """
    today = day_of(now)
    left = or_(_T.c.day != today, _T.c.used_that_day < _T.c.per_day)
    standing = (_T.c.slot == slot_of(handle, client_id), _T.c.until > now, _T.c.used < _T.c.most, left)
    that_day = case((_T.c.day == today, _T.c.used_that_day + 1), else_=1)
    step = update(_T).where(*standing).values(used=_T.c.used + 1, day=today, used_that_day=that_day)
    found: str | None = connection.execute(step.returning(_T.c.id)).scalar_one_or_none()
    return found


def end(connection: Connection, grant_id: str, *, now: int) -> bool:
    """Returns whether this call ended it."""
    step = update(_T).where(_T.c.id == grant_id, _T.c.ended_at.is_(None)).values(ended_at=now, slot=None)
    return connection.execute(step.returning(_T.c.id)).first() is not None


def standing(connection: Connection, handle: KeyHandle, client_id: str, *, now: int) -> StoredGrant | None:
    """The grant of an application for a seal, used up or over as it may be."""
    row = connection.execute(select(_T).where(_T.c.slot == slot_of(handle, client_id))).first()
    return _read(row, now) if row else None


def newest(connection: Connection, *, now: int, most: int) -> list[StoredGrant]:
    """The latest grants, newest first."""
    rows = connection.execute(select(_T).order_by(_T.c.made_at.desc(), _T.c.id).limit(most)).all()
    return [_read(row, now) for row in rows]


def _read(row: Any, now: int) -> StoredGrant:
    terms = SealTerms(KeyHandle(row.handle), row.client_id, row.most, row.per_day, row.until)
    today = row.used_that_day if row.day == day_of(now) else 0
    return StoredGrant(row.id, terms, row.approval, row.used, today, row.made_at, row.ended_at)
