"""One-time secrets on the database: codes and refresh tokens, as the grants see them (oauth/grants/base.py: Ledger)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection

from base import audit
from base.audit import Event
from idp.events import CodeReplayed, DeferredReplayed, RefreshTokenReused
from idp.oauth.grants.base import Grant, Ledger, Successor, Ticket, Waiting
from idp.protocol.deferred import Kind
from idp.services import IdpServices
from idp.store import codes, deferred_requests, refresh_tokens
from idp.store.grants import revoke_grant
from idp.store.refresh_tokens import add_refresh_token


class CodeLedger:
    """Authorization codes: one read; one UPDATE and one INSERT in one transaction; PostgreSQL takes both at once."""

    def __init__(self, services: IdpServices, now: int) -> None:
        self._services = services
        self._now = now

    def find(self, unverified_secret: str) -> Ticket | None:
        with self._services.base.db.read() as connection:
            return codes.find_code(connection, unverified_secret, self._now)

    def spend(self, ticket: Ticket, successor: Successor | None) -> bool:
        database = self._services.base.db
        if successor is not None and not database.is_sqlite:
            with database.once() as connection:
                return codes.redeem_into(connection, ticket.secret_hash, self._now, _row(ticket, successor, self._now))
        with database.begin() as connection:
            if not codes.redeem(connection, ticket.secret_hash, self._now):
                return False
            _store(connection, ticket, successor, self._now)
        return True

    def end_family(self, ticket: Ticket) -> None:
        _end(self._services, ticket, CodeReplayed(ticket.authorization.id, ticket.client_id), self._now)


class RefreshLedger:
    """Refresh tokens: the same, each followed by its successor."""

    def __init__(self, services: IdpServices, now: int) -> None:
        self._services = services
        self._now = now

    def find(self, unverified_secret: str) -> Ticket | None:
        with self._services.base.db.read() as connection:
            return refresh_tokens.find_refresh_token(connection, unverified_secret, self._now)

    def spend(self, ticket: Ticket, successor: Successor | None) -> bool:
        database, used_by = self._services.base.db, successor.spent_by if successor else None
        if successor is not None and not database.is_sqlite:
            row = _row(ticket, successor, self._now)
            with database.once() as connection:
                return refresh_tokens.spend_into(connection, ticket.secret_hash, self._now, used_by, row)
        with database.begin() as connection:
            if not refresh_tokens.spend(connection, ticket.secret_hash, self._now, used_by):
                return False
            _store(connection, ticket, successor, self._now)
        return True

    def end_family(self, ticket: Ticket) -> None:
        _end(self._services, ticket, RefreshTokenReused(ticket.authorization.id, ticket.client_id), self._now)


class DeferredLedger:
    """What a person answers on another device: a poll is one read and one UPDATE; the redemption as for codes."""

    def __init__(self, kind: Kind, services: IdpServices, now: int) -> None:
        self._kind = kind
        self._services = services
        self._now = now

    def find(self, unverified_secret: str) -> Ticket | Waiting | None:
        with self._services.base.db.read() as connection:
            return deferred_requests.find_by_secret(connection, self._kind, unverified_secret, self._now)

    def poll(self, waiting: Waiting) -> bool:
        with self._services.base.db.begin() as connection:
            return deferred_requests.count_poll(connection, waiting.secret_hash, self._now)

    def spend(self, ticket: Ticket, successor: Successor | None) -> bool:
        with self._services.base.db.begin() as connection:
            if not deferred_requests.redeem(connection, ticket.secret_hash, self._now):
                return False
            _store(connection, ticket, successor, self._now)
        return True

    def end_family(self, ticket: Ticket) -> None:
        _end(self._services, ticket, DeferredReplayed(ticket.authorization.id, ticket.client_id), self._now)


LEDGERS: Mapping[str, Callable[[IdpServices, int], Ledger]] = {
    "code": CodeLedger,
    "refresh_token": RefreshLedger,
    "device_code": partial(DeferredLedger, "device"),
    "auth_req_id": partial(DeferredLedger, "ciba"),
}
"""Ticket parameter of a grant → the ledger that knows its secrets."""


def ledger_for(services: IdpServices, grant: Grant, now: int) -> Ledger | None:
    """The ledger of a grant; None: its requests carry no one-time secret."""
    if grant.ticket_parameter is None:
        return None
    return LEDGERS[grant.ticket_parameter](services, now)


def _store(connection: Connection, ticket: Ticket, successor: Successor | None, now: int) -> None:
    if successor is not None:
        add_refresh_token(connection, grant_id=ticket.authorization.id, **_values(ticket, successor, now))


def _row(ticket: Ticket, successor: Successor, now: int) -> dict[str, Any]:
    return refresh_tokens.successor_row(**_values(ticket, successor, now))


def _values(ticket: Ticket, successor: Successor, now: int) -> dict[str, Any]:
    return {
        "token": successor.token,
        "client_id": ticket.client_id,
        "now": now,
        "expires_at": successor.expires_at,
        "dpop_jkt": successor.dpop_jkt,
        "x5t": successor.x5t,
    }


def _end(services: IdpServices, ticket: Ticket, event: Event, now: int) -> None:
    with services.base.db.begin() as connection:
        if revoke_grant(connection, ticket.authorization.id, now):
            audit.append(connection, services.base.clock, event)
