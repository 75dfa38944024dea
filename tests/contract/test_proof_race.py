"""DPoP proofs, each presented eight times at once, on PostgreSQL: exactly one request is served."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from base.ids import hash_secret
from idp.models import spent_identifiers
from tests.contract.races import ROUNDS, race
from tests.proofs import HeldKey
from tests.provider import Provider

pytestmark = [pytest.mark.race, pytest.mark.slow]
KEY = HeldKey()


def test_a_proof_counts_once(pg_provider: Provider) -> None:
    machine = pg_provider.machine(dpop_bound_access_tokens=True)

    def present(proof: str) -> int:
        return pg_provider.posted("/token", machine, proof=proof, grant_type="client_credentials").status

    outcome = race([KEY.proof("/token", pg_provider.now) for _ in range(ROUNDS)], present)
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)
    with pg_provider.services.base.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(spent_identifiers)).scalar() == ROUNDS


def test_the_harness_catches_a_naive_build(pg_provider: Provider) -> None:
    """Look whether it was seen, serve, then remember it."""
    database, table = pg_provider.services.base.db, spent_identifiers

    def naive(proof: str) -> int:
        key = hash_secret(proof)
        with database.read() as connection:
            if connection.execute(select(table.c.key).where(table.c.key == key)).first() is not None:
                return 400
        pg_provider.services.keys.mac("serving takes a moment", proof)
        with database.begin() as connection:
            connection.exec_driver_sql(
                f"INSERT INTO spent_identifiers (key, expires_at) VALUES ('{key}', 1) ON CONFLICT DO NOTHING"
            )
        return 200

    assert race([KEY.proof("/token", pg_provider.now) for _ in range(30)], naive).doubles > 0
