"""
Somebody signs in on the way to a service: the session is begun and the code granted together, and each rule still holds
that held between the two.
"""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from base.audit import audit_events, verify
from base.ids import hash_secret
from idp.flows import grant_authorization
from idp.flows.authorize import go_on
from idp.flows.disable_user import disable_user
from idp.flows.interactions import describe, read_interaction
from idp.flows.present import Beginning
from idp.flows.sign_in import Proven, check_password, prove_password
from idp.flows.visitor import Visitor
from idp.models import authorization_codes, grants, sessions, throttle_buckets
from idp.protocol.response_modes import Answer
from idp.store import consents, users
from tests.contract.test_statements import statements
from tests.provider import BROWSER, PASSWORD, Provider, Registered

THREADS, EACH = 6, 10


class Arrival:
    """One visit to the sign-in page that a service has sent a person to."""

    def __init__(self, provider: Provider, client: Registered, browser: str) -> None:
        services = provider.services
        asked = provider.authorize(client)
        token = parse_qs(urlsplit(asked.location).query)["tx"][0]
        self.services, self.client = services, client
        self.interaction = read_interaction(services, token, hash_secret(BROWSER))
        self.request = describe(services, self.interaction).judged
        self.visitor = Visitor(hash_secret(browser), "203.113.131.1", "", None)

    def prove(self) -> Proven:
        proven = check_password(self.services, self.visitor, "lan", PASSWORD, self.client.id)
        assert isinstance(proven, Proven)
        return proven

    def go_on(self, beginning: Beginning) -> Answer:
        after, cookie = self.interaction.after("login"), beginning.signed_in.cookie
        return go_on(self.services, after, self.request, cookie, beginning.present)

    def whole(self) -> str:
        """The address that a right password leads to."""
        beginning = Beginning(self.services, self.prove())
        answer = self.go_on(beginning)
        beginning.finish()
        return dict(answer.headers)["Location"]


def count(provider: Provider, *tables: Any) -> list[int]:
    with provider.services.base.db.read() as connection:
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


def kinds(provider: Provider) -> list[str]:
    """The last two events, in their order."""
    with provider.services.base.db.read() as connection:
        last = select(audit_events.c.kind).order_by(audit_events.c.position.desc()).limit(2)
        return list(connection.execute(last).scalars())[::-1]


def code_in(address: str) -> str:
    return parse_qs(urlsplit(address).query).get("code", [""])[0]


@pytest.fixture
def client(provider: Provider) -> Registered:
    return agreed(provider)


def agreed(provider: Provider) -> Registered:
    """A service that has the consent of a person."""
    registered = provider.client()
    provider.consent(provider.person("lan"), registered.client)
    return registered


def test_it_takes_one_read_one_charge_and_one_act(provider: Provider, client: Registered) -> None:
    is_sqlite = provider.services.base.db.is_sqlite
    for number in (1, 2):  # the first one compiles
        arrival = Arrival(provider, client, f"browser {number}")
        with statements(provider) as seen:
            address = arrival.whole()
    assert provider.redeem(client, code_in(address)).status == 200
    assert kinds(provider) == ["idp.sign_in.succeeded", "idp.authorization.granted"]
    assert seen[:2] == ["SELECT", "INSERT throttle_buckets"]
    if not is_sqlite:
        assert seen[2:] == ["WITH", "WITH"]
    assert count(provider, sessions, grants) == [2, 2]


def test_a_page_in_between_leaves_the_session_begun(provider: Provider) -> None:
    provider.person("lan")
    arrival = Arrival(provider, provider.client(), "browser")
    assert arrival.whole().startswith("/consent?tx=")
    assert count(provider, sessions, grants) == [1, 0]
    assert kinds(provider)[-1] == "idp.sign_in.succeeded"


def test_a_consent_taken_back_while_the_password_was_looked_at_grants_nothing(
    provider: Provider, client: Registered
) -> None:
    for number in (1, 2):
        arrival = Arrival(provider, client, f"browser {number}")
        proven = arrival.prove()
        with provider.services.base.db.begin() as connection:
            assert consents.revoke(connection, proven.facts.user_id, client.id, provider.now)
        beginning = Beginning(provider.services, proven)
        answer = arrival.go_on(beginning)
        beginning.finish()
        assert not code_in(dict(answer.headers)["Location"])
        assert count(provider, sessions, grants, authorization_codes) == [number, 0, 0]
        provider.consent(proven.facts.user_id, client.client)


def test_an_account_disabled_while_the_password_was_looked_at_is_granted_nothing(
    provider: Provider, client: Registered
) -> None:
    for number in (1, 2):
        arrival = Arrival(provider, client, f"browser {number}")
        proven = arrival.prove()
        disable_user(provider.services, proven.facts.user_id)
        beginning = Beginning(provider.services, proven)
        answer = arrival.go_on(beginning)
        beginning.finish()
        assert not code_in(dict(answer.headers)["Location"])
        assert count(provider, grants, authorization_codes) == [0, 0]
        with provider.services.base.db.begin() as connection:
            users.set_status(connection, proven.facts.user_id, users.ACTIVE, provider.now)


def test_what_travels_together_is_written_together(pg_provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    client = agreed(pg_provider)
    assert code_in(Arrival(pg_provider, client, "the first, which has it compiled").whole())
    assert code_in(Arrival(pg_provider, client, "the second").whole())
    broken = text("SELECT 1 / (CAST(:zero AS INTEGER) - 0)")

    def failing(connection: Any, *_given: Any) -> bool:
        return bool(connection.execute(broken, {"zero": 0}).first())

    def try_once(name: str) -> Beginning:
        arrival = Arrival(pg_provider, client, name)
        beginning = Beginning(pg_provider.services, arrival.prove())
        with pytest.raises(DBAPIError):
            arrival.go_on(beginning)
        return beginning

    with pg_provider.services.base.db.read() as connection, pytest.raises(DBAPIError):
        connection.execute(broken, {"zero": 0})
    with monkeypatch.context() as patched:
        patched.setattr(grant_authorization, "grant", failing)
        beginning = try_once("the third")
    assert count(pg_provider, sessions, grants) == [2, 2]
    beginning.finish()
    beginning.finish()
    assert count(pg_provider, sessions, grants) == [3, 2]
    assert code_in(Arrival(pg_provider, client, "the fourth").whole())
    verify(pg_provider.services.base.db)


@pytest.mark.race
@pytest.mark.slow
def test_many_at_once_wait_for_nobody(pg_provider: Provider) -> None:
    client, services = agreed(pg_provider), pg_provider.services
    gate, failures, codes = threading.Barrier(THREADS), [], []

    def come(number: int) -> None:
        gate.wait()
        for attempt in range(EACH):
            browser = f"browser {number} {attempt}"
            if number % 3:
                codes.append(code_in(Arrival(pg_provider, client, browser).whole()))
            else:
                prove_password(services, Visitor(hash_secret(browser), "203.113.131.1", "", None), "lan", PASSWORD)

    def run(number: int) -> None:
        try:
            come(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert all(codes)
    assert len(set(codes)) == len(codes) == THREADS * EACH * 2 // 3
    assert count(pg_provider, sessions, grants) == [THREADS * EACH, len(codes)]
    with services.base.db.read() as connection:
        assert connection.execute(select(func.sum(throttle_buckets.c.failures))).scalar_one() == 0
    verify(services.base.db)
