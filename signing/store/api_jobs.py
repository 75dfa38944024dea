"""
Jobs of applications: queued → running → done | failed. Rows only; the bytes are in files.py.

A worker takes a job for a while (a lease). One that dies leaves it to the next; what has killed several is given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from signing.models import api_jobs

_T = api_jobs


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ApiJob:
    """One piece of work. options: JSON; problem: JSON, empty unless it failed; times are epoch seconds."""

    id: str
    client_id: str
    kind: str
    state: JobState
    options: str
    input_sha256: str
    content_sha256: str
    result_type: str
    result_sha256: str
    problem: str
    attempts: int
    lease_until: int
    created_at: int
    updated_at: int
    expires_at: int


def add(connection: Connection, job: ApiJob) -> None:
    """Add a queued job."""
    connection.execute(insert(_T), asdict(job))


def find(connection: Connection, job_id: str, client_id: str) -> ApiJob | None:
    """A job of this application."""
    row = connection.execute(select(_T).where(_T.c.id == job_id, _T.c.client_id == client_id)).first()
    return _read(row) if row else None


def count_waiting(connection: Connection, client_id: str) -> tuple[int, int]:
    """(of this application, of all): jobs that are not finished."""
    is_open = _T.c.state.in_((JobState.QUEUED, JobState.RUNNING))
    rows = connection.execute(select(_T.c.client_id, func.count()).where(is_open).group_by(_T.c.client_id)).all()
    return sum(count for name, count in rows if name == client_id), sum(count for _name, count in rows)


def claim(connection: Connection, now: int, lease_until: int, most_attempts: int) -> ApiJob | None:
    """
    The oldest job that nobody works at, now this caller's until `lease_until`.

    1. Lock one row (PostgreSQL skips those that another worker holds; a write transaction of SQLite is alone anyway).
    2. Take it, if it is still as it was seen: one UPDATE decides.
    """
    free = or_(_T.c.state == JobState.QUEUED, and_(_T.c.state == JobState.RUNNING, _T.c.lease_until < now))
    query = select(_T.c.id, _T.c.attempts).where(free, _T.c.attempts < most_attempts)
    seen = connection.execute(
        query.order_by(_T.c.created_at, _T.c.id).limit(1).with_for_update(skip_locked=True)
    ).first()
    if seen is None:
        return None
    row = connection.execute(
        update(_T)
        .where(_T.c.id == seen.id, _T.c.attempts == seen.attempts, free)
        .values(state=JobState.RUNNING, attempts=_T.c.attempts + 1, lease_until=lease_until, updated_at=now)
        .returning(_T)
    ).first()
    return _read(row) if row else None


def finish(connection: Connection, job: ApiJob, result_type: str, result_sha256: str, *, now: int, until: int) -> bool:
    """running → done; False when the lease ran out and another worker owns it, or it was deleted."""
    return _end(
        connection, job, state=JobState.DONE, result_type=result_type, result_sha256=result_sha256, now=now, until=until
    )


def fail(connection: Connection, job: ApiJob, problem: str, *, now: int, until: int) -> bool:
    """running → failed."""
    return _end(connection, job, state=JobState.FAILED, problem=problem, now=now, until=until)


def give_up(connection: Connection, problem: str, now: int, most_attempts: int, until: int) -> None:
    """End jobs that their workers did not survive."""
    connection.execute(
        update(_T)
        .where(_T.c.state == JobState.RUNNING, _T.c.lease_until < now, _T.c.attempts >= most_attempts)
        .values(state=JobState.FAILED, problem=problem, updated_at=now, expires_at=until)
    )


def remove(connection: Connection, job_id: str, client_id: str) -> bool:
    """Delete a job of this application."""
    chosen = and_(_T.c.id == job_id, _T.c.client_id == client_id)
    return connection.execute(delete(_T).where(chosen).returning(_T.c.id)).first() is not None


def expired(connection: Connection, now: int, limit: int) -> list[tuple[str, str]]:
    """(id, client_id) of jobs whose time is over."""
    query = select(_T.c.id, _T.c.client_id).where(_T.c.expires_at <= now).limit(limit)
    return [(row[0], row[1]) for row in connection.execute(query)]


def known(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these identifiers have a row."""
    return set(connection.execute(select(_T.c.id).where(_T.c.id.in_(ids))).scalars())


def _end(connection: Connection, job: ApiJob, *, now: int, until: int, **values: object) -> bool:
    row = connection.execute(
        update(_T)
        .where(_T.c.id == job.id, _T.c.state == JobState.RUNNING, _T.c.attempts == job.attempts)
        .values(updated_at=now, expires_at=until, **values)
        .returning(_T.c.id)
    ).first()
    return row is not None


def _read(row: object) -> ApiJob:
    fields = dict(row._mapping)  # type: ignore[attr-defined]  # SQLAlchemy's documented name for a row as a mapping
    return ApiJob(**{**fields, "state": JobState(fields["state"])})
