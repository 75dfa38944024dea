"""Organisation and position, asked for by name without the scope that opens them (OpenID Connect Core §5.5)."""

from __future__ import annotations

import json

import pytest

from tests.functional.idp_site import Site, answer_of
from tests.functional.plan_logout import claims_of, redeemed
from tests.functional.test_consent import official_at_work

OFFICE = {"organisation": {"code": "H17", "name": "Thành phố Đà Nẵng"}, "position": {"title": "Phó Giám đốc"}}


@pytest.mark.parametrize("names", [("organisation", "position"), ("position",)], ids=str)
def test_they_are_shown_by_name_and_then_delivered(site: Site, names: tuple[str, ...]) -> None:
    browser, _ = official_at_work(site)
    secret = site.add_client()["client_secret"]
    wishes = dict.fromkeys(names)
    claims = json.dumps({"userinfo": wishes, "id_token": wishes})
    browser.get(site.authorize_url(scope="openid", claims=claims))
    assert browser.path == "/consent"
    assert "Phó Giám đốc" in browser.text
    assert ("Cơ quan công tác" in browser.text) is ("organisation" in names)
    answer = redeemed(browser, secret, answer_of(browser.submit("/consent", decision="allow"))["code"])
    told = browser.client.get("/userinfo", headers={"Authorization": f"Bearer {answer['access_token']}"}).get_json()
    for where in (told, claims_of(answer["id_token"])):
        assert {name: where[name] for name in OFFICE if name in where} == {name: OFFICE[name] for name in names}


def test_a_consent_without_them_does_not_cover_them(site: Site) -> None:
    browser, _ = official_at_work(site)
    secret = site.add_client()["client_secret"]
    browser.get(site.authorize_url(scope="openid"))
    answer = redeemed(browser, secret, answer_of(browser.submit("/consent", decision="allow"))["code"])
    told = browser.client.get("/userinfo", headers={"Authorization": f"Bearer {answer['access_token']}"}).get_json()
    assert set(told) == {"sub"}
    asked = site.authorize_url(scope="openid", claims='{"userinfo":{"position":null}}', prompt="none")
    assert answer_of(browser.get(asked))["error"] == "consent_required"


def test_a_service_that_is_not_registered_for_them_is_refused(site: Site) -> None:
    browser, _ = official_at_work(site)
    site.add_client(scope="openid profile")
    browser.get(site.authorize_url(scope="openid", claims='{"userinfo":{"organisation":null}}'))
    assert browser.page is not None
    assert answer_of(browser.page)["error"] == "invalid_scope"
