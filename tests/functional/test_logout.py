"""Logout asked for by a service, and telling the services over their back channel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from idp.models import session_clients
from idp.oauth.subjects import subject_for
from keys.api import TokenType
from tests.functional.back_channel import Receiver, back_channel, deliver, states
from tests.functional.idp_site import AFTER_LOGOUT, Browser, Site, answer_of


def used_portal(site: Site, username: str = "hong", client_id: str = "portal") -> Browser:
    """A person signed in at a service."""
    site.add_user(username)
    browser = site.browser()
    browser.sign_in(username, start=site.authorize_url(client_id))
    assert "code" in answer_of(browser.submit("/consent", decision="allow"))
    return browser


def hint(site: Site, *, sid: str | None = None, client_id: str = "portal", **more: Any) -> str:
    """An ID token of the service as its person got it, long expired."""
    with site.services.base.db.read() as connection:
        rows = connection.execute(
            select(session_clients.c.sid).where(session_clients.c.client_id == client_id)
        ).scalars()
        sid = sid or next(iter(rows), None)
    now = site.clock.now()
    claims = {"iss": site.services.issuer, "aud": client_id, "sub": "x", "sid": sid, "iat": now - 9000}
    return site.services.keys.sign_jwt({**claims, "exp": now - 8000, **more}, typ=TokenType.ID)


def logout_url(**parameters: str) -> str:
    return "/logout?" + urlencode(parameters)


def still_signed_in(browser: Browser) -> bool:
    return bool(browser.get("/account").request.path == "/account")


def test_a_hint_ends_the_session_and_leads_to_the_registered_address_with_state(site: Site) -> None:
    site.add_client()
    browser = used_portal(site)
    url = logout_url(id_token_hint=hint(site), post_logout_redirect_uri=AFTER_LOGOUT, state="s t&4")
    assert browser.get(url).headers["Location"] == AFTER_LOGOUT + "?state=s+t%264"
    assert not still_signed_in(browser)
    assert '"reason":"rp_logout"' in site.events("idp.session.ended")[0]


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/",
        AFTER_LOGOUT + "/",
        AFTER_LOGOUT + "?x=1",
        AFTER_LOGOUT.replace("https", "http"),
        AFTER_LOGOUT.upper(),
        "//portal.example.vn/goodbye",
        "javascript:alert(1)",
    ],
)
def test_only_the_exact_address_is_gone_to(site: Site, uri: str) -> None:
    site.add_client()
    browser = used_portal(site)
    response = browser.get(logout_url(id_token_hint=hint(site), post_logout_redirect_uri=uri))
    assert response.request.path == "/logout/done"
    assert not still_signed_in(browser)


def test_without_a_hint_the_person_is_asked(site: Site) -> None:
    site.add_client()
    browser = used_portal(site)
    browser.get(logout_url(client_id="portal", post_logout_redirect_uri=AFTER_LOGOUT, state="s"))
    assert "Bạn có muốn đăng xuất?" in browser.text
    assert "Cổng dịch vụ công" in browser.text
    assert still_signed_in(browser)
    browser.get("/logout")
    browser.submit("/logout/confirm", decision="stay")
    assert still_signed_in(browser)
    browser.get(logout_url(client_id="portal", post_logout_redirect_uri=AFTER_LOGOUT, state="s"))
    response = browser.submit("/logout/confirm", decision="end")
    assert response.headers["Location"] == AFTER_LOGOUT + "?state=s"
    assert not still_signed_in(browser)


def test_a_forged_or_foreign_hint_is_no_hint(site: Site) -> None:
    site.add_client()
    browser = used_portal(site)
    good = hint(site)
    forged = good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB")
    access = site.services.keys.sign_jwt({"iss": site.services.issuer, "aud": "portal"}, typ=TokenType.ACCESS)
    other_issuer = hint(site, iss="https://evil.example")
    for bad in (forged, access, other_issuer, "x", "x" * 20_000):
        browser.get(logout_url(id_token_hint=bad, post_logout_redirect_uri=AFTER_LOGOUT))
        assert "Bạn có muốn đăng xuất?" in browser.text
        assert still_signed_in(browser)


def test_a_client_id_that_contradicts_the_hint_makes_both_worthless(site: Site) -> None:
    site.add_client()
    site.add_client("other", post_logout_redirect_uris=["https://other.example.vn/"])
    browser = used_portal(site)
    url = logout_url(id_token_hint=hint(site), client_id="other", post_logout_redirect_uri="https://other.example.vn/")
    browser.get(url)
    assert "Bạn có muốn đăng xuất?" in browser.text
    assert still_signed_in(browser)


def test_a_hint_of_an_earlier_session_does_not_end_the_present_one_unasked(site: Site) -> None:
    site.add_client()
    browser = used_portal(site)
    old = hint(site)
    browser.get("/account")
    browser.submit("/account/sign-out")
    site.add_user("minh")
    browser.sign_in("minh")
    browser.get(logout_url(id_token_hint=old, post_logout_redirect_uri=AFTER_LOGOUT))
    assert "Bạn có muốn đăng xuất?" in browser.text
    assert still_signed_in(browser)


def test_cleared_cookies_leave_no_session_to_the_next_person(site: Site) -> None:
    site.add_client()
    browser = used_portal(site)
    saved = browser.cookie("antin_session")
    browser.client.delete_cookie("antin_session")
    browser.get(logout_url(id_token_hint=hint(site), post_logout_redirect_uri=AFTER_LOGOUT))
    browser.client.set_cookie("antin_session", saved)
    assert not still_signed_in(browser)


def test_the_request_may_come_as_a_form_from_the_services_page(site: Site) -> None:
    site.add_client()
    browser = used_portal(site)
    outside = site.browser()  # the cookies stay at home: SameSite=Lax
    sent = {"id_token_hint": hint(site), "post_logout_redirect_uri": AFTER_LOGOUT}
    assert outside.post("/logout", sent).headers["Location"] == AFTER_LOGOUT
    assert not still_signed_in(browser)


def test_a_foreign_form_cannot_confirm(site: Site) -> None:
    site.add_client()
    browser = used_portal(site)
    assert browser.post("/logout/confirm", {"decision": "end"}).status_code == 403
    assert still_signed_in(browser)


# ── Back channel ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with back_channel() as opened:
        yield opened


def test_the_logout_token(site: Site, receiver: Receiver) -> None:
    site.add_client(backchannel_logout_uri=receiver.url, backchannel_logout_session_required=True)
    browser = used_portal(site)
    sid = site.services.keys.verify_own_jwt(
        hint(site), typ=TokenType.ID, issuer=site.services.issuer, allow_expired=True
    )["sid"]
    browser.get("/account")
    browser.submit("/account/sign-out")
    assert states(site) == ["delivered"]
    keys, issuer = site.services.keys, site.services.issuer
    claims = keys.verify_own_jwt(receiver.got[0], typ=TokenType.LOGOUT, issuer=issuer, allow_expired=True)
    client = site.services.clients.get("portal")
    assert client is not None
    user_id = json.loads(site.events("idp.session.ended")[0])["user_id"]
    assert claims["sub"] == subject_for(keys, client, user_id)
    assert claims["sid"] == sid
    assert claims["aud"] == "portal"
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in claims
    assert 0 < claims["exp"] - claims["iat"] <= 120
    assert user_id not in json.dumps(claims)


def test_a_service_that_is_down_is_tried_again_and_then_told(site: Site, receiver: Receiver) -> None:
    site.add_client(backchannel_logout_uri=receiver.url)
    browser = used_portal(site)
    browser.get("/account")
    receiver.status = 503
    browser.submit("/account/sign-out")
    assert states(site) == ["due"]
    assert "Đang báo đăng xuất" in browser.text
    receiver.status = 200
    assert deliver(site) == "due"  # not yet: it waits before it tries again
    site.clock.move(10)
    assert deliver(site) == "delivered"
    assert len(receiver.got) == 2
    assert receiver.claims(site, 0)["jti"] != receiver.claims(site, 1)["jti"]  # made afresh: it may have expired


def test_logging_out_twice_tells_once(site: Site, receiver: Receiver) -> None:
    site.add_client(backchannel_logout_uri=receiver.url)
    browser = used_portal(site)
    url = logout_url(id_token_hint=hint(site), post_logout_redirect_uri=AFTER_LOGOUT)
    for _ in range(2):
        assert browser.get(url).headers["Location"] == AFTER_LOGOUT
    deliver(site)
    assert len(receiver.got) == 1
    assert len(site.events("idp.session.ended")) == 1
