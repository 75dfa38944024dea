"""One consent given once, and sessions that end while they are being used, on PostgreSQL."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from base.ids import hash_secret
from idp.flows.consent import addressee
from idp.flows.end_session import end_all
from idp.flows.interactions import read_interaction, resumed
from idp.models import grants
from idp.store.sessions import live_session
from tests.contract.races import race
from tests.provider import BROWSER, Provider

pytestmark = [pytest.mark.race, pytest.mark.slow]
ROUNDS = 200


def test_a_consent_yields_one_code(pg_provider: Provider) -> None:
    client, person = pg_provider.client(), pg_provider.person()
    cookie = pg_provider.session(person)
    pg_provider.consent(person, client.client)
    services, onward = pg_provider.services, []
    with services.base.db.read() as connection:
        session = live_session(connection, services.base.clock, services.settings, cookie)
    assert session is not None
    for _ in range(ROUNDS):
        asked = pg_provider.authorize(client, cookie, prompt="consent")
        token = parse_qs(urlsplit(asked.location).query)["tx"][0]
        interaction = read_interaction(pg_provider.services, token, hash_secret(BROWSER))
        onward.append(resumed(services, interaction.approved(addressee(services, session, interaction))))

    def follow(path: str) -> int:
        reply = pg_provider.resume(path, cookie)
        return 200 if "code" in reply.params else 400 if reply.status == 303 else reply.status

    outcome = race(onward, follow)
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)


def test_no_grant_outlives_a_session_that_ends_meanwhile(pg_provider: Provider) -> None:
    client, person = pg_provider.client(trusted=True), pg_provider.person()
    for _ in range(ROUNDS // 4):
        cookie = pg_provider.session(person)
        gate = threading.Barrier(5)

        def use(cookie: str = cookie, gate: threading.Barrier = gate) -> None:
            gate.wait()
            for _ in range(3):
                pg_provider.authorize(client, cookie)

        threads = [threading.Thread(target=use) for _ in range(4)]
        for thread in threads:
            thread.start()
        gate.wait()
        end_all(pg_provider.services, person, "person")
        for thread in threads:
            thread.join()
    with pg_provider.services.base.db.read() as connection:
        living = select(func.count()).select_from(grants).where(grants.c.revoked_at.is_(None))
        assert connection.execute(living).scalar() == 0
        assert connection.execute(select(func.count()).select_from(grants)).scalar_one() > 0
