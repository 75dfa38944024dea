"""Signing in through the pages: sessions, factors, throttling, and tabs that are old, foreign or many."""

from __future__ import annotations

import pytest

from idp.flows.disable_user import disable_user
from idp.store.users import DISABLED, set_status
from tests.functional.idp_site import PASSWORD, Site, answer_of

WRONG = "Tên đăng nhập hoặc mật khẩu không đúng"


def signed_in(browser: object) -> bool:
    """Whether the account page opens."""
    return bool(browser.get("/account").request.path == "/account")  # type: ignore[attr-defined]  # a Browser


def test_password_opens_the_account_page(site: Site) -> None:
    site.add_user("hong")
    browser = site.browser()
    browser.sign_in("  HONG ")
    assert browser.path == "/account"
    assert "Nguyễn Thị Hồng" in browser.text
    assert '"occasion":"sign_in"' in site.events("idp.sign_in.succeeded")[0]


def test_wrong_name_and_wrong_password_read_alike(site: Site) -> None:
    site.add_user("hong")
    pages = []
    for name, password in (("hong", "sai mật khẩu"), ("nobody", PASSWORD), ("n\x00o b\u00d0dy", "x"), ("", "")):
        browser = site.browser()
        response = browser.sign_in(name, password)
        assert response.status_code == 401
        assert WRONG in browser.text
        pages.append(browser.text.split("<h1>")[1].split("<form")[0])
    assert len(set(pages)) == 1
    assert [data for data in site.events("idp.sign_in.failed") if "hong" in data] == []


def test_a_planted_session_id_is_never_taken_over(site: Site) -> None:
    site.add_user("hong")
    for planted in ("x", "A" * 43, "ses_AAAAAAAAAAAAAAAAAAAAAA"):
        browser = site.browser()
        browser.client.set_cookie("antin_session", planted)
        browser.sign_in("hong")
        assert browser.cookie("antin_session") not in (None, planted)
        assert len(browser.cookie("antin_session") or "") == 43


def test_the_secret_is_new_at_login_and_at_every_proof_and_the_old_one_dies(site: Site) -> None:
    _, secret = site.add_user("an", totp=True)
    browser = site.browser()
    browser.sign_in("an")
    assert browser.cookie("antin_session") is None  # the password alone gives no session
    browser.enter_code(secret)
    first = browser.cookie("antin_session")
    site.clock.move(60)
    browser.get("/login/code")
    browser.enter_code(secret)
    second = browser.cookie("antin_session")
    site.clock.move(60)
    browser.get("/login/code")
    browser.sign_in("an", start=site_login(site))
    browser.enter_code(secret)
    third = browser.cookie("antin_session")
    assert len({first, second, third}) == 3
    thief = site.browser()
    for old in (first, second):
        thief.client.set_cookie("antin_session", old)
        assert not signed_in(thief)
    assert signed_in(browser)


def site_login(site: Site) -> str:
    """A request that asks for the password again."""
    if site.services.clients.get("portal") is None:
        site.add_client()
    return site.authorize_url(prompt="login")


@pytest.mark.parametrize(("steps", "alive"), [((1800,), True), ((1801,), False), ((1700, 1700), True)])
def test_idle_limit(site: Site, steps: tuple[int, ...], alive: bool) -> None:
    site.add_user("hong")
    browser = site.browser()
    browser.sign_in("hong")
    for step in steps:
        site.clock.move(step)
        assert signed_in(browser) is (alive or step != steps[-1])


@pytest.mark.parametrize(("last", "alive"), [(-1, True), (0, False), (1, False)])
def test_total_limit(site: Site, last: int, alive: bool) -> None:
    site.add_user("hong")
    browser = site.browser()
    browser.sign_in("hong")
    for _ in range(47):
        site.clock.move(900)
        assert signed_in(browser)
    site.clock.move(900 + last)
    assert signed_in(browser) is alive


def test_disabling_an_account_ends_its_session_at_once(site: Site) -> None:
    user_id, _ = site.add_user("hong")
    browser = site.browser()
    browser.sign_in("hong")
    assert disable_user(site.services, user_id) == 1
    assert not signed_in(browser)
    browser.sign_in("hong")
    assert "ngừng hoạt động" in browser.text
    browser.sign_in("hong", "wrong password")
    assert WRONG in browser.text  # only who knows the password learns that it is disabled


def test_a_session_dies_with_the_status_of_its_person(site: Site) -> None:
    user_id, _ = site.add_user("hong")
    browser = site.browser()
    browser.sign_in("hong")
    with site.services.base.db.begin() as connection:
        set_status(connection, user_id, DISABLED, site.clock.now())  # by whatever way, without ending the session
    assert not signed_in(browser)


def test_a_code_works_once_and_a_wrong_one_not_at_all(site: Site) -> None:
    _, secret = site.add_user("an", totp=True)
    first, second = site.browser(), site.browser()
    first.sign_in("an")
    assert first.submit("/login/code", code="000000").status_code == 401
    first.enter_code(secret)
    assert first.path == "/account"
    second.sign_in("an")
    assert second.enter_code(secret).status_code == 401
    assert "đã được dùng" in second.text
    site.clock.move(30)
    second.enter_code(secret)
    assert second.path == "/account"


def test_the_moment_between_the_factors_ends_and_belongs_to_the_browser(site: Site) -> None:
    _, secret = site.add_user("an", totp=True)
    browser, thief = site.browser(), site.browser()
    browser.sign_in("an")
    thief.get("/login")
    thief.client.set_cookie("antin_pending", browser.cookie("antin_pending"))
    assert thief.get("/login/code").request.path == "/login"
    site.clock.move(601)
    browser.enter_code(secret)
    assert browser.path == "/login"


def test_ten_failures_then_even_the_right_password_waits(site: Site) -> None:
    site.add_user("hong")
    stranger = site.browser()
    for _ in range(10):
        assert stranger.sign_in("hong", "sai").status_code == 401
    response = stranger.sign_in("hong")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "600"
    assert "10 phút" in stranger.text
    site.clock.move(601)
    stranger.sign_in("hong")
    assert stranger.path == "/account"


def test_waits_grow_and_are_forgotten_after_a_quiet_time(site: Site) -> None:
    site.add_user("hong")
    stranger, waits = site.browser(), []
    for quiet in (0, 0, 0, 0, 0, 4 * 3600):
        while (response := stranger.sign_in("hong", "sai")).status_code == 401:
            pass
        waits.append(int(response.headers["Retry-After"]) // 60)
        site.clock.move(int(response.headers["Retry-After"]) + 1 + quiet)
    while (response := stranger.sign_in("hong", "sai")).status_code == 401:
        pass
    assert waits == [10, 20, 40, 60, 60, 60]
    assert response.headers["Retry-After"] == "600"


def test_strangers_cannot_lock_the_known_device_out(site: Site) -> None:
    site.add_user("hong")
    mine = site.browser(address="113.160.0.9")
    mine.sign_in("hong")
    mine.get("/account")
    mine.submit("/account/sign-out")
    for number in range(120):
        site.browser(address=f"198.51.100.{number}").sign_in("hong", "sai")
    assert site.browser(address="192.0.2.7").sign_in("hong").status_code == 429  # every stranger waits
    mine.sign_in("hong")
    assert mine.path == "/account"


def test_a_known_device_has_a_limit_of_its_own_whatever_network_it_uses(site: Site) -> None:
    site.add_user("hong")
    mine = site.browser()
    mine.sign_in("hong")
    for number in range(10):
        mine.address = f"198.51.100.{number}"
        mine.get("/account")
        assert mine.sign_in("hong", "sai", start=site_login(site)).status_code == 401
    assert mine.sign_in("hong", start=site_login(site)).status_code == 429


def test_codes_have_a_budget_of_their_own(site: Site) -> None:
    _, secret = site.add_user("an", totp=True)
    browser = site.browser()
    browser.sign_in("an")
    for _ in range(5):
        assert browser.submit("/login/code", code="000000").status_code == 401
    assert browser.enter_code(secret).status_code == 429
    browser.sign_in("an")  # the password is not blocked by wrong codes
    assert browser.path == "/login/code"


def test_one_network_has_a_budget_over_all_accounts(site: Site) -> None:
    site.add_user("hong")
    for number in range(300):
        site.browser().sign_in(f"guess{number}", "sai")
    assert site.browser().sign_in("hong").status_code == 429
    elsewhere = site.browser(address="192.0.2.1")
    elsewhere.sign_in("hong")
    assert elsewhere.path == "/account"


def test_an_expired_tab_offers_to_go_on(site: Site) -> None:
    site.add_user("hong")
    site.add_client()
    browser = site.browser()
    browser.get(site.authorize_url())
    site.clock.move(3601)
    response = browser.submit("/login", username="hong", password=PASSWORD)
    assert response.status_code == 410
    assert "Tiếp tục đến Cổng dịch vụ công" in browser.text
    way = browser.text.split('href="/authorize')[1].split('"')[0]
    browser.get("/authorize" + way)
    assert browser.path == "/login"


def test_a_link_opened_in_another_browser_starts_afresh_there(site: Site) -> None:
    site.add_user("hong")
    site.add_client()
    first, other = site.browser(), site.browser()
    first.get(site.authorize_url())
    assert first.page is not None
    tx = first.page.request.args["tx"]
    other.get(f"/login?tx={tx}")
    assert other.path == "/login"
    assert other.page is not None
    assert other.page.request.args["tx"] != tx


def test_a_mangled_link_leads_on(site: Site) -> None:
    browser = site.browser()
    response = browser.get("/login?tx=" + "A" * 80)
    assert response.status_code == 400
    assert 'href="/account"' in browser.text


def test_ten_tabs_all_end_at_the_service(site: Site) -> None:
    site.add_user("hong")
    site.add_client(trusted=True)
    browser = site.browser()
    tabs = []
    for number in range(10):
        browser.get(site.authorize_url(state=f"tab-{number}"))
        tabs.append(browser.hidden("/login"))
    site.clock.move(5)
    for number, tab in enumerate(tabs):
        response = browser.post("/login", {**tab, "username": "hong", "password": PASSWORD})
        assert answer_of(response)["state"] == f"tab-{number}"
    browser.get("/login?tx=" + tabs[3]["tx"])  # back button, long after
    assert "Tiếp tục" in browser.text


def test_another_person_in_the_same_browser_gets_nothing_of_the_first(site: Site) -> None:
    site.add_user("hong")
    site.add_user("minh", full_name="Trần Văn Minh")
    site.add_client()
    browser = site.browser()
    browser.sign_in("hong")
    old = browser.cookie("antin_session")
    browser.sign_in("minh", start=site_login(site))
    assert "Trần Văn Minh" in browser.text
    assert "replaced" in site.events("idp.session.ended")[0]
    browser.client.set_cookie("antin_session", old)
    assert not signed_in(browser)


def test_forms_without_the_token_of_this_browser_are_refused(site: Site) -> None:
    site.add_user("hong")
    browser = site.browser()
    browser.get("/login")
    assert browser.post("/login", {"username": "hong", "password": PASSWORD}).status_code == 403
    other = site.browser()
    other.get("/login")
    stolen = other.hidden("/login")
    assert browser.post("/login", {**stolen, "username": "hong", "password": PASSWORD}).status_code == 403


def test_next_never_leaves_the_site(site: Site) -> None:
    site.add_user("hong")
    for bad in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        browser = site.browser()
        browser.get(f"/login?next={bad}")
        response = browser.submit("/login", username="hong", password=PASSWORD)
        assert response.request.path == "/account"
