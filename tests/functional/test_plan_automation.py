"""
What deploy/conformance/automation.py has the suite's browser do is there on our pages: every element it names, and the
words it waits for, in both languages. (`make interop` does it all with HtmlUnit: tests/interop/suite_plans.py.)
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import html

from tests.functional.idp_site import AFTER_LOGOUT, PASSWORD, Browser, Site
from tests.functional.plan_logout import party
from tests.interop.nginx_tls import prepared

ISSUER = "http://localhost:8000"
LANGUAGES = ("vi", "en")


@pytest.fixture
def automation() -> Any:
    return prepared().Automation(ISSUER, "hong", PASSWORD)


def finds(browser: Browser, task: dict[str, Any]) -> bool:
    """Whether the page at hand has what the task wants of it; a command that is optional may find nothing."""
    assert f"{ISSUER}{browser.path}".startswith(task["match"].removesuffix("*")), browser.path
    page = html.fromstring(browser.text)
    for _, kind, target, *more in task["commands"]:
        path = target if kind == "xpath" else f"//*[@id='{target}']"
        found = page.xpath(path)
        if not found and more[-1:] != ["optional"]:
            return False
        waited = more[1] if len(more) > 1 and "placeholder" in str(more[-1]) else ""
        if waited and not re.search(waited, found[0].text_content()):
            return False
    return True


@pytest.mark.parametrize("language", LANGUAGES)
def test_signing_in_and_allowing(site: Site, automation: Any, language: str) -> None:
    site.add_client()
    site.add_user("hong")
    browser = site.browser()
    browser.get(f"/language/{language}?next=/")
    browser.get(site.authorize_url())
    assert finds(browser, automation.sign_in())
    assert html.fromstring(browser.text).xpath("//header//a[@hreflang]")
    browser.submit("/login", username="hong", password=PASSWORD)
    assert finds(browser, automation.allow())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("module", ["oidcc-ensure-registered-redirect-uri", "oidcc-redirect-uri-query-added"])
def test_a_page_instead_of_a_redirect(site: Site, automation: Any, module: str, language: str) -> None:
    site.add_client()
    browser = site.browser()
    browser.get(f"/language/{language}?next=/")
    browser.get(site.authorize_url(redirect_uri="https://portal.example.vn/callback?foo=bar"))
    (section,) = automation.override()[module]["browser"]
    (task,) = section["tasks"]
    assert finds(browser, task)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("module", "parameters", "confirms"),
    [
        ("modified-id-token-hint", {"id_token_hint": "x.y.z", "post_logout_redirect_uri": AFTER_LOGOUT}, False),
        ("no-id-token-hint", {"post_logout_redirect_uri": AFTER_LOGOUT}, False),
        ("bad-post-logout-redirect-uri", {"id_token_hint": "", "post_logout_redirect_uri": "https://x.vn/"}, False),
        ("no-post-logout-redirect-uri", {"id_token_hint": ""}, False),
        ("no-params", {}, True),
        ("only-state", {"state": "s"}, True),
    ],
)
def test_pages_of_logout(
    site: Site, automation: Any, module: str, parameters: dict[str, str], confirms: bool, language: str
) -> None:
    """An empty hint stands for the right one."""
    rp = party(site)
    rp.browser.get(f"/language/{language}?next=/")
    rp.leave(**{name: value or rp.id_token for name, value in parameters.items()})
    *first, last = automation.override()[f"oidcc-rp-initiated-logout-{module}"]["browser"][-1]["tasks"]
    if confirms:
        assert all(finds(rp.browser, task) for task in first)
        rp.browser.submit("/logout/confirm", decision="end")
    assert finds(rp.browser, last)
