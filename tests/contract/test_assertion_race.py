"""Assertions, each presented eight times at once, on PostgreSQL: exactly one brings a token."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from idp.flows.assertions import trust
from idp.models import grants
from idp.protocol.trusted_issuers import GRANT
from tests.assertions import assertion, trusting
from tests.contract.races import ROUNDS, race
from tests.provider import Provider

pytestmark = [pytest.mark.race, pytest.mark.slow]


def test_an_assertion_counts_once(pg_provider: Provider) -> None:
    client = pg_provider.machine(grant_types=[GRANT])
    trust(pg_provider.services, trusting(client.id))
    pg_provider.person()
    fresh = [assertion(pg_provider.now) for _ in range(ROUNDS)]
    outcome = race(fresh, lambda given: pg_provider.token(client, grant_type=GRANT, assertion=given).status)
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)
    with pg_provider.services.base.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(grants)).scalar() == ROUNDS
