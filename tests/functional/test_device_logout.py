"""A sign-in on another device has a `sid` of its own: what ends it, and whom its end reaches."""

from __future__ import annotations

from idp.protocol.deferred import DEVICE_CODE
from tests.elsewhere import device_poll
from tests.functional.back_channel import back_channel, deliver
from tests.functional.idp_site import Site
from tests.functional.plan_logout import claims_of, party
from tests.functional.test_device import ask, device_client, enter, kiosk, person
from tests.provider import Provider, Registered

__all__ = ["kiosk"]


def test_logging_out_on_the_device_leaves_the_approver_signed_in(site: Site, kiosk: Provider) -> None:
    """RP-Initiated Logout §2: a hint of another session than this browser's is asked about, and ends nothing alone."""
    client = device_client(kiosk)
    made, browser = ask(kiosk, client), person(site)
    enter(browser, made["user_code"])
    browser.submit("/requests", decision="allow")
    hint = device_poll(kiosk, client, made["device_code"]).json["id_token"]
    anywhere = site.browser()
    anywhere.get(f"/logout?id_token_hint={hint}")
    anywhere.post("/logout", {"id_token_hint": hint})
    browser.get("/account")
    assert browser.path == "/account"
    browser.get(f"/logout?id_token_hint={hint}")
    assert "Bạn có muốn đăng xuất?" in browser.text
    browser.submit("/logout/confirm", decision="end")
    browser.get("/account")
    assert browser.path == "/login"


def test_the_device_and_the_browser_each_hear_of_the_sessions_end(site: Site, kiosk: Provider) -> None:
    with back_channel() as receiver:
        rp = party(site, grant_types=["authorization_code", DEVICE_CODE], backchannel_logout_uri=receiver.url)
        registered = site.services.clients.get("portal")
        assert registered is not None
        client, browser = Registered(registered, rp.secret), rp.browser
        made = ask(kiosk, client)
        enter(browser, made["user_code"])
        browser.submit("/requests", decision="allow")
        there = claims_of(device_poll(kiosk, client, made["device_code"]).json["id_token"])
        rp.leave(id_token_hint=rp.id_token)
        deliver(site)
        assert there["sid"] != rp.claims["sid"]
        assert {receiver.claims(site, nth)["sid"] for nth in range(2)} == {there["sid"], rp.claims["sid"]}
        assert len(receiver.got) == 2
