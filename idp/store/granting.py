"""
All that one granted request writes: the grant, its code, the service's place in the session, the audit event.

SQLite takes them one by one. For PostgreSQL they are the parts of one statement, which may be its own transaction: one
round trip where BEGIN, four statements and COMMIT took six.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CTE, Connection, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import ReturningInsert

from base import audit
from base.audit import Event
from base.clock import Clock
from idp.models import authorization_codes, session_clients
from idp.protocol.authorization import Authorization
from idp.store.codes import add_code
from idp.store.grants import ADDING, add_grant, as_new, note_client

_OF_THE_CODE = ("code_hash", "client_id", "redirect_uri", "code_challenge", "created_at", "expires_at", "dpop_jkt")


def _at_once(*, has_code: bool) -> ReturningInsert[int]:
    """
    Each part has rows to write only where the part before it had one: no grant, no code and no event. The event comes
    last, when the rows it tells of are written and whatever they had to wait for has been waited for.
    """
    granted = ADDING.cte("granted")
    seen = _seen_client(granted).cte("seen")
    due = [select(func.count()).select_from(seen).scalar_subquery() > 0]
    if has_code:
        code = [bindparam(f"code_{name}", type_=authorization_codes.c[name].type) for name in _OF_THE_CODE]
        adding = insert(authorization_codes).from_select(["grant_id", *_OF_THE_CODE], select(granted.c.id, *code))
        coded = adding.returning(authorization_codes.c.grant_id).cte("coded")
        due.append(select(func.count()).select_from(coded).scalar_subquery() > 0)
    return audit.appending(*due)


def _seen_client(granted: CTE) -> ReturningInsert[str]:
    """note_client() for a grant that was made."""
    names = ("session_id", "client_id", "sid", "first_at", "last_at")
    row = [bindparam(f"seen_{name}", type_=session_clients.c[name].type) for name in names]
    making = postgresql.insert(session_clients).from_select(list(names), select(*row).select_from(granted))
    moved = {"last_at": making.excluded.last_at, "sid": making.excluded.sid}
    keys = ["session_id", "client_id"]
    return making.on_conflict_do_update(index_elements=keys, set_=moved).returning(session_clients.c.session_id)


_AT_ONCE = {has_code: _at_once(has_code=has_code) for has_code in (True, False)}


def grant(
    connection: Connection,
    clock: Clock,
    authorization: Authorization,
    code: Mapping[str, Any] | None,
    event: Event,
    now: int,
    consented_at: int | None,
) -> bool:
    """
    Begin a family of tokens in a living session. False: the session has ended, or the consent that was given at
    consented_at (None: it rests on none) was given anew or taken back; nothing is written.

    code: the row of its code (codes.code_row); None where the response type has none.
    """
    assert authorization.session_id is not None
    sid = authorization.proof.sid or ""
    if connection.dialect.name == "postgresql":
        values = {**as_new(authorization, now, consented_at), **audit.values_of(clock, event)}
        values |= _prefixed("code", code or {})
        seen = {"session_id": authorization.session_id, "client_id": authorization.client_id, "sid": sid}
        values |= _prefixed("seen", {**seen, "first_at": now, "last_at": now})
        return connection.execute(_AT_ONCE[code is not None], values).first() is not None
    if not add_grant(connection, authorization, now, consented_at):
        return False
    if code is not None:
        add_code(connection, authorization.id, code)
    note_client(connection, authorization.session_id, authorization.client_id, sid, now)
    audit.append(connection, clock, event)
    return True


def _prefixed(part: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """One part's values by the names under which it binds them, since parts have columns of the same name."""
    return {f"{part}_{name}": value for name, value in values.items()}
