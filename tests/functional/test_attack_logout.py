"""
Attacks on the end of a session, named after the list of attacks: X12 (a logout without cookies leaves the session to
the next person), X43 (stale ID tokens open something), X94 and OA-39 (forced logout), OA-40 (the logout token and slow
services), AU-23 (a saved cookie outlives the session).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from idp.flows.background import announce_expired
from idp.flows.disable_user import disable_user
from idp.flows.end_session import end_session
from idp.flows.logout_delivery import LONGEST_WAIT_SECONDS
from idp.store.sessions import SESSION_COOKIE
from tests.functional.back_channel import HELD_SECONDS, PATIENCE_SECONDS, back_channel
from tests.functional.idp_site import AFTER_LOGOUT, PASSWORD, Browser, Site, answer_of, open_site
from tests.functional.plan_logout import claims_of, party, redeemed


def silent(browser: Browser, site: Site, **more: str) -> dict[str, str]:
    return answer_of(browser.get(site.authorize_url(prompt="none", **more)))


def userinfo(site: Site, token: str) -> int:
    answer = site.browser().client.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    return int(answer.status_code)


def only_session(site: Site) -> tuple[str, str]:
    """Session id and user id."""
    with site.services.base.db.read() as connection:
        row = connection.exec_driver_sql("SELECT id, user_id FROM sessions").one()
    return str(row[0]), str(row[1])


def test_x12_cookies_cleared_before_logout_and_the_next_person_gets_nothing_of_the_first(site: Site) -> None:
    rp = party(site)
    saved = rp.browser.cookie(SESSION_COOKIE) or ""
    for name in (SESSION_COOKIE, "antin_state", "antin_browser"):
        rp.browser.client.delete_cookie(name)
    rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT)
    rp.browser.client.set_cookie(SESSION_COOKIE, saved)  # whoever finds it
    assert silent(rp.browser, site)["error"] == "login_required"
    site.add_user("minh")
    rp.browser.sign_in("minh", start=site.authorize_url())
    answer = answer_of(rp.browser.submit("/consent", decision="allow"))
    second = claims_of(redeemed(rp.browser, rp.secret, answer["code"])["id_token"])
    assert second["sub"] != rp.claims["sub"]
    assert second["sid"] != rp.claims["sid"]


def test_x43_a_stale_id_token_opens_nothing(site: Site) -> None:
    rp = party(site)
    assert userinfo(site, rp.id_token) == 401  # it is no access token, fresh or stale
    rp.leave(id_token_hint=rp.id_token)
    site.clock.move(86_400)
    assert userinfo(site, rp.id_token) == 401
    assert silent(rp.browser, site, id_token_hint=rp.id_token)["error"] == "login_required"
    stranger = site.browser()
    assert silent(stranger, site, id_token_hint=rp.id_token)["error"] == "login_required"
    assert stranger.get("/account").request.path == "/login"
    answer = stranger.get("/logout?" + urlencode({"id_token_hint": rp.id_token}))
    assert answer.status_code == 200
    assert stranger.cookie(SESSION_COOKIE) is None


def test_x43_an_access_token_dies_with_its_session(site: Site) -> None:
    rp = party(site)
    tokens = redeemed(rp.browser, rp.secret, silent(rp.browser, site)["code"])
    assert userinfo(site, tokens["access_token"]) == 200
    rp.leave(id_token_hint=rp.id_token)
    assert userinfo(site, tokens["access_token"]) == 401


def test_oa39_a_bare_request_asks_and_leads_nowhere(site: Site) -> None:
    rp = party(site)
    for parameters in (
        {},
        {"client_id": "portal"},
        {"client_id": "portal", "post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": "https://evil.example/", "state": "x"},
    ):
        page = rp.leave(**parameters)
        assert page.status_code == 200
        assert "Bạn có muốn đăng xuất?" in rp.browser.text
        assert rp.is_signed_in()
    rp.leave(client_id="portal", post_logout_redirect_uri="https://evil.example/")
    answer = rp.confirm()
    assert answer.status_code == 200
    assert "evil.example" not in answer.text


def test_oa39_a_changed_form_of_ours_leads_nowhere_else(site: Site) -> None:
    rp = party(site)
    rp.leave(client_id="portal", post_logout_redirect_uri=AFTER_LOGOUT)
    answer = rp.browser.submit(
        "/logout/confirm", decision="end", post_logout_redirect_uri="https://evil.example/", state="x"
    )
    assert "Location" not in answer.headers
    assert "evil.example" not in answer.text


@pytest.mark.parametrize("path", ["/logout/confirm", "/account/sign-out", "/account/sessions/end-all"])
def test_x94_a_form_of_another_site_ends_nothing(site: Site, path: str) -> None:
    rp = party(site)
    assert rp.browser.post(path, {"decision": "end"}).status_code == 403
    assert rp.is_signed_in()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_x94_somebody_elses_hint_ends_nobody_here(site: Site, method: str) -> None:
    rp = party(site)
    site.add_user("evil")
    attacker = site.browser()
    attacker.sign_in("evil", start=site.authorize_url())
    code = answer_of(attacker.submit("/consent", decision="allow"))["code"]
    hint = redeemed(attacker, rp.secret, code)["id_token"]
    answer = rp.leave(method, id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT)
    assert answer.status_code == 200  # the person is asked about her own
    assert rp.is_signed_in()
    assert silent(attacker, site)["error"] == "login_required"


def test_oa40_a_dead_and_a_slow_service_cost_the_person_less_than_two_seconds(site: Site) -> None:
    """What she waits at most is a number of ours; that she does not wait for the services is seen."""
    assert site.services.settings.logout_wait_seconds <= LONGEST_WAIT_SECONDS < 2
    with back_channel() as slow:
        slow.hold(site)
        rp = party(site, backchannel_logout_uri=slow.url)
        site.add_client("dead", backchannel_logout_uri="http://127.0.0.1:9/logout", trusted=True)
        rp.browser.get(site.authorize_url("dead"))
        start = time.monotonic()
        rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT)
        assert time.monotonic() - start < PATIENCE_SECONDS < HELD_SECONDS
        slow.await_tokens(1)
        claims = slow.claims(site)
    assert claims["exp"] - claims["iat"] <= 120
    assert list(claims["events"]) == ["http://schemas.openid.net/event/backchannel-logout"]
    assert "nonce" not in claims


def by_person(site: Site, _browser: Browser, session_id: str, _user_id: str) -> None:
    end_session(site.services, session_id, "logout")


def by_disabling(site: Site, _browser: Browser, _session_id: str, user_id: str) -> None:
    disable_user(site.services, user_id)


def by_time(site: Site, _browser: Browser, _session_id: str, _user_id: str) -> None:
    site.clock.move(site.services.settings.session_total_seconds)
    announce_expired(site.services)


def by_fresh_proof(site: Site, browser: Browser, _session_id: str, _user_id: str) -> None:
    """Who proves herself again gets a new secret; the old one, perhaps stolen, is dead."""
    browser.get(site.authorize_url(prompt="login"))
    browser.submit("/login", username="hong", password=PASSWORD)


@pytest.mark.parametrize("end", [by_person, by_disabling, by_time, by_fresh_proof], ids=lambda way: way.__name__)
def test_au23_a_saved_cookie_is_dead_in_every_process_at_once(
    site: Site, end: Callable[[Site, Browser, str, str], None]
) -> None:
    rp = party(site)
    other = open_site(site.services.base, site.clock)
    saved = rp.browser.cookie(SESSION_COOKIE) or ""
    thieves = [site.browser("198.51.100.9"), other.browser("198.51.100.9")]
    for thief in thieves:
        thief.client.set_cookie(SESSION_COOKIE, saved)
        assert thief.get("/account").request.path == "/account"
    session_id, user_id = only_session(site)
    end(site, rp.browser, session_id, user_id)
    for thief, where in zip(thieves, (site, other), strict=True):
        assert thief.get("/account").request.path == "/login"
        assert silent(thief, where)["error"] == "login_required"
        assert thief.post("/account/sessions/end-all", {}).status_code in (302, 303, 403)
