"""Authorizations: the heads of token families, and what hangs on one being alive."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    String,
    Text,
    and_,
    bindparam,
    exists,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.sql import ColumnElement

from base.db import upsert
from base.lanes import later
from idp.models import consents, grants, organisations, positions, revoked_tokens, session_clients, sessions, users
from idp.protocol.authorization import Authorization, authorization_from, encode_details
from idp.protocol.person_claims import PersonRecord, Position
from idp.store.users import ACTIVE

GRANT_COLUMNS = (
    grants.c.id.label("grant_id"),
    grants.c.user_id,
    grants.c.session_id,
    grants.c.scope,
    grants.c.details,
    grants.c.expires_at.label("grant_expires_at"),
    grants.c.revoked_at,
    users.c.status,
)
"""What every ticket (code, refresh token) reads of its grant and its person, in the same query."""

_CONSENT_STANDS = exists(literal(1)).where(
    consents.c.user_id == sessions.c.user_id,
    consents.c.client_id == bindparam("new_client_id"),
    consents.c.granted_at == bindparam("new_consented_at"),
    consents.c.revoked_at.is_(None),
)
_PERSON_IS_ACTIVE = exists(literal(1)).where(users.c.id == sessions.c.user_id, users.c.status == ACTIVE)
ADDING = (
    insert(grants)
    .from_select(
        ["id", "client_id", "user_id", "session_id", "scope", "details", "created_at", "expires_at"],
        select(
            bindparam("new_id", type_=String),
            bindparam("new_client_id", type_=String),
            sessions.c.user_id,
            sessions.c.id,
            bindparam("new_scope", type_=String),
            bindparam("new_details", type_=Text),
            bindparam("new_created_at", type_=BigInteger),
            bindparam("new_expires_at", type_=BigInteger),
        )
        .where(
            sessions.c.id == bindparam("new_session_id"),
            sessions.c.ended_at.is_(None),
            _PERSON_IS_ACTIVE,
            or_(bindparam("new_consented_at", type_=BigInteger).is_(None), _CONSENT_STANDS),
        )
        .with_for_update(read=True),
    )
    .returning(grants.c.id)
)
"""
The grant is made from the row of a living session, which it holds until the transaction ends, and only while its person
is active and the consent it was judged by still stands as it was read. Its values are bound as `new_…` (as_new), so
that a larger statement with this one in it does not take them for those of its other parts.
"""
_SEEN_CLIENT = upsert(session_clients, ("last_at", "sid"))
_SEEN_ELSEWHERE = upsert(session_clients, ("last_at", "sid_elsewhere"))
_REVOKE = (
    update(grants)
    .where(grants.c.id == bindparam("grant_id"), grants.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
    .returning(grants.c.client_id)
)


def add_grant(connection: Connection, authorization: Authorization, now: int, consented_at: int | None = None) -> bool:
    """
    Begin a family of tokens in a living session. False: the session has ended, or the consent (see as_new) is no more.

    The row is made from the session's own row and holds it (FOR SHARE) until the transaction ends: whoever ends the
    session at the same moment either waits and then finds this grant, or was first and nothing is granted.
    """
    return connection.execute(ADDING, as_new(authorization, now, consented_at)).first() is not None


def as_new(authorization: Authorization, now: int, consented_at: int | None = None) -> dict[str, Any]:
    """The values of ADDING. consented_at: when the consent was given that it rests on; None: on none."""
    values = {f"new_{name}": value for name, value in _row(authorization, now).items()}
    values["new_consented_at"] = consented_at
    return values


def _row(authorization: Authorization, now: int) -> dict[str, Any]:
    """What is stored of an authorization, but for its person."""
    return {
        "id": authorization.id,
        "client_id": authorization.client_id,
        "session_id": authorization.session_id,
        "scope": " ".join(sorted(authorization.scope)),
        "details": encode_details(authorization),
        "created_at": now,
        "expires_at": authorization.expires_at,
    }


def add_sessionless_grant(connection: Connection, authorization: Authorization, now: int) -> None:
    """Begin a family of tokens that no browser session stands behind."""
    row = {**_row(authorization, now), "user_id": authorization.user_id, "session_id": None}
    connection.execute(insert(grants), row)


def note_client(connection: Connection, session_id: str, client_id: str, sid: str, now: int) -> None:
    """Remember that this service was used in this session, so that it hears of the session's end."""
    row = {"session_id": session_id, "client_id": client_id, "sid": sid, "first_at": now, "last_at": now}
    later(connection, _SEEN_CLIENT, row)


def note_elsewhere(connection: Connection, session_id: str, client_id: str, sid: str, now: int) -> None:
    """Remember that this session approved a sign-in at this service on another device, which calls it by that sid."""
    row = {"session_id": session_id, "client_id": client_id, "sid": "", "sid_elsewhere": sid}
    later(connection, _SEEN_ELSEWHERE, {**row, "first_at": now, "last_at": now})


def revoke_grant(connection: Connection, grant_id: str, now: int) -> bool:
    """End a family: every token that came from the grant is dead at once. False: it was dead before, or unknown."""
    return connection.execute(_REVOKE, {"grant_id": grant_id, "now": now}).first() is not None


def owner_of(connection: Connection, grant_id: str) -> str | None:
    """The client an authorization was given to."""
    return connection.execute(select(grants.c.client_id).where(grants.c.id == grant_id)).scalar()


def authorization_of(row: Any, client_id: str) -> Authorization:
    """The Authorization in a row that holds GRANT_COLUMNS."""
    return authorization_from(
        row.grant_id, client_id, row.user_id, row.session_id, row.scope, row.details, row.grant_expires_at
    )


def is_live(row: Any, now: int) -> bool:
    """Whether the grant in such a row still stands: not revoked, not expired, its person not disabled."""
    return row.revoked_at is None and row.grant_expires_at > now and row.status == ACTIVE


_TOKEN_REVOKED = (
    select(literal(1)).where(revoked_tokens.c.jti == bindparam("jti")).scalar_subquery().label("token_revoked")
)
_MACHINE_STATE = select(_TOKEN_REVOKED)
_STATE = (
    select(grants.c.revoked_at, grants.c.expires_at.label("grant_expires_at"), users.c.status, _TOKEN_REVOKED)
    .join(users, users.c.id == grants.c.user_id)
    .where(grants.c.id == bindparam("grant_id"))
)


def token_is_live(connection: Connection, grant_id: str | None, jti: str, now: int) -> bool:
    """Whether a genuine, unexpired access token still counts. grant_id None: a machine's token, with no grant."""
    if grant_id is None:
        return connection.execute(_MACHINE_STATE, {"jti": jti}).scalar() is None
    row = connection.execute(_STATE, {"grant_id": grant_id, "jti": jti}).first()
    return row is not None and row.token_revoked is None and is_live(row, now)


_AUTHORIZATION = (
    select(grants.c.client_id, *GRANT_COLUMNS, _TOKEN_REVOKED)
    .join(users, users.c.id == grants.c.user_id)
    .where(grants.c.id == bindparam("grant_id"))
)


def find_authorization(connection: Connection, grant_id: str, jti: str, now: int) -> Authorization | None:
    """The authorization that a genuine access token came from, in one query; None when the token no longer counts."""
    row = connection.execute(_AUTHORIZATION, {"grant_id": grant_id, "jti": jti}).first()
    if row is None or row.token_revoked is not None or not is_live(row, now):
        return None
    return authorization_of(row, row.client_id)


_IN_SESSION = (
    select(grants.c.client_id, *GRANT_COLUMNS)
    .join(users, users.c.id == grants.c.user_id)
    .join(sessions, sessions.c.id == grants.c.session_id)
    .where(
        grants.c.id == bindparam("grant_id"),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > bindparam("now"),
    )
)


def find_in_living_session(connection: Connection, grant_id: str, now: int) -> Authorization | None:
    """A living authorization whose session goes on, too; None otherwise."""
    row = connection.execute(_IN_SESSION, {"grant_id": grant_id, "now": now}).first()
    return authorization_of(row, row.client_id) if row is not None and is_live(row, now) else None


_PERSON_COLUMNS = (
    users.c.full_name,
    users.c.email,
    users.c.email_verified,
    users.c.phone,
    users.c.phone_verified,
    users.c.birthdate,
    users.c.gender,
    users.c.address,
    users.c.locale,
    users.c.attributes,
    users.c.updated_at,
)


def _holding_now() -> ColumnElement[bool]:
    return and_(
        positions.c.user_id == users.c.id,
        positions.c.from_at <= bindparam("now"),
        or_(positions.c.to_at.is_(None), positions.c.to_at > bindparam("now")),
    )


_PERSON = (
    select(*GRANT_COLUMNS, *_PERSON_COLUMNS, _TOKEN_REVOKED)
    .select_from(grants)
    .join(users, users.c.id == grants.c.user_id)
    .where(grants.c.id == bindparam("grant_id"))
)
_OFFICIAL = (
    select(
        *GRANT_COLUMNS,
        *_PERSON_COLUMNS,
        _TOKEN_REVOKED,
        organisations.c.code,
        organisations.c.name_vi,
        positions.c.title_vi,
    )
    .select_from(grants)
    .join(users, users.c.id == grants.c.user_id)
    .outerjoin(positions, _holding_now())
    .outerjoin(organisations, organisations.c.id == positions.c.organisation_id)
    .where(grants.c.id == bindparam("grant_id"))
    .order_by(positions.c.from_at)
    .limit(1)
)


def person_of_grant(
    connection: Connection, grant_id: str, client_id: str, jti: str, now: int, *, with_position: bool
) -> tuple[Authorization, PersonRecord] | None:
    """The authorization of an access token and its person's record, in one query; None when it no longer counts."""
    values: dict[str, Any] = {"grant_id": grant_id, "jti": jti}
    if with_position:
        values["now"] = now
    row = connection.execute(_OFFICIAL if with_position else _PERSON, values).first()
    if row is None or row.token_revoked is not None or not is_live(row, now):
        return None
    position = Position(row.code, row.name_vi, row.title_vi) if with_position and row.code is not None else None
    record = PersonRecord(
        full_name=row.full_name,
        email=row.email,
        email_verified=row.email_verified,
        phone=row.phone,
        phone_verified=row.phone_verified,
        birthdate=row.birthdate,
        gender=row.gender,
        address=row.address,
        locale=row.locale,
        attributes=row.attributes,
        updated_at=row.updated_at,
        position=position,
    )
    return authorization_of(row, client_id), record
