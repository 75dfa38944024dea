"""A person changes her own password and sets her one-time codes up; an administrator helps who lost either."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import click
import pytest
from click.testing import CliRunner

from idp.accounts.fresh_proof import FRESH_SECONDS
from idp.accounts.passwords import Passwords
from idp.accounts.totp import STEP_SECONDS, code_at
from idp.cli import register
from idp.flows.change_password import change_password
from idp.flows.change_second_factor import OFFER_SECONDS, accept_totp, offer_totp
from idp.flows.renew_session import AccountChanged
from idp.store import sessions
from idp.store.sessions import SESSION_COOKIE, SessionFacts
from keys.api import Keys
from tests.functional.idp_site import PASSWORD, Browser, Site, answer_of

NEW = "bầu ơi thương lấy bí cùng một giàn"
ACCOUNT, OWN_PASSWORD, OWN_FACTOR = "/account", "/account/password", "/account/second-factor"


@pytest.fixture
def hong(site: Site) -> Browser:
    """Signed in, with a password alone."""
    site.add_user("hong")
    browser = site.browser()
    browser.sign_in("hong")
    return browser


def shown_secret(browser: Browser) -> str:
    groups = re.search(r'<code class="digest">(.*?)</code>', browser.text)
    assert groups is not None
    return re.sub(r"<[^>]*>", "", groups.group(1))


def set_up(browser: Browser) -> str:
    """The road of the page. Returns the secret."""
    browser.get(OWN_FACTOR)
    secret = shown_secret(browser)
    browser.submit(OWN_FACTOR, code=code_at(secret, browser.site.clock.now()))
    return secret


def session_of(browser: Browser) -> SessionFacts:
    services, cookie = browser.site.services, browser.cookie(SESSION_COOKIE)
    assert cookie is not None
    with services.base.db.read() as connection:
        found = sessions.live_session(connection, services.base.clock, services.settings, cookie)
    assert found is not None
    return found


def test_another_password_and_everywhere_else_is_signed_out(site: Site, hong: Browser) -> None:
    elsewhere = site.browser()
    elsewhere.sign_in("hong")
    before = hong.cookie(SESSION_COOKIE)
    hong.get(OWN_PASSWORD)
    hong.submit(OWN_PASSWORD, password=NEW, repeated=NEW)
    assert hong.path == ACCOUNT
    assert "Đã đổi mật khẩu" in hong.text
    assert hong.cookie(SESSION_COOKIE) != before
    elsewhere.get(ACCOUNT)
    assert elsewhere.path == "/login"
    again = site.browser()
    again.sign_in("hong", PASSWORD)
    assert "không đúng" in again.text
    again.sign_in("hong", NEW)
    assert again.path == ACCOUNT
    assert len(site.events("idp.password.changed")) == 1
    assert '"reason":"factor_changed"' in site.events("idp.session.ended")[0].replace(" ", "")


@pytest.mark.parametrize(
    ("typed", "repeated", "said"),
    [
        (NEW, NEW + "!", "Hai lần nhập không giống nhau"),
        ("ngắn quá", "ngắn quá", "ít nhất 15 ký tự"),
        (PASSWORD, PASSWORD, "trùng với mật khẩu đang dùng"),
        ("", "", "ít nhất 15 ký tự"),
    ],
)
def test_what_is_no_better_password(hong: Browser, typed: str, repeated: str, said: str) -> None:
    hong.get(OWN_PASSWORD)
    hong.submit(OWN_PASSWORD, password=typed, repeated=repeated)
    assert said in hong.text
    assert hong.page is not None
    assert hong.page.status_code == 400
    assert typed == "" or typed not in hong.text
    hong.get(ACCOUNT)
    assert hong.path == ACCOUNT


@pytest.mark.parametrize("path", [OWN_PASSWORD, OWN_FACTOR])
def test_a_proof_that_is_old_is_asked_for_again(site: Site, hong: Browser, path: str) -> None:
    site.clock.move(FRESH_SECONDS + 1)
    hong.get(path)
    assert hong.path == "/login"
    hong.submit("/login", username="hong", password=PASSWORD)
    assert hong.path == path
    page = hong.hidden(path)
    site.clock.move(FRESH_SECONDS + 1)
    hong.post(path, {**page, "password": NEW, "repeated": NEW, "code": "000000"})
    assert hong.path == "/login"
    assert site.events("idp.password.changed") == []
    assert site.events("idp.factor.added") == []


def test_nobody_is_signed_in(site: Site) -> None:
    browser = site.browser()
    for path in (OWN_PASSWORD, OWN_FACTOR):
        browser.get(path)
        assert browser.path == "/login"


def test_codes_are_set_up_and_asked_for_from_then_on(site: Site, hong: Browser) -> None:
    elsewhere = site.browser()
    elsewhere.sign_in("hong")
    secret = set_up(hong)
    assert hong.path == ACCOUNT
    assert "Đã thiết lập mã xác thực" in hong.text
    assert set(session_of(hong).factors) == {"pwd", "otp"}
    elsewhere.get(ACCOUNT)
    assert elsewhere.path == "/login"
    elsewhere.submit("/login", username="hong", password=PASSWORD)
    assert elsewhere.path == "/login/code"
    elsewhere.enter_code(secret)
    assert "đã được dùng" in elsewhere.text  # the first code was spent by setting up
    site.clock.move(STEP_SECONDS)
    elsewhere.enter_code(secret)
    assert elsewhere.path == ACCOUNT
    assert len(site.events("idp.factor.added")) == 1


def test_a_wrong_first_code_keeps_the_secret_that_was_scanned(site: Site, hong: Browser) -> None:
    hong.get(OWN_FACTOR)
    secret = shown_secret(hong)
    hong.submit(OWN_FACTOR, code=code_at(secret, site.clock.now() - 900))
    assert "Mã không khớp" in hong.text
    assert shown_secret(hong) == secret
    hong.submit(OWN_FACTOR, code=code_at(secret, site.clock.now()))
    assert hong.path == ACCOUNT


def test_moving_to_another_telephone_needs_a_code_of_the_old_one(site: Site, hong: Browser) -> None:
    old = set_up(hong)
    site.clock.move(FRESH_SECONDS + 1)
    hong.get(OWN_FACTOR)
    hong.submit("/login", username="hong", password=PASSWORD)
    assert hong.path == "/login/code"
    hong.enter_code(old)
    assert hong.path == OWN_FACTOR
    new = set_up(hong)
    assert new != old
    site.clock.move(STEP_SECONDS)
    browser = site.browser()
    browser.sign_in("hong")
    browser.enter_code(old)
    assert browser.path == "/login/code"
    browser.enter_code(new)
    assert browser.path == ACCOUNT
    assert len(site.events("idp.factor.replaced")) == 1


def test_an_offer_is_for_one_session_and_a_short_time(site: Site, hong: Browser) -> None:
    offer = offer_totp(site.services, session_of(hong))
    thief = site.browser()
    site.add_user("minh")
    thief.sign_in("minh")
    code = code_at(offer.secret, site.clock.now())
    for session in (session_of(thief), session_of(hong)):
        if session.username == "hong":
            site.clock.move(OFFER_SECONDS + 1)
            code = code_at(offer.secret, site.clock.now())
        with pytest.raises(AccountChanged):
            accept_totp(site.services, session, offer.sealed, code)
    assert site.events("idp.factor.added") == []


def test_the_same_form_twice_counts_once(site: Site, hong: Browser) -> None:
    session = session_of(hong)
    offer = offer_totp(site.services, session)
    accept_totp(site.services, session, offer.sealed, code_at(offer.secret, site.clock.now()))
    site.clock.move(STEP_SECONDS)
    with pytest.raises(AccountChanged):
        accept_totp(site.services, session, offer.sealed, code_at(offer.secret, site.clock.now()))
    assert site.events("idp.factor.replaced") == []


@pytest.mark.parametrize("what", ["password", "factor", "other factor"])
def test_of_several_changes_at_once_one_counts(
    site: Site, hong: Browser, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """All of them have looked before the first one writes."""
    if what == "other factor":
        set_up(hong)
    session, gate = session_of(hong), Barrier(4)
    offers = [offer_totp(site.services, session) for _ in range(4)]
    door, name = (Passwords, "hash") if what == "password" else (Keys, "seal")
    inner = getattr(door, name)

    def all_together(*given: object) -> object:
        gate.wait(30)
        return inner(*given)

    monkeypatch.setattr(door, name, all_together)

    def change(number: int) -> bool:
        try:
            if what == "password":
                change_password(site.services, session, f"{NEW} {number}")
            else:
                offer = offers[number]
                accept_totp(site.services, session, offer.sealed, code_at(offer.secret, site.clock.now()))
        except AccountChanged:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(change, range(4))) == 1
    kind = {"password": "password.changed", "factor": "factor.added", "other factor": "factor.replaced"}[what]
    assert len(site.events(f"idp.{kind}")) == 1


def test_a_service_hears_that_the_other_session_ended(site: Site, hong: Browser) -> None:
    site.add_client()
    elsewhere = site.browser()
    elsewhere.sign_in("hong", start=site.authorize_url())
    assert "code" in answer_of(elsewhere.submit("/consent", decision="allow"))
    hong.get(OWN_PASSWORD)
    hong.submit(OWN_PASSWORD, password=NEW, repeated=NEW)
    assert '"told":1' in site.events("idp.session.ended")[0].replace(" ", "")


def test_an_administrator_helps(site: Site, hong: Browser) -> None:
    @click.group()
    def antin() -> None: ...

    register(antin, lambda: site.services)
    done = CliRunner().invoke(antin, ["user", "password", "hong", "--password-stdin"], input=f"{NEW}\n")
    assert json.loads(done.output) == {"username": "hong", "sessions_ended": 1}
    done = CliRunner().invoke(antin, ["user", "second-factor", "hong"])
    told = json.loads(done.output)
    assert told["uri"].startswith("otpauth://totp/")
    assert told["sessions_ended"] == 0
    hong.sign_in("hong", NEW)
    hong.enter_code(told["totp_secret"])
    assert hong.path == ACCOUNT
    refused = CliRunner().invoke(antin, ["user", "password", "hong", "--password-stdin"], input="ngắn\n")
    assert refused.exit_code == 1
    assert "at least 8 characters" in refused.output
