"""
Many sign-ins at the same moment, some that begin a session by one statement and some that renew one in a transaction of
several: they take the same rows, buckets first and the audit head last, and so nobody waits in a circle.
"""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from base.audit import verify
from base.ids import hash_secret
from idp.flows.sign_in import SignedIn, prove_password
from idp.flows.visitor import Visitor
from idp.models import known_devices, sessions, throttle_buckets
from tests.provider import PASSWORD, Provider

pytestmark = [pytest.mark.race, pytest.mark.slow]
THREADS, EACH = 6, 12


def test_beginning_and_renewing_wait_for_nobody_and_leave_nothing_charged(pg_provider: Provider) -> None:
    services, person = pg_provider.services, pg_provider.person("lan")
    gate, failures = threading.Barrier(THREADS), []
    renewing = [number % 2 == 1 for number in range(THREADS)]

    def come(number: int) -> None:
        cookie = pg_provider.session(person) if renewing[number] else None
        gate.wait()
        for attempt in range(EACH):
            visitor = Visitor(hash_secret(f"browser {number} {attempt}"), "203.113.131.1", "", cookie)
            signed_in = prove_password(services, visitor, "lan", PASSWORD)
            assert isinstance(signed_in, SignedIn)
            cookie = signed_in.cookie if renewing[number] else None

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
    with services.base.db.read() as connection:
        charged = select(func.sum(throttle_buckets.c.failures))
        assert connection.execute(charged).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(known_devices)).scalar_one() == THREADS * EACH
        begun = sum(1 if renews else EACH for renews in renewing)
        assert connection.execute(select(func.count()).select_from(sessions)).scalar_one() == begun
    verify(services.base.db)
