"""
Device codes and authentication request ids, each redeemed eight times at once, on PostgreSQL: exactly one
gets tokens. Answers and polls that meet: exactly one counts.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from base.clock import FixedClock
from base.ids import hash_secret
from idp.flows.answer_request import allow, deny
from idp.flows.deferred_requests import RequestOver
from idp.models import deferred_requests, grants, refresh_tokens
from idp.protocol.deferred import CIBA, DEVICE_CODE
from tests.contract.races import ROUNDS, race
from tests.elsewhere import (
    answer_person,
    ask_device,
    ask_person,
    at_device,
    auth_req_id,
    ciba_poll,
    device_code,
    device_poll,
    session_of,
)
from tests.provider import Provider, Registered, Reply

pytestmark = [pytest.mark.race, pytest.mark.slow]
Make = Callable[[Provider, Registered, str], str]
Poll = Callable[[Provider, Registered, str], Reply]
MOST_WAITING = 10
"""Requests of one service that may wait for one person (setting ciba_waiting_most)."""
KINDS: dict[str, tuple[Make, Poll]] = {"device": (device_code, device_poll), "ciba": (auth_req_id, ciba_poll)}


@pytest.fixture
def client(pg_provider: Provider) -> Registered:
    return pg_provider.client(grant_types=[DEVICE_CODE, CIBA, "refresh_token"], redirect_uris=None)


@pytest.fixture
def cookie(pg_provider: Provider) -> str:
    return pg_provider.session(pg_provider.person())


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_redeemed_once(pg_provider: Provider, client: Registered, cookie: str, kind: str) -> None:
    make, poll = KINDS[kind]
    fresh = [make(pg_provider, client, cookie) for _ in range(ROUNDS)]
    outcome = race(fresh, lambda secret: poll(pg_provider, client, secret).status)
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)
    with pg_provider.services.base.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(refresh_tokens)).scalar() == ROUNDS
        living = select(func.count()).select_from(grants).where(grants.c.revoked_at.is_(None))
        assert connection.execute(living).scalar() == 0


def test_the_harness_catches_a_naive_build(pg_provider: Provider, client: Registered, cookie: str) -> None:
    """Look, mint, then mark."""
    database, table = pg_provider.services.base.db, deferred_requests

    def naive(secret: str) -> int:
        key = hash_secret(secret)
        with database.read() as connection:
            spent = connection.execute(select(table.c.redeemed_at).where(table.c.secret_hash == key)).scalar_one()
        if spent is not None:
            return 400
        pg_provider.services.keys.mac("minting takes a moment", secret)
        with database.begin() as connection:
            connection.execute(update(table).where(table.c.secret_hash == key).values(redeemed_at=1))
        return 200

    fresh = [device_code(pg_provider, client, cookie) for _ in range(30)]
    assert race(fresh, naive).doubles > 0


def test_of_eight_polls_at_once_one_is_in_time(pg_provider: Provider, client: Registered) -> None:
    fresh = [ask_device(pg_provider, client)["device_code"] for _ in range(200)]
    seen: list[str] = []

    def poll(secret: str) -> int:
        error = device_poll(pg_provider, client, secret).json["error"]
        seen.append(error)
        return 200 if error == "authorization_pending" else 400

    outcome = race(fresh, poll)
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)
    assert set(seen) == {"authorization_pending", "slow_down"}


def test_of_eight_answers_at_once_one_counts(pg_provider: Provider, client: Registered, cookie: str) -> None:
    """Half of them say yes and half no; what was said is what the service gets."""
    session = session_of(pg_provider, cookie)
    waiting = {}
    for _ in range(200):
        made = ask_device(pg_provider, client)
        waiting[made["device_code"]] = at_device(pg_provider, cookie, made["user_code"])
    said: dict[str, list[str]] = {secret: [] for secret in waiting}

    def answer(secret: str) -> int:
        say = allow if len(said[secret]) % 2 else deny
        said[secret].append("")
        try:
            say(pg_provider.services, session, waiting[secret])
        except RequestOver:
            return 400
        said[secret].append(say.__name__)
        return 200

    outcome = race(list(waiting), answer)
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)
    for secret, words in said.items():
        polled = device_poll(pg_provider, client, secret)
        assert (polled.status == 200) == ("allow" in words)


def test_polling_while_the_person_answers(
    pg_provider: Provider, client: Registered, cookie: str, clock: FixedClock
) -> None:
    """One thread answers, seven poll: nobody gets a fault, and tokens go out at most once."""
    waiting = [ask_person(pg_provider, client)["auth_req_id"] for _ in range(MOST_WAITING)]
    first = dict.fromkeys(waiting, True)

    def contend(secret: str) -> int:
        if first.pop(secret, False):
            answer_person(pg_provider, cookie)
            return 400
        return ciba_poll(pg_provider, client, secret).status

    for _ in range(10):
        outcome = race(waiting, contend)
        assert (outcome.doubles, outcome.faults) == (0, 0)
        clock.move(400)
        waiting = [ask_person(pg_provider, client)["auth_req_id"] for _ in range(MOST_WAITING)]
        first = dict.fromkeys(waiting, True)
