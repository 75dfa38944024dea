"""The consent page says where a service will act for the person, and what it may do there."""

from __future__ import annotations

import pytest

from idp.flows.register_resource import register_resource
from tests.functional.idp_site import Browser, Site, answer_of

LAND, ELSEWHERE = "https://land.example.vn", "https://elsewhere.example.vn"


@pytest.fixture
def browser(site: Site) -> Browser:
    register_resource(
        site.services,
        {
            "resource": LAND,
            "name": "Sổ địa chính",
            "name#en": "Land register",
            "scopes": {
                "land.read": {"vi": "Xem thửa đất của bạn", "en": "See your plots"},
                "land.write": {"vi": "Sửa thửa đất", "en": "Change plots"},
            },
        },
    )
    site.add_client(scope="openid land.read land.write", resources=[LAND, ELSEWHERE])
    site.add_user("hong")
    found = site.browser()
    found.sign_in("hong")
    return found


def test_by_name_and_in_words(site: Site, browser: Browser) -> None:
    browser.get(site.authorize_url(scope="openid land.read", resource=LAND))
    assert browser.path == "/consent"
    for said in ("Dịch vụ được truy cập thay bạn", "Sổ địa chính", "Xem thửa đất của bạn"):
        assert said in browser.text, said
    assert "Sửa thửa đất" not in browser.text
    browser.get("/language/en?next=/consent?tx=" + browser.hidden("/consent")["tx"])
    for said in ("Where it may act for you", "Land register", "See your plots"):
        assert said in browser.text, said


def test_also_when_only_its_scope_is_named(site: Site, browser: Browser) -> None:
    browser.get(site.authorize_url(scope="openid land.write"))
    assert "Sửa thửa đất" in browser.text


def test_what_is_not_registered_is_shown_by_its_address(site: Site, browser: Browser) -> None:
    browser.get(site.authorize_url(scope="openid", resource=ELSEWHERE))
    assert ELSEWHERE in browser.text


def test_another_resource_is_asked_for_again(site: Site, browser: Browser) -> None:
    browser.get(site.authorize_url(scope="openid land.read", resource=LAND))
    assert "code" in answer_of(browser.submit("/consent", decision="allow"))
    assert "code" in answer_of(browser.get(site.authorize_url(scope="openid land.read", resource=LAND)))
    browser.get(site.authorize_url(scope="openid land.read", resource=ELSEWHERE))
    assert browser.path == "/consent"
