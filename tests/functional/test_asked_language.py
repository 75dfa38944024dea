"""ui_locales holds for every page of the request, not for its first one alone."""

from __future__ import annotations

import pytest

from tests.functional.idp_site import PASSWORD, Site

ENGLISH, VIETNAMESE = '<html lang="en"', '<html lang="vi"'


@pytest.mark.parametrize("switched", [False, True])
def test_on_every_page(site: Site, switched: bool) -> None:
    _, secret = site.add_user("hong", totp=True)
    site.add_client(trusted=False)
    browser = site.browser()
    browser.get(site.authorize_url(ui_locales="fr en-GB vi", acr_values="urn:vn:xt:2"))
    assert (browser.path, ENGLISH in browser.text) == ("/login", True)
    browser.submit("/login", username="hong", password="wrong")
    assert (browser.path, ENGLISH in browser.text) == ("/login", True)
    browser.submit("/login", username="hong", password=PASSWORD)
    assert (browser.path, ENGLISH in browser.text) == ("/login/code", True)
    browser.submit("/login/code", code="000000")
    assert (browser.path, ENGLISH in browser.text) == ("/login/code", True)
    browser.enter_code(secret)
    assert (browser.path, ENGLISH in browser.text) == ("/consent", True)
    if switched:  # the word of the person counts more than that of the service
        browser.get("/language/vi?next=/consent?tx=" + browser.hidden("/consent")["tx"])
        assert VIETNAMESE in browser.text


def test_a_language_we_do_not_speak_changes_nothing(site: Site) -> None:
    site.add_client()
    browser = site.browser()
    browser.get(site.authorize_url(ui_locales="fr se"))
    assert VIETNAMESE in browser.text
    browser.get("/login")
    assert VIETNAMESE in browser.text
