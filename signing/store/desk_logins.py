"""Sign-ins and approvals that are under way at the provider; each state and each logout token counts once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from base.ids import hash_secret
from signing.models import desk_logins, desk_logout_tokens

_T = desk_logins
SIGN_IN, APPROVE = "sign_in", "approve"


@dataclass(frozen=True, slots=True)
class DeskLogin:
    """A started journey to the provider: what for, in which browser, until when, and whether it has come back."""

    purpose: str
    browser: str
    request_id: str | None
    expires_at: int
    spent: bool


def start(connection: Connection, state: str, login: DeskLogin, *, now: int) -> None:
    """Remember a journey by the hash of its state."""
    connection.execute(
        insert(_T),
        {
            "state_hash": hash_secret(state),
            "browser": login.browser,
            "purpose": login.purpose,
            "request_id": login.request_id,
            "created_at": now,
            "expires_at": login.expires_at,
        },
    )


def find(connection: Connection, state: str) -> DeskLogin | None:
    """The journey of a state, spent or not."""
    row = connection.execute(select(_T).where(_T.c.state_hash == hash_secret(state))).first()
    if row is None:
        return None
    return DeskLogin(row.purpose, row.browser, row.request_id, row.expires_at, row.spent_at is not None)


def spend(connection: Connection, state: str, *, now: int) -> bool:
    """Mark a journey as come back; False when it already had: one UPDATE decides between two requests."""
    row = connection.execute(
        update(_T)
        .where(_T.c.state_hash == hash_secret(state), _T.c.spent_at.is_(None), _T.c.expires_at > now)
        .values(spent_at=now)
        .returning(_T.c.state_hash)
    ).first()
    return row is not None


def spend_logout_token(connection: Connection, jti: str, *, expires_at: int) -> bool:
    """Remember a logout token; False when it was seen before. The insert into a unique key decides."""
    try:
        with connection.begin_nested():
            connection.execute(insert(desk_logout_tokens), {"jti_hash": hash_secret(jti), "expires_at": expires_at})
    except IntegrityError:
        return False
    return True


def forget_before(connection: Connection, journeys_before: int, tokens_before: int, limit: int) -> None:
    """Delete old journeys and logout tokens that can no longer be replayed."""
    for column, condition in (
        (_T.c.state_hash, _T.c.expires_at < journeys_before),
        (desk_logout_tokens.c.jti_hash, desk_logout_tokens.c.expires_at < tokens_before),
    ):
        old = select(column).where(condition).limit(limit)
        connection.execute(delete(column.table).where(column.in_(old)))
