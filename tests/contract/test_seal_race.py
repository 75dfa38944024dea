"""
A grant of so many seals gives no more of them, however many ask at once. On PostgreSQL, after a naive build that looks
before it counts has been seen to give too many under the same load.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

import keys.models  # noqa: F401  # its tables are created below
from base.clock import FixedClock
from base.db import metadata
from base.services import BaseServices, open_base
from base.settings import BaseSettings, Settings
from keys.errors import KeyRefused
from keys.lifecycle.seal_grant import DAY_SECONDS
from keys.models import seal_grants
from keys.settings import KeysSettings
from tests.ready_keys import open_ready_keys
from tests.seals import CLIENT, granted, operators_of, seal_of, terms_for

pytestmark = [pytest.mark.race, pytest.mark.pg, pytest.mark.slow]
PARALLEL, EACH, MOST, PER_DAY = 8, 12, 40, 30


@pytest.fixture
def services(pg_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[BaseServices]:
    settings = BaseSettings(database_url=pg_url, data_dir=tmp_path / "var", threads=PARALLEL)
    groups = (settings, KeysSettings(rsa_key_bits=2048))
    opened = open_base(Settings({type(group): group for group in groups}), clock=clock)
    metadata.create_all(opened.db.engine)
    yield opened
    opened.db.close()


def count(ask: Callable[[], bool]) -> int:
    """How many of PARALLEL × EACH, all at once, are given a use."""
    gate, lock, given = threading.Barrier(PARALLEL), threading.Lock(), []

    def contender() -> None:
        for _ in range(EACH):
            gate.wait()
            if ask():
                with lock:
                    given.append(1)

    threads = [threading.Thread(target=contender) for _ in range(PARALLEL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(given)


def test_no_more_are_given_than_were_granted(services: BaseServices, clock: FixedClock) -> None:
    held = open_ready_keys(services)
    team, seal, other = operators_of(held), seal_of(held), seal_of(held)
    for one in (seal, other):
        granted(held, terms_for(held, one, most=MOST, per_day=PER_DAY), team)

    looked = threading.Barrier(PARALLEL)

    def naive() -> bool:
        with services.db.read() as connection:
            row = connection.execute(select(seal_grants).where(seal_grants.c.handle == other)).one()
        looked.wait()  # all of them look before one of them counts
        if row.used >= row.most:
            return False
        with services.db.begin() as connection:
            mine = update(seal_grants).where(seal_grants.c.handle == other)
            connection.execute(mine.values(used=row.used + 1))
        return True

    def ours() -> bool:
        try:
            held.spend_seal(seal, client_id=CLIENT, document_digest="ab" * 32)
        except KeyRefused:
            return False
        return True

    assert count(naive) == PARALLEL * EACH
    assert count(ours) == PER_DAY
    clock.move(DAY_SECONDS)
    assert count(ours) == MOST - PER_DAY
