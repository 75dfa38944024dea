"""
One approval, one signature, however many requests arrive at once. On PostgreSQL, where writers truly run side by side.

Seen elsewhere: services that looked whether a signature activation was used, signed, and marked it used afterwards; two
requests at once got two signatures.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import sleep

import pytest
from sqlalchemy import func, select

from base.audit import verify
from base.clock import FixedClock
from base.db import metadata
from base.errors import AntinError
from base.services import BaseServices, open_base
from base.settings import BaseSettings, Settings
from keys.api import KeyHandle
from signing.flows.self_check import judge_document
from signing.flows.sign import SigningOrder, sign_document
from signing.models import documents, signature_evidence
from signing.validation.indications import Indication
from tests.desk_city import BINH, DeskCity, asked_for, desk_city
from tests.desk_papers import Layout, decision
from tests.ledger import kinds

pytestmark = [pytest.mark.race, pytest.mark.slow]
AT_ONCE = 8
ROUNDS = 12


@pytest.fixture
def city(pg_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[DeskCity]:
    opened: list[BaseServices] = []

    def make(*groups: object) -> BaseServices:
        base = BaseSettings(database_url=pg_url, data_dir=tmp_path / "var", threads=AT_ONCE)
        services = open_base(Settings({type(group): group for group in (base, *groups)}), clock=clock)
        metadata.create_all(services.db.engine)
        opened.append(services)
        return services

    with desk_city(make, signing_concurrency=AT_ONCE, signing_wait_seconds=60) as built:
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


def made(city: DeskCity) -> int:
    with city.base.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(signature_evidence)).scalar_one())


def test_this_harness_catches_a_naive_build(city: DeskCity) -> None:
    """Look, sign, then mark as used: the way it is done wrong gives more than one signature here."""
    used: set[str] = set()

    def naive(token: str) -> str:
        if token in used:
            return "activation_spent"
        with city.base.db.read() as connection:  # the time a signature takes
            connection.execute(select(func.pg_sleep(0.02)))
        used.add(token)
        return "signed"

    assert at_once(lambda: naive("token"))["signed"] > 1


def test_the_same_token_signs_once(city: DeskCity) -> None:
    """Eight commands with one token and one document: the unique spend in keys decides."""
    browser = city.browser()
    browser.sign_in()
    for number in range(ROUNDS):
        content = decision(Layout(pages=number % 3 + 1))
        asked = asked_for(browser.ask(browser.uploaded(content)))
        token = city.provider.access_token(BINH, asked)
        (credential,) = city.keys.credentials_of(BINH.sub)
        order = SigningOrder(
            content, hashlib.sha256(content).hexdigest(), KeyHandle(credential.handle), token, BINH.name
        )

        def act(order: SigningOrder = order) -> str:
            try:
                signed = sign_document(city.services, order)
            except AntinError as error:
                return error.code
            passed = judge_document(city.services, signed.content).indication is Indication.TOTAL_PASSED
            return "signed" if passed else "broken"

        assert at_once(act) == {"signed": 1, "activation_spent": AT_ONCE - 1}


def test_the_same_request_signs_once_and_everybody_is_told_the_same(city: DeskCity) -> None:
    """Eight loads of the page after the approval, through the whole web edge."""
    browser = city.browser()
    browser.sign_in()
    cookies = {name: browser.client.get_cookie(name) for name in ("antin_desk", "antin_browser")}
    for _ in range(ROUNDS):
        document = browser.uploaded(decision())
        waiting = browser.approve(browser.ask(document)).headers["Location"]

        def act(waiting: str = waiting) -> str:
            client = city.app.test_client()
            for name, cookie in cookies.items():
                assert cookie is not None
                client.set_cookie(name, cookie.value)
            answer = client.get(waiting)
            return str(answer.headers.get("Location", answer.status_code))

        outcomes = at_once(act)
        assert set(outcomes) <= {document, "200"}  # the others may still see it under way
        assert outcomes[document] >= 1
        assert browser.follow(waiting).headers["Location"] == document
    assert made(city) == ROUNDS
    with city.base.db.read() as connection:
        assert set(connection.execute(select(documents.c.state)).scalars()) == {"signed"}
    done = Counter(kinds(city.base.db))
    assert done["signing.signature.made"] == ROUNDS
    assert done["signing.signature.turned_down"] == 0
    verify(city.base.db)


def test_the_same_answer_of_the_provider_counts_once(city: DeskCity) -> None:
    """Eight arrivals at the callback with one code: one exchange, one approval, one signature."""
    browser = city.browser()
    browser.sign_in()
    cookies = {name: browser.client.get_cookie(name) for name in ("antin_desk", "antin_browser")}
    for _ in range(ROUNDS):
        document = browser.uploaded(decision())
        url = city.provider.approve(browser.ask(document), BINH)
        path = url.removeprefix(city.provider.issuer)

        def act(path: str = path) -> str:
            client = city.app.test_client()
            for name, cookie in cookies.items():
                assert cookie is not None
                client.set_cookie(name, cookie.value)
            answer = client.get(path)
            while "Refresh" in answer.headers:  # no place free at once: the browser brings the same answer again
                sleep(0.02)
                answer = client.get(path)
            return str(answer.headers.get("Location", answer.status_code))

        (waiting,) = at_once(act)
        assert browser.follow(waiting).headers["Location"] == document
    assert made(city) == ROUNDS
