"""
One key, one act; one job, one worker: however many come at once. On PostgreSQL, where writers truly run side by side.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from base.clock import FixedClock
from base.db import metadata
from base.services import BaseServices, open_base
from base.settings import BaseSettings, Settings
from signing.flows.api import jobs
from signing.flows.api.jobs import LEASE_SECONDS, MOST_ATTEMPTS
from signing.flows.api.work import perform
from signing.models import api_jobs as table
from signing.models import api_requests
from signing.store import api_jobs
from tests.api_caller import application
from tests.desk_city import BINH, DeskCity, desk_city
from tests.desk_papers import decision

pytestmark = [pytest.mark.race, pytest.mark.slow]
AT_ONCE = 6
ROUNDS = 4
PAPER = decision()
TO_BINH = {"signer_name": BINH.name, "signer_organisation": "H17.12"}


@pytest.fixture
def city(pg_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[DeskCity]:
    opened: list[BaseServices] = []

    def make(*groups: object) -> BaseServices:
        base = BaseSettings(database_url=pg_url, data_dir=tmp_path / "var", threads=2 * AT_ONCE)
        services = open_base(Settings({type(group): group for group in (base, *groups)}), clock=clock)
        metadata.create_all(services.db.engine)
        opened.append(services)
        return services

    with desk_city(make) as built:
        yield built
    for services in opened:
        services.db.close()


def at_once(act: Callable[[], str]) -> Counter[str]:
    """Run an act AT_ONCE times side by side, started together. Returns how often each outcome was seen."""
    together = Barrier(AT_ONCE)

    def one(_: int) -> str:
        together.wait()
        return act()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(one, range(AT_ONCE)))


def rows(city: DeskCity, counted: Table) -> int:
    with city.base.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(counted)).scalar_one())


@pytest.mark.parametrize("path", ["/requests", "/verifications"])
def test_one_key_is_acted_on_once_and_everybody_is_told_the_same(city: DeskCity, path: str) -> None:
    caller = application(city)
    fields = TO_BINH if path == "/requests" else {}
    for number in range(ROUNDS):

        def act(number: int = number) -> str:
            app = type(caller)(city.app.test_client(), caller.token)
            answer = app.post(path, PAPER, headers={"Idempotency-Key": f"k{number}"}, **fields)
            return f"{answer.status_code} {answer.headers.get('Location')} {answer.get_data(as_text=True)}"

        found = at_once(act)
        assert list(found.values()) == [AT_ONCE], found
    assert rows(city, api_requests if path == "/requests" else table) == ROUNDS
    where = city.base.base.data_dir / ("documents" if path == "/requests" else "jobs")
    assert len(list(where.iterdir())) == ROUNDS  # the bytes of those who came second are gone


def test_one_job_is_taken_by_one_worker(city: DeskCity) -> None:
    app = application(city)
    for _ in range(ROUNDS):
        app.post("/verifications", PAPER, headers={"Prefer": "respond-async"})
    now = city.base.clock.now()

    def act() -> str:
        with city.base.db.begin() as connection:
            job = api_jobs.claim(connection, now, now + LEASE_SECONDS, MOST_ATTEMPTS)
        return job.id if job else "none"

    found = at_once(act)
    assert sum(count for job, count in found.items() if job != "none") == ROUNDS
    assert max(count for job, count in found.items() if job != "none") == 1


def test_two_workers_do_each_job_once(city: DeskCity, monkeypatch: pytest.MonkeyPatch) -> None:
    app = application(city)
    where = [
        app.post("/verifications", PAPER, headers={"Prefer": "respond-async"}).headers["Location"] for _ in range(6)
    ]
    done: list[str] = []

    def counted(*given: Any) -> Any:
        done.append("once")
        return perform(*given)

    monkeypatch.setattr(jobs, "perform", counted)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: jobs.run_queue(city.services), range(2)))
    assert len(done) == len(where)
    assert {json.loads(app.get(one).data)["state"] for one in where} == {"done"}


def test_one_offer_is_answered_once(city: DeskCity) -> None:
    app = application(city)
    browser = city.browser()
    browser.sign_in()
    cookies = {name: browser.client.get_cookie(name) for name in ("antin_desk", "antin_browser")}
    for _ in range(ROUNDS):
        offer = "/desk/offers/" + str(json.loads(app.post("/requests", PAPER, **TO_BINH).data)["id"])
        words = iter(["accept", "decline"] * AT_ONCE)

        def act(offer: str = offer, words: Iterator[str] = words) -> str:
            other = city.browser()
            for name, cookie in cookies.items():
                assert cookie is not None
                other.client.set_cookie(name, cookie.value)
            return str(other.post(f"{offer}/{next(words)}").status_code)

        found = at_once(act)
        assert found["409"] == AT_ONCE - 1, found
