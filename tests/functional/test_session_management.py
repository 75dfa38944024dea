"""The browser's state: which answers carry session_state, when it changes, and the frame that compares."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from idp.store.sessions import SESSION_COOKIE
from tests.functional.idp_site import PASSWORD, Browser, Site, answer_of, open_site

ORIGIN = "https://portal.example.vn"
STATE = "antin_state"
FRAME = "/session/check"


def judged(browser: Browser, client_id: str, session_state: str, origin: str = ORIGIN) -> str:
    """What the script of the frame makes of a message in this browser."""
    held = browser.cookie(STATE)
    digest, _, salt = session_state.partition(".")
    if held is None or not digest or not salt:
        return "error"
    found = hashlib.sha256(f"{client_id} {origin} {held} {salt}".encode()).hexdigest()
    return "unchanged" if found == digest else "changed"


def signed_in(site: Site, username: str = "hong") -> tuple[Browser, dict[str, str]]:
    """A person at a service, and the service's answer."""
    site.add_user(username)
    browser = site.browser()
    browser.sign_in(username, start=site.authorize_url())
    return browser, answer_of(browser.submit("/consent", decision="allow"))


def again(site: Site, browser: Browser, **more: str) -> dict[str, str]:
    return answer_of(browser.get(site.authorize_url(**more)))


def test_unchanged_while_the_session_lives_and_changed_after_it(site: Site) -> None:
    site.add_client()
    browser, answer = signed_in(site)
    assert judged(browser, "portal", answer["session_state"]) == "unchanged"
    second = again(site, browser, prompt="none")["session_state"]
    assert second != answer["session_state"]  # another salt
    assert judged(browser, "portal", second) == "unchanged"
    browser.get("/account")
    browser.submit("/account/sign-out")
    for state in (answer["session_state"], second):
        assert judged(browser, "portal", state) == "changed"


def test_another_person_in_the_same_browser_is_a_change(site: Site) -> None:
    site.add_client()
    browser, answer = signed_in(site)
    site.add_user("minh")
    browser.sign_in("minh", start=site.authorize_url(prompt="login"))
    assert judged(browser, "portal", answer["session_state"]) == "changed"


def test_proving_oneself_again_is_no_change(site: Site) -> None:
    site.add_client()
    browser, answer = signed_in(site)
    browser.sign_in("hong", start=site.authorize_url(prompt="login"))
    assert judged(browser, "portal", answer["session_state"]) == "unchanged"


def test_another_origin_or_client_cannot_ask_with_it(site: Site) -> None:
    site.add_client()
    browser, answer = signed_in(site)
    assert judged(browser, "portal", answer["session_state"], "https://evil.example") == "changed"
    assert judged(browser, "other", answer["session_state"]) == "changed"


def test_the_state_says_nothing_about_the_session(site: Site) -> None:
    site.add_client()
    browser, answer = signed_in(site)
    held, secret = browser.cookie(STATE), browser.cookie(SESSION_COOKIE)
    with site.services.base.db.read() as connection:
        session_id = connection.exec_driver_sql("SELECT id FROM sessions").scalar_one()
    assert held
    assert secret
    assert session_id not in held + answer["session_state"]
    assert secret not in held
    thief = site.browser()
    thief.client.set_cookie(SESSION_COOKIE, held)
    assert thief.get("/account").request.path == "/login"


def test_the_cookie_is_readable_by_scripts_and_travels_with_frames_over_https(site: Site) -> None:
    browser = site.browser()
    site.add_user("hong")
    browser.get("/login")
    typed = {**browser.hidden("/login"), "username": "hong", "password": PASSWORD}
    answer = browser.client.post("/login", data=typed)
    lines = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(STATE)]
    assert len(lines) == 1
    assert "HttpOnly" not in lines[0]
    assert "SameSite=Lax" in lines[0]  # plain http; see the next one
    assert "HttpOnly" in next(x for x in answer.headers.getlist("Set-Cookie") if x.startswith(SESSION_COOKIE))


def test_over_https_the_cookie_is_none_and_secure() -> None:
    from base.web.cookies import readable_cookie_header

    line = readable_cookie_header(STATE, "x", secure=True)
    assert line.startswith("__Host-antin_state=x")
    for word in ("Secure", "SameSite=None", "Path=/"):
        assert word in line
    assert "HttpOnly" not in line


def test_a_lost_state_is_sent_again_with_the_next_answer(site: Site) -> None:
    site.add_client()
    browser, _ = signed_in(site)
    browser.client.delete_cookie(STATE)
    answer = again(site, browser, prompt="none")
    assert judged(browser, "portal", answer["session_state"]) == "unchanged"


def test_a_session_that_ended_elsewhere_is_a_change_as_soon_as_the_browser_comes_by(site: Site) -> None:
    site.add_client()
    browser, answer = signed_in(site)
    site.clock.move(site.services.settings.session_total_seconds + 1)
    assert again(site, browser, prompt="none")["error"] == "login_required"
    assert judged(browser, "portal", answer["session_state"]) == "changed"


def test_a_frame_without_the_session_cookie_changes_nothing(site: Site) -> None:
    site.add_client()
    browser, answer = signed_in(site)
    browser.client.delete_cookie(SESSION_COOKIE)  # what a foreign page's frame sends: no Lax cookie
    assert again(site, browser, prompt="none")["error"] == "login_required"
    assert judged(browser, "portal", answer["session_state"]) == "unchanged"


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_every_mode_carries_it(site: Site, mode: str) -> None:
    site.add_client()
    browser, _ = signed_in(site)
    response = browser.get(site.authorize_url(prompt="none", response_mode=mode))
    whole = response.headers.get("Location", "") + response.text
    found = re.search(r'session_state(?:=|" value=")([0-9a-f]{64}\.[\w-]+)', whole)
    assert found, whole
    assert judged(browser, "portal", found.group(1)) == "unchanged"


def test_errors_and_plain_oauth_carry_none(site: Site) -> None:
    site.add_client(scope="openid profile email records.read")
    assert "session_state" not in again(site, site.browser(), prompt="none")
    browser, _ = signed_in(site)
    browser.get(site.authorize_url(scope="records.read"))
    assert "session_state" not in answer_of(browser.submit("/consent", decision="allow"))


def test_the_frame_may_be_framed_by_services_alone_and_runs_its_own_script_alone(site: Site) -> None:
    site.add_client()
    answer = site.browser().client.get(FRAME)
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["frame-ancestors"] == f"'self' {ORIGIN}:*"
    assert policy["default-src"] == "'none'"
    assert "X-Frame-Options" not in answer.headers
    scripts = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    assert policy["script-src"] == f"'sha256-{hashes[0]}'"
    assert len(hashes) == 1
    assert "src=" not in answer.text  # no third parties
    assert "://" not in answer.text


def test_with_very_many_services_any_https_page_may_frame_it(site: Site) -> None:
    for number in range(60):
        site.add_client(f"c{number}", redirect_uris=[f"https://dich-vu-so-{number}.danang.example.vn/cb"])
    policy = site.browser().client.get(FRAME).headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https:")
    assert len(policy) < 2000


def test_every_other_page_refuses_to_be_framed(site: Site) -> None:
    answer = site.browser().client.get("/login")
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_two_processes_agree_on_the_state(site: Site) -> None:
    site.add_client()
    browser, _ = signed_in(site)
    other = open_site(site.services.base, site.clock)
    twin = other.browser()
    for name in (SESSION_COOKIE, STATE, "antin_browser"):
        twin.client.set_cookie(name, browser.cookie(name) or "")
    assert (
        judged(twin, "portal", answer_of(twin.get(other.authorize_url(prompt="none")))["session_state"]) == "unchanged"
    )
    assert twin.cookie(STATE) == browser.cookie(STATE)
