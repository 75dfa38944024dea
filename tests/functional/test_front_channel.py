"""Telling services through the browser: which frames the logged-out page holds, and what it may load."""

from __future__ import annotations

import html
from urllib.parse import parse_qsl, urlsplit

import pytest

from idp.errors import RegistrationRefused
from tests.functional.idp_site import AFTER_LOGOUT, Browser, Site
from tests.functional.plan_logout import claims_of, party
from tests.functional.test_plan_logout_front_channel import FRAME, FRONT, REFRESH

OTHER = "https://tra-cuu.example.vn:8443"


def frames_of(browser: Browser) -> list[str]:
    assert browser.page is not None
    return [html.unescape(address) for address in FRAME.findall(browser.page.text)]


def frame_src(browser: Browser) -> str | None:
    assert browser.page is not None
    policy = browser.page.headers["Content-Security-Policy"]
    return dict(part.split(" ", 1) for part in policy.split("; ")).get("frame-src")


def use_other(site: Site, browser: Browser, **more: object) -> None:
    """A second service, used in the same session, with a query in its address."""
    site.add_client(
        "other", redirect_uris=[f"{OTHER}/cb"], frontchannel_logout_uri=f"{OTHER}/out?from=antin", trusted=True, **more
    )
    assert "code=" in browser.get(site.authorize_url("other", redirect_uri=f"{OTHER}/cb")).headers["Location"]


def test_every_service_of_the_session_has_a_frame_and_the_policy_names_no_other_origin(site: Site) -> None:
    rp = party(site, frontchannel_logout_uri=FRONT)
    use_other(site, rp.browser)
    rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT)
    frames = frames_of(rp.browser)
    assert {address.partition("?")[0] for address in frames} == {FRONT, f"{OTHER}/out"}
    assert set((frame_src(rp.browser) or "").split()) == {"https://portal.example.vn", OTHER}
    sids = set()
    for address in frames:
        sent = dict(parse_qsl(urlsplit(address).query))
        assert sent.pop("iss") == site.services.issuer
        sids.add(sent.pop("sid"))
        assert sent in ({}, {"from": "antin"})
    assert len(sids) == 2  # each service has its own name for the session
    assert claims_of(rp.id_token)["sid"] in sids


def test_the_account_page_tells_through_the_browser_too(site: Site) -> None:
    rp = party(site, frontchannel_logout_uri=FRONT, backchannel_logout_uri=None)
    rp.browser.get("/account")
    rp.browser.submit("/account/sign-out")
    assert [address.partition("?")[0] for address in frames_of(rp.browser)] == [FRONT]
    assert "được báo qua trình duyệt" in rp.browser.text
    assert not REFRESH.search(rp.browser.text)  # nobody waits for her


def test_after_confirmation_it_leads_on_to_the_service(site: Site) -> None:
    rp = party(site, frontchannel_logout_uri=FRONT)
    rp.leave(client_id="portal", post_logout_redirect_uri=AFTER_LOGOUT, state="s&t")
    page = rp.confirm()
    assert len(frames_of(rp.browser)) == 1
    assert html.unescape(REFRESH.findall(page.text)[0][1]) == f"{AFTER_LOGOUT}?state=s%26t"
    assert f'id="onward" href="{AFTER_LOGOUT}?state=s%26t"' in page.text  # works at once and without a script


def test_without_such_a_service_nothing_is_framed_and_nobody_waits(site: Site) -> None:
    rp = party(site)
    back = rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT)
    assert back.headers["Location"] == AFTER_LOGOUT
    rp.browser.get("/logout/done")
    assert frames_of(rp.browser) == []
    assert frame_src(rp.browser) is None


def test_a_frame_cannot_move_our_page(site: Site) -> None:
    rp = party(site, frontchannel_logout_uri=FRONT)
    page = rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT)
    assert 'sandbox="allow-same-origin allow-scripts allow-forms"' in page.text


def test_the_address_of_the_page_cannot_be_made_up(site: Site) -> None:
    rp = party(site, frontchannel_logout_uri=FRONT)
    page = rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT)
    coded = dict(parse_qsl(page.request.query_string.decode()))["of"]
    for forged in (coded[:-8] + "AAAAAAA=", coded[:40], "e30=", "x", "é"):
        rp.browser.get(f"/logout/done?of={forged}")
        assert rp.browser.page is not None
        assert rp.browser.page.status_code == 200
        assert frames_of(rp.browser) == []
        assert AFTER_LOGOUT not in rp.browser.text


def test_the_page_takes_no_address_from_its_own_address(site: Site) -> None:
    rp = party(site, frontchannel_logout_uri=FRONT)
    page = rp.leave(id_token_hint=rp.id_token)
    sealed = page.request.query_string.decode()
    for query in ("to=https://evil.example/", f"{sealed}&to=https://evil.example/"):
        answer = rp.browser.get(f"/logout/done?{query}")
        assert not REFRESH.search(answer.text)
        assert 'id="onward"' not in answer.text


def test_the_browser_of_a_posted_form_learns_it_by_its_state(site: Site) -> None:
    rp = party(site, frontchannel_logout_uri=FRONT)
    rp.browser.client.delete_cookie("antin_session")  # Lax: not sent with a form of another site
    before = rp.browser.cookie("antin_state")
    rp.leave("POST", id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT)
    assert rp.browser.cookie("antin_state") != before


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/out",
        "https://portal.example.vn:444/out",
        "http://portal.example.vn/out",
        "https://portal.example.vn/out#x",
        "javascript:alert(1)",
    ],
)
def test_it_belongs_to_an_origin_of_the_service(site: Site, uri: str) -> None:
    with pytest.raises(RegistrationRefused):
        site.add_client(frontchannel_logout_uri=uri)


def test_default_ports_do_not_matter(site: Site) -> None:
    site.add_client(frontchannel_logout_uri="https://portal.example.vn:443/out")
    client = site.services.clients.get("portal")
    assert client is not None
    assert client.frontchannel_logout_uri == "https://portal.example.vn:443/out"
