"""Pushed requests, each begun with eight times at once by a signed-in person: exactly one code each."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from base.ids import hash_secret
from base.web.edge import FallThrough
from idp.models import authorization_codes, grants, pushed_requests
from tests.contract.races import ROUNDS, race
from tests.provider import Provider, Registered

pytestmark = [pytest.mark.race, pytest.mark.slow]


@pytest.fixture
def client(pg_provider: Provider) -> Registered:
    return pg_provider.client(trusted=True)


def test_a_pushed_request_is_granted_once(pg_provider: Provider, client: Registered) -> None:
    cookie = pg_provider.session(pg_provider.person())

    def tab(request_uri: str) -> int:
        try:
            return 200 if "code" in pg_provider.begin(client, request_uri, cookie).params else 500
        except FallThrough:  # the page that says it was used before
            return 400

    outcome = race([pg_provider.pushed(client) for _ in range(ROUNDS)], tab)
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)
    with pg_provider.services.base.db.read() as connection:
        for table in (authorization_codes, grants):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == ROUNDS


def test_the_harness_catches_a_naive_build(pg_provider: Provider, client: Registered) -> None:
    """Look, grant, then mark."""
    database, table = pg_provider.services.base.db, pushed_requests

    def naive(request_uri: str) -> int:
        key = hash_secret(request_uri)
        with database.read() as connection:
            used = connection.execute(select(table.c.used_at).where(table.c.reference == key)).scalar_one()
        if used is not None:
            return 400
        pg_provider.services.keys.mac("granting takes a moment", request_uri)
        with database.begin() as connection:
            connection.execute(update(table).where(table.c.reference == key).values(used_at=1))
        return 200

    assert race([pg_provider.pushed(client) for _ in range(30)], naive).doubles > 0
