"""What was abandoned leaves nothing; what is still of use stays."""

from __future__ import annotations

from sqlalchemy import Table, func, select

from idp.flows.background import jobs, reap
from idp.models import (
    authorization_codes,
    grants,
    known_devices,
    refresh_tokens,
    revoked_tokens,
    session_clients,
    sessions,
    throttle_buckets,
)
from idp.store import reaper
from tests.functional.idp_site import Site, answer_of

DAY = 86_400
CLEARED = (
    authorization_codes,
    grants,
    known_devices,
    refresh_tokens,
    revoked_tokens,
    session_clients,
    sessions,
    throttle_buckets,
)


def count(site: Site, table: Table) -> int:
    with site.services.base.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def used(site: Site) -> None:
    """A sign-in at a service, with a wrong attempt before it."""
    site.add_user("hong")
    site.add_client()
    browser = site.browser()
    browser.sign_in("hong", "sai", start=site.authorize_url())
    browser.sign_in("hong", start=site.authorize_url())
    assert "code" in answer_of(browser.submit("/consent", decision="allow"))


def test_what_is_of_use_stays(site: Site) -> None:
    used(site)
    before = [count(site, table) for table in CLEARED]
    assert reap(site.services) == 0
    assert [count(site, table) for table in CLEARED] == before


def test_codes_go_first_then_grants_then_sessions_then_devices(site: Site) -> None:
    used(site)
    site.clock.move(DAY + 120)
    reap(site.services)
    assert count(site, authorization_codes) == 0
    assert count(site, throttle_buckets) == 0
    assert count(site, grants) == 1  # its tombstone time counts from its own end, twelve hours later
    site.clock.move(DAY)
    reap(site.services)
    assert count(site, grants) == 0
    assert count(site, sessions) == 1  # the account page still shows it
    site.clock.move(30 * DAY)
    reap(site.services)
    assert count(site, sessions) == count(site, session_clients) == 0
    assert count(site, known_devices) == 1
    site.clock.move(180 * DAY)
    for job in jobs(site.services):
        job.run()
    assert [count(site, table) for table in CLEARED] == [0] * len(CLEARED)


def test_a_batch_is_bounded_and_the_round_goes_on(site: Site) -> None:
    for number in range(7):
        site.browser(address=f"198.51.100.{number}").sign_in("nobody", "x")
    site.clock.move(DAY)
    total = count(site, throttle_buckets)
    assert total > 7
    with site.services.base.db.begin() as connection:
        gone = reaper.reap_throttle(connection, site.services.settings, site.clock.now())
    assert gone == total <= reaper.BATCH


def test_abandoned_sign_ins_leave_nothing(site: Site) -> None:
    site.add_client()
    site.add_user("hong", totp=True)
    site.browser().sign_in("hong")  # the first request of all may write for good (audit, consent texts); not this one
    before = {table.name: count(site, table) for table in CLEARED if table is not throttle_buckets}
    for _ in range(20):
        browser = site.browser()
        browser.get(site.authorize_url())
        browser.sign_in("hong", start=site.authorize_url())  # and goes away before the code
    assert {table.name: count(site, table) for table in CLEARED if table is not throttle_buckets} == before
