"""Codes, each presented eight times at once, on PostgreSQL: exactly one gets tokens, and then the family dies."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from base.ids import hash_secret
from idp.models import authorization_codes, grants, refresh_tokens
from tests.contract.races import ROUNDS, race
from tests.provider import Provider, Registered

pytestmark = [pytest.mark.race, pytest.mark.slow]


@pytest.fixture
def client(pg_provider: Provider) -> Registered:
    return pg_provider.client(trusted=True)


def codes(provider: Provider, client: Registered, number: int) -> list[str]:
    cookie = provider.session(provider.person())
    return [provider.code(client, cookie) for _ in range(number)]


def test_a_code_is_redeemed_once(pg_provider: Provider, client: Registered) -> None:
    fresh = codes(pg_provider, client, ROUNDS)
    outcome = race(fresh, lambda code: pg_provider.redeem(client, code).status)
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)
    with pg_provider.services.base.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(refresh_tokens)).scalar() == ROUNDS
        living = select(func.count()).select_from(grants).where(grants.c.revoked_at.is_(None))
        assert connection.execute(living).scalar() == 0


def test_the_harness_catches_a_naive_build(pg_provider: Provider, client: Registered) -> None:
    """Look, mint, then mark: the order of a stock library. If this is not caught, the test above proves nothing."""
    database, table = pg_provider.services.base.db, authorization_codes

    def naive(code: str) -> int:
        key = hash_secret(code)
        with database.read() as connection:
            spent = connection.execute(select(table.c.redeemed_at).where(table.c.code_hash == key)).scalar_one()
        if spent is not None:
            return 400
        pg_provider.services.keys.mac("minting takes a moment", code)
        with database.begin() as connection:
            connection.execute(update(table).where(table.c.code_hash == key).values(redeemed_at=1))
        return 200

    assert race(codes(pg_provider, client, 30), naive).doubles > 0
