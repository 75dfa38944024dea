"""
Each one-time item presented eight times at once, four times to each of two servers on one PostgreSQL: it counts once,
and nobody gets a fault.

ANTIN_TEST_ROUNDS says how many items of each kind; `make faults` takes 1,000.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator

import psycopg
import pytest

from tests.contract.races import PARALLEL, race
from tests.faults.one_time import ITEMS, Item, Town
from tests.faults.two_servers import two_servers
from tests.faults.visitor import hang_up

pytestmark = [pytest.mark.race, pytest.mark.slow]
ROUNDS = int(os.environ.get("ANTIN_TEST_ROUNDS", "60"))


@pytest.fixture(scope="module")
def town(pg_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with psycopg.connect(f"{pg_server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE two_servers")
    folder = tmp_path_factory.mktemp("two")
    with two_servers(folder, f"{pg_server}/two_servers", refresh_grace_seconds="0") as pair:
        yield Town(pair)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.name)
def test_it_counts_once_whichever_server_is_asked(town: Town, item: Item) -> None:
    turns, ports = itertools.count(), threading.local()

    def present(secret: str) -> int:
        if not hasattr(ports, "mine"):
            ports.mine = town.pair.ports[next(turns) % 2]
        return item.present(town, ports.mine, secret)

    outcome = race([item.make(town) for _ in range(ROUNDS)], present)
    hang_up()
    print(f"{item.name}: {ROUNDS} × {PARALLEL}, {outcome}")
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)
