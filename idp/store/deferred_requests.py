"""
Requests that a person answers on another device. Only the hash of what the client holds is here, and only a MAC of what
the person types. Three statements move a row, each conditional: a poll, the answer, the redemption.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, and_, bindparam, case, func, insert, or_, select, update

from base.ids import hash_secret
from idp.models import deferred_requests, grants, users
from idp.oauth.grants.base import Ticket, Waiting
from idp.protocol.deferred import Kind
from idp.store.grants import GRANT_COLUMNS, authorization_of, is_live
from idp.store.users import ACTIVE

WAITING, ALLOWED, DENIED = "waiting", "allowed", "denied"
SLOWER_BY_SECONDS = 5
"""Source: RFC 8628 §3.5."""
LONGEST_INTERVAL_SECONDS = 60
_TABLE = deferred_requests


@dataclass(frozen=True, slots=True)
class DeferredRequest:
    """One request as our pages need it; user_id: who is asked, None where whoever has the user code is."""

    id: str
    kind: Kind
    client_id: str
    user_id: str | None
    parameters: Mapping[str, str]
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What is stored of a fresh request. secret: the device_code or auth_req_id; user_code_mac: None for ciba."""

    id: str
    kind: Kind
    secret: str
    user_code_mac: str | None
    client_id: str
    user_id: str | None
    parameters: Mapping[str, str]
    dpop_jkt: str | None
    sealed_notice: bytes | None
    interval_seconds: int
    created_at: int
    expires_at: int


def add_deferred(connection: Connection, new: NewRequest) -> None:
    """Store a fresh request. Raises: IntegrityError: another one has that user code."""
    connection.execute(
        insert(_TABLE),
        {
            "id": new.id,
            "kind": new.kind,
            "secret_hash": hash_secret(new.secret),
            "user_code_mac": new.user_code_mac,
            "client_id": new.client_id,
            "user_id": new.user_id,
            "parameters": orjson.dumps(dict(new.parameters), option=orjson.OPT_SORT_KEYS).decode(),
            "dpop_jkt": new.dpop_jkt,
            "sealed_notice": new.sealed_notice,
            "state": WAITING,
            "interval_seconds": new.interval_seconds,
            "created_at": new.created_at,
            "expires_at": new.expires_at,
        },
    )


# ── What the client does: poll and redeem ────────────────────────────────────────────────────────────────────────

_FIND = (
    select(
        _TABLE.c.secret_hash,
        _TABLE.c.client_id,
        _TABLE.c.state,
        _TABLE.c.expires_at,
        _TABLE.c.redeemed_at,
        _TABLE.c.dpop_jkt,
        *GRANT_COLUMNS,
    )
    .select_from(_TABLE)
    .outerjoin(grants, grants.c.id == _TABLE.c.grant_id)
    .outerjoin(users, users.c.id == _TABLE.c.user_id)
    .where(_TABLE.c.secret_hash == bindparam("hash"), _TABLE.c.kind == bindparam("kind"))
)
_POLL = (
    update(_TABLE)
    .where(
        _TABLE.c.secret_hash == bindparam("hash"),
        or_(
            _TABLE.c.last_polled_at.is_(None),
            _TABLE.c.last_polled_at + _TABLE.c.interval_seconds <= bindparam("now"),
        ),
    )
    .values(last_polled_at=bindparam("now"))
    .returning(_TABLE.c.id)
)
_SLOWER = _TABLE.c.interval_seconds + SLOWER_BY_SECONDS
_TOO_SOON = (
    update(_TABLE)
    .where(_TABLE.c.secret_hash == bindparam("hash"))
    .values(
        last_polled_at=bindparam("now"),
        interval_seconds=case((_SLOWER < LONGEST_INTERVAL_SECONDS, _SLOWER), else_=LONGEST_INTERVAL_SECONDS),
    )
)
_REDEEM = (
    update(_TABLE)
    .where(
        _TABLE.c.secret_hash == bindparam("hash"),
        _TABLE.c.state == ALLOWED,
        _TABLE.c.redeemed_at.is_(None),
    )
    .values(redeemed_at=bindparam("now"))
    .returning(_TABLE.c.grant_id)
)


def find_by_secret(connection: Connection, kind: Kind, unverified_secret: str, now: int) -> Ticket | Waiting | None:
    """The request with its grant, if it has one, and the standing of its person, in one query."""
    row = connection.execute(_FIND, {"hash": hash_secret(unverified_secret), "kind": kind}).first()
    if row is None:
        return None
    is_expired = row.expires_at <= now
    if row.grant_id is None or (is_expired and row.redeemed_at is None):
        is_denied = row.state == DENIED or row.status not in (None, ACTIVE)
        return Waiting(row.secret_hash, row.client_id, is_denied, is_expired, row.dpop_jkt)
    return Ticket(
        secret_hash=row.secret_hash,
        client_id=row.client_id,
        authorization=authorization_of(row, row.client_id),
        redirect_uri=None,
        code_challenge=None,
        spent_at=row.redeemed_at,
        is_live=is_live(row, now),
        dpop_jkt=row.dpop_jkt,
    )


def count_poll(connection: Connection, secret_hash: str, now: int) -> bool:
    """
    Count one poll. False: it came too soon, and the interval has grown by five seconds.

    The first UPDATE is the judgement: of any number of polls at once one finds the last one long enough ago.
    """
    values = {"hash": secret_hash, "now": now}
    if connection.execute(_POLL, values).first() is not None:
        return True
    connection.execute(_TOO_SOON, values)
    return False


def redeem(connection: Connection, secret_hash: str, now: int) -> bool:
    """Spend what was allowed. False: somebody was faster. One conditional UPDATE, as for codes."""
    return connection.execute(_REDEEM, {"hash": secret_hash, "now": now}).first() is not None


# ── What the person does: look and answer ────────────────────────────────────────────────────────────────────────

_OPEN = select(
    _TABLE.c.id,
    _TABLE.c.kind,
    _TABLE.c.client_id,
    _TABLE.c.user_id,
    _TABLE.c.parameters,
    _TABLE.c.created_at,
    _TABLE.c.expires_at,
).where(_TABLE.c.state == WAITING, _TABLE.c.expires_at > bindparam("now"))
_BY_CODE = _OPEN.where(_TABLE.c.user_code_mac == bindparam("mac"))
_BY_ID = _OPEN.where(_TABLE.c.id == bindparam("id"))
_OF_PERSON = _OPEN.where(_TABLE.c.user_id == bindparam("user_id"), _TABLE.c.kind == "ciba")
_COUNT = select(func.count()).where(
    and_(_TABLE.c.user_id == bindparam("user_id"), _TABLE.c.client_id == bindparam("client_id")),
    _TABLE.c.state == WAITING,
    _TABLE.c.expires_at > bindparam("now"),
)


def waiting_by_code(connection: Connection, user_code_mac: str, now: int) -> DeferredRequest | None:
    """The request that waits under a user code."""
    return _request(connection.execute(_BY_CODE, {"mac": user_code_mac, "now": now}).first())


def waiting_by_id(connection: Connection, request_id: str, now: int) -> DeferredRequest | None:
    """The same by its identifier; whether this person may see it is for the caller to judge."""
    return _request(connection.execute(_BY_ID, {"id": request_id, "now": now}).first())


def waiting_for(connection: Connection, user_id: str, now: int, most: int = 20) -> list[DeferredRequest]:
    """What services ask this person for through the backchannel, oldest first."""
    rows = connection.execute(_OF_PERSON.order_by(_TABLE.c.created_at).limit(most), {"user_id": user_id, "now": now})
    return [request for row in rows if (request := _request(row)) is not None]


def count_waiting(connection: Connection, user_id: str, client_id: str, now: int) -> int:
    """How many requests of one service wait for this person."""
    values = {"user_id": user_id, "client_id": client_id, "now": now}
    return int(connection.execute(_COUNT, values).scalar_one())


def decide(connection: Connection, request_id: str, *, user_id: str, grant_id: str | None, now: int) -> bytes | None:
    """
    Write the answer: allowed with a grant, denied without. Returns the sealed notice (b"" where nobody is notified).

    None: it was answered before, or the time is over. One conditional UPDATE: two tabs, two people or two processes at
    once, one answer counts.
    """
    row = connection.execute(
        update(_TABLE)
        .where(_TABLE.c.id == request_id, _TABLE.c.state == WAITING, _TABLE.c.expires_at > now)
        .values(state=ALLOWED if grant_id else DENIED, user_id=user_id, grant_id=grant_id, decided_at=now)
        .returning(_TABLE.c.id, _TABLE.c.sealed_notice)
    ).first()
    return None if row is None else row.sealed_notice or b""


def notice_of(connection: Connection, request_id: str, now: int) -> tuple[str, bytes] | None:
    """Client and sealed notice of a request that is not over; None: nobody has to be notified any more."""
    row = connection.execute(
        select(_TABLE.c.client_id, _TABLE.c.sealed_notice).where(
            _TABLE.c.id == request_id,
            _TABLE.c.sealed_notice.is_not(None),
            _TABLE.c.redeemed_at.is_(None),
            _TABLE.c.expires_at > now,
        )
    ).first()
    return None if row is None else (row.client_id, row.sealed_notice)


def _request(row: Any) -> DeferredRequest | None:
    if row is None:
        return None
    return DeferredRequest(
        id=row.id,
        kind=row.kind,
        client_id=row.client_id,
        user_id=row.user_id,
        parameters=orjson.loads(row.parameters),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
