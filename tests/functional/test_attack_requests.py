"""Attack, or bad luck: requests that come in unusual ways and must not strand the person or harm her browser."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.functional.idp_site import CALLBACK, Site, answer_of


@pytest.mark.parametrize("letter", ["s", "\u1ed9", "\x01", '"'])
def test_the_longest_request_that_is_accepted_also_comes_back(site: Site, letter: str) -> None:
    """The waiting request is longer in our own address than it came; that must not be a dead end after the login."""
    site.add_client(trusted=True)
    site.add_user("lan")
    browser, state = site.browser(), letter
    while len(site.authorize_url(state=state + letter * 500)) - len("/authorize?") < 16 * 1024:
        state += letter * 500
    browser.sign_in("lan", start=site.authorize_url(state=state))
    assert answer_of(browser.page)["state"] == state  # type: ignore[arg-type]  # sign_in has set the page


def test_the_language_switch_keeps_a_long_request(site: Site) -> None:
    site.add_client()
    browser = site.browser()
    browser.get(site.authorize_url(state="s" * 12_000))
    switch = re.search(r'href="(/language/en[^"]*)"', browser.text)
    assert switch is not None
    browser.get(switch[1])
    assert browser.path == "/login"
    assert "Sign in" in browser.text
    assert "tx" in browser.hidden("/login")


def test_a_request_that_is_too_long_is_refused_at_the_door(site: Site) -> None:
    site.add_client()
    assert site.browser().get(site.authorize_url(state="s" * 17_000)).status_code == 400
    assert site.browser().get("/authorize?tx=" + "s" * 60_000).status_code == 400


def test_a_form_from_another_site_leaves_the_browser_its_cookie(site: Site) -> None:
    """
    A browser sends no Lax cookie with a form of another site, so we cannot know whether it has one. Giving it a new one
    would take the known device, the open forms and the single sign-on away from it.
    """
    site.add_client(trusted=True)
    site.add_user("lan")
    browser, without_cookies = site.browser(), site.app.test_client()
    browser.sign_in("lan")
    sent = without_cookies.post("/authorize", data=_fields(site))
    assert sent.status_code == 303
    assert "Set-Cookie" not in sent.headers
    browser.get(sent.headers["Location"])  # the browser follows with its cookies: a top-level GET
    assert "code" in answer_of(browser.page)  # type: ignore[arg-type]  # get has set the page


def test_a_form_with_cookies_is_answered_directly(site: Site) -> None:
    site.add_client(trusted=True)
    site.add_user("lan")
    browser = site.browser()
    browser.sign_in("lan")
    sent = browser.client.post("/authorize", data=_fields(site))
    assert sent.headers["Location"].startswith(CALLBACK)


def test_a_duplicate_stays_one_on_the_way(site: Site) -> None:
    """The detour must not turn a request that is refused into one that is not."""
    site.add_client(trusted=True)
    browser = site.browser()
    form = site.authorize_url().split("?", 1)[1] + "&scope=openid"
    kind = "application/x-www-form-urlencoded"
    sent = site.app.test_client().post("/authorize", data=form, content_type=kind)
    assert answer_of(browser.get(sent.headers["Location"]))["error"] == "invalid_request"


def test_state_leaves_the_registered_address_as_it_is(site: Site) -> None:
    """What a service has registered is an address letter by letter, not a list of parameters to write anew."""
    registered = CALLBACK + "?from=%C4%91i&empty&x=a%20b"
    site.add_client(post_logout_redirect_uris=[registered])
    site.add_user("lan")
    browser = site.browser()
    browser.sign_in("lan")
    browser.get("/logout?" + urlencode({"client_id": "portal", "post_logout_redirect_uri": registered, "state": "s&t"}))
    assert browser.submit("/logout/confirm", decision="end").headers["Location"] == registered + "&state=s%26t"


def test_a_logout_form_from_another_site_asks_the_person(site: Site) -> None:
    """Without its cookies we cannot see the session; to say 'you are signed out' would be untrue."""
    site.add_user("lan")
    browser = site.browser()
    browser.sign_in("lan")
    sent = site.app.test_client().post("/logout", data={"state": "x"})
    browser.get(sent.headers["Location"])
    assert browser.path == "/logout"
    assert "/logout/confirm" in browser.text


def test_the_last_page_does_not_claim_what_is_not_so(site: Site) -> None:
    """Anybody can send a person to that address while she is signed in."""
    site.add_user("lan")
    browser = site.browser()
    browser.sign_in("lan")
    browser.get("/logout/done")
    assert "Bạn đã đăng xuất" not in browser.text
    assert "/account" in browser.text


def _fields(site: Site) -> dict[str, str]:
    return dict(parse_qsl(site.authorize_url().split("?", 1)[1]))
