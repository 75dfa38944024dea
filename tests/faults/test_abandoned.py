"""
Logins that somebody began and never went on with: they leave nothing, in rows and in bytes.

ANTIN_TEST_ABANDONED says how many; `make faults` takes 1,000,000 of those that store something (pushed requests).
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from base.clock import FixedClock
from base.db import Database
from base.ids import hash_secret
from idp.flows.background import reap
from idp.models import pushed_requests
from migrations.models import metadata
from tests.provider import Provider

LOGINS = 200
PUSHED = int(os.environ.get("ANTIN_TEST_ABANDONED", "5000"))
BATCH = 1000
MOST_BYTES = 1024 * 1024


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Both databases, with all tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'antin.db'}"
    else:
        url = str(request.getfixturevalue("pg_url"))
    database = Database(url)
    metadata.create_all(database.engine)
    database.close()
    return url


def rows(provider: Provider) -> dict[str, int]:
    """How many rows every table has, but for the audit log and its head."""
    with provider.services.base.db.read() as connection:
        counted = [table for table in metadata.sorted_tables if not table.name.startswith("audit_")]
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in counted
        }


def size(provider: Provider) -> int:
    """
    Bytes of the database file; of the table, after the VACUUM that PostgreSQL does by itself. Its indexes keep their
    size, and fill the empty pages again.
    """
    database = provider.services.base.db
    with database.read() as connection:
        if database.is_sqlite:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).all()
            return Path(database.url.partition("///")[2]).stat().st_size
        connection.execute(text("VACUUM"))
        return int(connection.execute(text("SELECT pg_table_size('pushed_requests')")).scalar_one())


def test_a_login_that_is_abandoned_at_its_page_stores_nothing(provider: Provider) -> None:
    client = provider.client()
    before = rows(provider)
    for number in range(LOGINS):
        reply = provider.authorize(client, state=f"s{number}")
        assert reply.status == 303
        assert reply.location.startswith("/login")
    assert rows(provider) == before


def test_pushed_requests_that_nobody_uses_go_after_their_lifetime(provider: Provider, clock: FixedClock) -> None:
    client = provider.client()
    assert provider.push(client).status == 201
    before, bytes_before = rows(provider), size(provider)
    began = time.monotonic()
    for first in range(0, PUSHED, BATCH):
        with provider.services.base.db.begin() as connection:
            connection.execute(insert(pushed_requests), [_row(client.id, number, clock) for number in _numbers(first)])
    stored, bytes_full = time.monotonic() - began, size(provider)
    assert rows(provider)["pushed_requests"] == PUSHED + 1
    clock.move(provider.services.settings.interaction_lifetime_seconds + 600)
    began, gone = time.monotonic(), 0
    while round_gone := reap(provider.services):
        gone += round_gone
    for _ in range(PUSHED // 5000):  # as the minutes go by
        reap(provider.services)
    took = time.monotonic() - began
    bytes_after = size(provider)
    print(
        f"\n{provider.services.base.db.engine.name}: {PUSHED} pushed requests stored in {stored:.0f} s, "
        f"{bytes_full - bytes_before} bytes; reaped in {took:.1f} s, {bytes_after - bytes_before} bytes left"
    )
    assert gone == PUSHED + 1
    assert rows(provider) == before | {"pushed_requests": 0}
    assert bytes_after - bytes_before < MOST_BYTES


def _numbers(first: int) -> range:
    return range(first, min(first + BATCH, PUSHED))


def _row(client_id: str, number: int, clock: FixedClock) -> dict[str, object]:
    parameters = '{"client_id":"' + client_id + '","scope":"openid profile","state":"' + "s" * 300 + '"}'
    return {
        "reference": hash_secret(f"abandoned {number}"),
        "client_id": client_id,
        "parameters": parameters,
        "expires_at": clock.now() + 90,
    }
