"""Telling services over their back channel: at once, side by side, for every way a session ends, and visibly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator

import click
import pytest
from click.testing import CliRunner

from base.metrics import OUTBOX
from base.outbox import LEASE_SECONDS, MAX_ATTEMPTS, ROW
from idp import cli
from idp.flows.background import announce_expired
from idp.flows.disable_user import disable_user
from idp.flows.end_session import end_expired
from idp.flows.logout_delivery import LONGEST_WAIT_SECONDS
from tests.functional.back_channel import HELD_SECONDS, PATIENCE_SECONDS, Receiver, back_channel, deliver, states
from tests.functional.idp_site import AFTER_LOGOUT, Browser, Site, answer_of, open_site
from tests.functional.plan_logout import party

ALLOWED_SECONDS = 2.0
"""What a slow service may cost the person (OA-40)."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with back_channel() as opened:
        yield opened


def signed_in(site: Site, receiver: Receiver, *, clients: int = 1) -> Browser:
    """A person who has used that many services, all with this back channel."""
    site.add_user("hong")
    browser = site.browser()
    for number in range(clients):
        site.add_client(f"c{number}", backchannel_logout_uri=f"{receiver.url}/{number}", trusted=True)
        if number == 0:
            browser.sign_in("hong", start=site.authorize_url("c0"))
        else:
            browser.get(site.authorize_url(f"c{number}"))
        assert browser.page is not None
        assert "code" in answer_of(browser.page)
    return browser


def sign_out(browser: Browser) -> float:
    """Returns how many seconds it took."""
    browser.get("/account")
    start = time.monotonic()
    browser.submit("/account/sign-out")
    return time.monotonic() - start


def command(site: Site, *words: str) -> list[dict[str, object]]:
    """Run `antin …` in this process. Returns the lines of JSON it printed."""

    @click.group()
    def antin() -> None:
        """The command."""

    cli.register(antin, lambda: site.services)
    result = CliRunner().invoke(antin, words, catch_exceptions=False)
    return [json.loads(line) for line in result.output.splitlines() if line.startswith("{")]


# ── At once, and side by side ────────────────────────────────────────────────────────────────────────────────────


def test_services_are_told_before_the_page_comes(site: Site, receiver: Receiver) -> None:
    browser = signed_in(site, receiver, clients=3)
    sign_out(browser)
    assert states(site) == ["delivered"] * 3
    assert {receiver.claims(site, nth)["aud"] for nth in range(3)} == {"c0", "c1", "c2"}
    assert browser.text.count("Dịch vụ đã được báo và đã đăng xuất") == 3


def test_slow_services_are_told_side_by_side_and_the_person_goes_on(site: Site, receiver: Receiver) -> None:
    browser = signed_in(site, receiver, clients=5)
    silence = receiver.hold(site)
    assert sign_out(browser) < PATIENCE_SECONDS < HELD_SECONDS
    receiver.await_tokens(5)  # all have got it, none has answered
    assert browser.text.count("Đang báo đăng xuất") == 5
    assert len(receiver.forms) == 5
    silence.set()
    until = time.monotonic() + PATIENCE_SECONDS
    while "due" in states(site) and time.monotonic() < until:
        time.sleep(0.05)
    assert states(site) == ["delivered"] * 5  # it went on without the person
    deliver(site)
    assert len(receiver.forms) == 5


def test_no_setting_makes_the_person_wait_two_seconds(site: Site, receiver: Receiver) -> None:
    object.__setattr__(site.services.settings, "logout_wait_seconds", HELD_SECONDS)
    browser = signed_in(site, receiver)
    receiver.hold(site)
    assert sign_out(browser) < PATIENCE_SECONDS < HELD_SECONDS
    assert LONGEST_WAIT_SECONDS < ALLOWED_SECONDS


@pytest.mark.parametrize("way", ["hint", "confirm"])
def test_a_slow_service_does_not_delay_a_logout_that_a_service_asked_for(
    site: Site, receiver: Receiver, way: str
) -> None:
    rp = party(site, backchannel_logout_uri=receiver.url)
    receiver.hold(site)
    start = time.monotonic()
    if way == "hint":
        back = rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT)
    else:
        rp.leave(client_id="portal", post_logout_redirect_uri=AFTER_LOGOUT)
        back = rp.confirm()
    assert time.monotonic() - start < PATIENCE_SECONDS < HELD_SECONDS
    assert back.headers["Location"] == AFTER_LOGOUT


def test_a_process_that_dies_on_the_way_leaves_the_notice_to_the_worker(site: Site, receiver: Receiver) -> None:
    browser = signed_in(site, receiver)
    before, silence = set(threading.enumerate()), receiver.hold(site)
    sign_out(browser)
    receiver.await_tokens(1)
    reborn = open_site(site.services.base, site.clock)
    assert deliver(reborn) == "due"  # leased by the process that has it
    assert len(receiver.forms) == 1
    receiver.held = None
    site.clock.move(LEASE_SECONDS)
    assert deliver(reborn) == "delivered"
    assert len(receiver.forms) == 2
    silence.set()
    for thread in set(threading.enumerate()) - before:
        if thread.name == ROW:
            thread.join(PATIENCE_SECONDS)  # what comes late from the first attempt changes nothing
            assert not thread.is_alive()
    assert states(site) == ["delivered"]


def test_given_up_after_many_attempts_and_said_so(site: Site, receiver: Receiver) -> None:
    before = OUTBOX.labels("backchannel_logout", "given_up")._value.get()
    browser = signed_in(site, receiver)
    receiver.status = 500
    sign_out(browser)
    waits = []
    for _ in range(MAX_ATTEMPTS * 2):
        if states(site) != ["due"]:
            break
        notice = command(site, "client", "logouts")[0]
        waits.append(int(str(notice["next_at"])) - site.clock.now())
        site.clock.move(max(waits[-1], 0))
        deliver(site)
    assert states(site) == ["failed"]
    assert waits == sorted(waits)
    assert waits[0] < waits[3] < waits[8]
    assert len(receiver.forms) == MAX_ATTEMPTS
    assert OUTBOX.labels("backchannel_logout", "given_up")._value.get() == before + 1
    assert browser.page is not None
    browser.get(f"{browser.page.request.path}?{browser.page.request.query_string.decode()}")
    assert "Không báo được" in browser.text


# ── Every way a session ends ─────────────────────────────────────────────────────────────────────────────────────


def by_another_device(site: Site, _user_id: str) -> None:
    other = site.browser("198.51.100.7")
    other.sign_in("hong")
    other.get("/account")
    other.submit("/account/sessions/end")


def by_all(site: Site, _user_id: str) -> None:
    other = site.browser("198.51.100.7")
    other.sign_in("hong")
    other.get("/account")
    other.submit("/account/sessions/end-all")


def by_disabling(site: Site, user_id: str) -> None:
    disable_user(site.services, user_id)


def by_disable_command(site: Site, _user_id: str) -> None:
    assert command(site, "user", "disable", "hong") == [{"username": "hong", "sessions_ended": 1}]


def by_administrator(site: Site, _user_id: str) -> None:
    listed = command(site, "session", "list", "--user", "hong")
    assert command(site, "session", "end", str(listed[0]["id"])) == [{"ended": 1}]
    assert command(site, "session", "end", str(listed[0]["id"])) == [{"ended": 0}]


def by_administrator_of_person(site: Site, _user_id: str) -> None:
    assert command(site, "session", "end", "--user", "Hong") == [{"ended": 1}]


def by_time(site: Site, _user_id: str) -> None:
    site.clock.move(site.services.settings.session_total_seconds)
    assert announce_expired(site.services) == 1


@pytest.mark.parametrize(
    "end",
    [
        by_another_device, by_all, by_disabling, by_disable_command, by_administrator, by_administrator_of_person,
        by_time,
    ],
    ids=lambda way: way.__name__,
)  # fmt: skip
def test_however_a_session_ends_its_services_are_told(
    site: Site, receiver: Receiver, end: Callable[[Site, str], None]
) -> None:
    browser = signed_in(site, receiver)
    with site.services.base.db.read() as connection:
        user_id = connection.exec_driver_sql("SELECT id FROM users").scalar_one()
    end(site, str(user_id))
    if states(site) == ["due"]:
        deliver(site)
    assert states(site) == ["delivered"]
    assert receiver.claims(site)["sid"]
    assert browser.get("/account").request.path == "/login"


def test_another_person_in_the_same_browser_ends_the_first_ones_session_everywhere(
    site: Site, receiver: Receiver
) -> None:
    browser = signed_in(site, receiver)
    site.add_user("minh")
    browser.sign_in("minh", start=site.authorize_url("c0", prompt="login"))
    assert deliver(site) == "delivered"
    assert len(receiver.forms) == 1


def test_expired_sessions_are_announced_in_batches_and_once(site: Site, receiver: Receiver) -> None:
    signed_in(site, receiver)
    for _ in range(120):
        site.browser().sign_in("hong")
    site.clock.move(site.services.settings.session_total_seconds)
    assert end_expired(site.services) == 50  # one transaction, short enough that nobody waits for it
    assert announce_expired(site.services) == 71
    assert announce_expired(site.services) == 0
    assert len(site.events("idp.session.ended")) == 121
    assert '"reason":"expired"' in site.events("idp.session.ended")[0]
    assert states(site) == ["due"]


def test_a_session_that_only_rested_goes_on_at_the_services_unless_set_otherwise(
    site: Site, receiver: Receiver
) -> None:
    signed_in(site, receiver)
    site.clock.move(site.services.settings.session_idle_seconds + 1)
    assert announce_expired(site.services) == 0
    object.__setattr__(site.services.settings, "end_idle_sessions", True)
    assert announce_expired(site.services) == 1


# ── Visible ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_administrators_see_every_notice(site: Site, receiver: Receiver) -> None:
    browser = signed_in(site, receiver, clients=2)
    receiver.status = 503
    sign_out(browser)
    notices = command(site, "client", "logouts")
    assert {notice["client_id"] for notice in notices} == {"c0", "c1"}
    assert {notice["last_error"] for notice in notices} == {"answered_503"}
    assert {notice["attempts"] for notice in notices} == {1}
    receiver.status = 200
    site.clock.move(10)
    deliver(site)
    assert command(site, "client", "logouts", "--state", "due") == []
    delivered = command(site, "client", "logouts", "--state", "delivered", "--client", "c1")
    assert [notice["client_id"] for notice in delivered] == ["c1"]
    assert delivered[0]["finished_at"]
    assert delivered[0]["next_at"] is None
    assert len(command(site, "client", "logouts", "--most", "1")) == 1


def test_the_account_page_shows_what_became_of_each(site: Site, receiver: Receiver) -> None:
    browser = signed_in(site, receiver)
    receiver.status = 503
    sign_out(browser)
    browser.sign_in("hong")
    browser.get("/account")
    assert "Đang báo đăng xuất" in browser.text
    receiver.status = 200
    site.clock.move(10)
    deliver(site)
    browser.get("/account")
    assert "Dịch vụ đã được báo và đã đăng xuất" in browser.text


def test_one_delivery_is_counted_once(site: Site, receiver: Receiver) -> None:
    before = OUTBOX.labels("backchannel_logout", "delivered")._value.get()
    sign_out(signed_in(site, receiver))
    assert OUTBOX.labels("backchannel_logout", "delivered")._value.get() == before + 1


def test_commands_say_when_there_is_nobody(site: Site) -> None:
    assert command(site, "user", "disable", "nobody") == []
    assert command(site, "session", "end", "--user", "không có ai") == []
    assert command(site, "session", "end", "ses_x") == [{"ended": 0}]
    assert command(site, "session", "end") == []
