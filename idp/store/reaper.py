"""
Deleting what has no use any more, in bounded batches: one short transaction each, so that nobody waits for it.

Providers have grown tables of many gigabytes because clean-up was a script somebody had to remember. What a person only
began and abandoned is not stored in the first place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, and_, delete, exists, or_, select, update

from base.versions import raise_version
from idp.models import (
    access_tokens,
    authorization_codes,
    client_logos,
    clients,
    consents,
    deferred_requests,
    grants,
    initial_access_tokens,
    known_devices,
    pushed_requests,
    refresh_tokens,
    revoked_tokens,
    session_clients,
    sessions,
    spent_identifiers,
    throttle_buckets,
)
from idp.services import CLIENTS
from idp.settings import IdpSettings
from idp.store.throttle import QUIET_WINDOWS

BATCH = 500
TOMBSTONE_SECONDS = 86_400
"""How long spent codes and ended authorizations are kept, so that a replay is still recognised and answered as one."""

ABANDONED_SECONDS = 600
"""How long a client that still polls hears that its request has expired."""

Chore = Callable[[Connection, IdpSettings, int], int]
"""One batch at time `now` (epoch seconds); returns how many rows went."""


def reap_codes(connection: Connection, _settings: IdpSettings, now: int) -> int:
    """Authorization codes long expired."""
    table = authorization_codes
    return _reap(connection, table.c.code_hash, table.c.expires_at < now - TOMBSTONE_SECONDS)


def reap_pushed_requests(connection: Connection, settings: IdpSettings, now: int) -> int:
    """Pushed requests that nobody can still be at a page for."""
    table = pushed_requests
    return _reap(connection, table.c.reference, table.c.expires_at < now - settings.interaction_lifetime_seconds)


def reap_access_tokens(connection: Connection, _settings: IdpSettings, now: int) -> int:
    """Opaque access tokens that have expired."""
    return _reap(connection, access_tokens.c.token_hash, access_tokens.c.expires_at < now)


def reap_deferred_requests(connection: Connection, _settings: IdpSettings, now: int) -> int:
    """Requests from another device: soon after their end; redeemed ones when a replay is no matter any more."""
    table = deferred_requests
    abandoned = and_(table.c.redeemed_at.is_(None), table.c.expires_at < now - ABANDONED_SECONDS)
    return _reap(connection, table.c.id, or_(abandoned, table.c.expires_at < now - TOMBSTONE_SECONDS))


def reap_grants(connection: Connection, _settings: IdpSettings, now: int) -> int:
    """Authorizations long expired or revoked, with their codes and tokens."""
    long_ago = now - TOMBSTONE_SECONDS
    chosen = _chosen(connection, grants.c.id, or_(grants.c.expires_at < long_ago, grants.c.revoked_at < long_ago))
    for table in (access_tokens, authorization_codes, refresh_tokens, deferred_requests):
        connection.execute(delete(table).where(table.c.grant_id.in_(chosen)))
    return _delete(connection, grants.c.id, chosen)


def reap_sessions(connection: Connection, settings: IdpSettings, now: int) -> int:
    """Sessions past the time the account page shows them, unless an authorization still hangs on one."""
    long_ago = now - settings.ended_session_retention_seconds
    held = exists(select(grants.c.id).where(grants.c.session_id == sessions.c.id))
    chosen = _chosen(connection, sessions.c.id, sessions.c.expires_at < long_ago, ~held)
    connection.execute(delete(session_clients).where(session_clients.c.session_id.in_(chosen)))
    return _delete(connection, sessions.c.id, chosen)


def reap_throttle(connection: Connection, settings: IdpSettings, now: int) -> int:
    """Counters that would start afresh anyway."""
    table, quiet = throttle_buckets, now - QUIET_WINDOWS * settings.throttle_window_seconds
    return _reap(connection, table.c.key, table.c.window_started_at < quiet, table.c.blocked_until < quiet)


def reap_revoked_tokens(connection: Connection, _settings: IdpSettings, now: int) -> int:
    """Revocations of tokens that have expired by themselves."""
    return _reap(connection, revoked_tokens.c.jti, revoked_tokens.c.expires_at < now)


def reap_spent_identifiers(connection: Connection, _settings: IdpSettings, now: int) -> int:
    """Identifiers that could not be used again anyway."""
    return _reap(connection, spent_identifiers.c.key, spent_identifiers.c.expires_at < now)


def reap_devices(connection: Connection, settings: IdpSettings, now: int) -> int:
    """Browsers that nobody has signed in from for long."""
    return _reap(connection, known_devices.c.device, known_devices.c.last_used_at < now - settings.known_device_seconds)


def reap_invitations(connection: Connection, _settings: IdpSettings, now: int) -> int:
    """Initial access tokens that have expired or are used up."""
    table = initial_access_tokens
    return _reap(connection, table.c.token_hash, or_(table.c.expires_at < now, table.c.uses_left < 1))


def forget_unused_clients(connection: Connection, settings: IdpSettings, now: int) -> int:
    """
    Clients that nobody invited and nobody has used are deleted; reap_clients takes their rows. What an operator has
    disabled is not forgotten: a client known by its document would come back as a new one.
    """
    old = now - settings.unused_client_seconds
    unused = (
        clients.c.registered_by.in_(("open", "document")),
        clients.c.deleted_at.is_(None),
        clients.c.disabled_at.is_(None),
        clients.c.created_at < old,
    )
    chosen = _chosen(connection, clients.c.client_id, *unused, *_nothing_hangs_on(grants, consents, session_clients))
    if chosen:
        gone = {"deleted_at": now, "registration_token_hash": None, "secret_hash": None}
        connection.execute(update(clients).where(clients.c.client_id.in_(chosen)).values(**gone))
        raise_version(connection, CLIENTS)
    return len(chosen)


def reap_clients(connection: Connection, _settings: IdpSettings, now: int) -> int:
    """Clients long deleted, with their consents, when no authorization hangs on them any more; no disabled ones."""
    gone = (clients.c.deleted_at < now - TOMBSTONE_SECONDS, clients.c.disabled_at.is_(None))
    chosen = _chosen(connection, clients.c.client_id, *gone, *_nothing_hangs_on(grants))
    for table in (consents, session_clients, client_logos):
        connection.execute(delete(table).where(table.c.client_id.in_(chosen)))
    return _delete(connection, clients.c.client_id, chosen)


def _nothing_hangs_on(*tables: Table) -> list[ColumnElement[bool]]:
    return [~exists().where(table.c.client_id == clients.c.client_id) for table in tables]


CHORES: tuple[Chore, ...] = (
    reap_codes,
    reap_pushed_requests,
    reap_access_tokens,
    reap_deferred_requests,
    reap_grants,
    reap_sessions,
    reap_throttle,
    reap_revoked_tokens,
    reap_spent_identifiers,
    reap_devices,
    reap_invitations,
    forget_unused_clients,
    reap_clients,
)
"""In this order, so that what hangs on a row goes before the row."""


def _reap(connection: Connection, key: Column[Any], *conditions: ColumnElement[bool]) -> int:
    return _delete(connection, key, _chosen(connection, key, *conditions))


def _chosen(connection: Connection, key: Column[Any], *conditions: ColumnElement[bool]) -> list[Any]:
    query: Select[Any] = select(key).where(*conditions).limit(BATCH)
    return list(connection.execute(query).scalars())


def _delete(connection: Connection, key: Column[Any], chosen: list[Any]) -> int:
    table: Table = key.table
    if chosen:
        connection.execute(delete(table).where(key.in_(chosen)))
    return len(chosen)
