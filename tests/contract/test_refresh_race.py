"""1,000 refresh tokens, each presented eight times at once, on PostgreSQL: exactly one rotates, and the family dies."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from base.ids import hash_secret
from idp.models import grants, refresh_tokens
from tests.contract.races import ROUNDS, race
from tests.provider import Provider, Registered

pytestmark = [pytest.mark.race, pytest.mark.slow]


@pytest.fixture
def client(pg_provider: Provider) -> Registered:
    return pg_provider.client(trusted=True)


def tokens(provider: Provider, client: Registered, number: int) -> list[str]:
    cookie = provider.session(provider.person())
    return [provider.redeem(client, provider.code(client, cookie)).json["refresh_token"] for _ in range(number)]


def test_a_refresh_token_is_used_once(pg_provider: Provider, client: Registered) -> None:
    fresh = tokens(pg_provider, client, ROUNDS)
    outcome = race(fresh, lambda token: pg_provider.refresh(client, token).status)
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)
    with pg_provider.services.base.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(refresh_tokens)).scalar() == 2 * ROUNDS
        living = select(func.count()).select_from(grants).where(grants.c.revoked_at.is_(None))
        assert connection.execute(living).scalar() == 0


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
