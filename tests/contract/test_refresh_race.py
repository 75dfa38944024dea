"""
Refresh tokens, each presented eight times at once, on PostgreSQL: one successor, whoever gets the answer; and
where no answer may be repeated, exactly one rotates and the family dies.
"""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from sqlalchemy import func, select, update

from base.ids import hash_secret
from idp.models import grants, refresh_tokens
from tests.contract.races import PARALLEL, ROUNDS, race
from tests.provider import Provider, Registered

pytestmark = [pytest.mark.race, pytest.mark.slow]


@pytest.fixture
def client(pg_provider: Provider) -> Registered:
    return pg_provider.client(trusted=True)


def tokens(provider: Provider, client: Registered, number: int) -> list[str]:
    cookie = provider.session(provider.person())
    return [provider.redeem(client, provider.code(client, cookie)).json["refresh_token"] for _ in range(number)]


def living(provider: Provider) -> int:
    with provider.services.base.db.read() as connection:
        alive = select(func.count()).select_from(grants).where(grants.c.revoked_at.is_(None))
        return int(connection.execute(alive).scalar_one())


def rows(provider: Provider) -> int:
    with provider.services.base.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(refresh_tokens)).scalar_one())


def test_eight_at_once_get_one_successor(pg_provider: Provider, client: Registered) -> None:
    pg_provider = pg_provider.with_settings(refresh_grace_seconds=10)
    fresh, lock = tokens(pg_provider, client, ROUNDS), threading.Lock()
    successors: dict[str, Counter[str]] = {token: Counter() for token in fresh}

    def present(token: str) -> int:
        reply = pg_provider.refresh(client, token)
        if reply.status == 200:
            with lock:
                successors[token][reply.json["refresh_token"]] += 1
        return reply.status

    assert race(fresh, present).faults == 0
    assert all(list(found.values()) == [PARALLEL] for found in successors.values())
    assert rows(pg_provider) == 2 * ROUNDS
    assert living(pg_provider) == ROUNDS
    chain = next(iter(successors[fresh[0]]))
    assert pg_provider.refresh(client, chain).status == 200


def test_without_a_window_one_rotates_and_the_family_dies(pg_provider: Provider, client: Registered) -> None:
    strict = pg_provider.with_settings(refresh_grace_seconds=0)
    outcome = race(tokens(strict, client, ROUNDS), lambda token: strict.refresh(client, token).status)
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)
    assert rows(strict) == 2 * ROUNDS
    assert living(strict) == 0


def test_the_harness_catches_a_naive_build(pg_provider: Provider, client: Registered) -> None:
    """Look, mint, then mark."""
    database, table = pg_provider.services.base.db, refresh_tokens

    def naive(token: str) -> int:
        key = hash_secret(token)
        with database.read() as connection:
            used = connection.execute(select(table.c.used_at).where(table.c.token_hash == key)).scalar_one()
        if used is not None:
            return 400
        pg_provider.services.keys.mac("minting takes a moment", token)
        with database.begin() as connection:
            connection.execute(update(table).where(table.c.token_hash == key).values(used_at=1))
        return 200

    assert race(tokens(pg_provider, client, 30), naive).doubles > 0
