"""
The official third-party-initiated login plan, its two modules by name, and the place where such an address is used.

Source: OpenID Connect Core §4; OpenID Connect Registration §2 (initiate_login_uri).
"""

from __future__ import annotations

import html
import re

import pytest

from tests.functional.idp_site import Site
from tests.functional.registrar import METADATA, Registrar, invited

ADDRESS = "https://portal.example.vn/begin"


@pytest.fixture
def registrar(site: Site) -> Registrar:
    return Registrar(site.with_settings(registration="open", registration_policy="certification"))


def test_3rd_party_init_login(registrar: Registrar) -> None:
    added = registrar.registered(initiate_login_uri=ADDRESS)
    assert added["initiate_login_uri"] == ADDRESS
    response = registrar.read(added["client_id"], added["registration_access_token"])
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.get_json()["initiate_login_uri"] == ADDRESS


@pytest.mark.parametrize("address", [ADDRESS.replace("https", "http"), "http://localhost/begin", "javascript:x"])
def test_3rd_party_init_login_nohttps(registrar: Registrar, address: str) -> None:
    response = registrar.register(initiate_login_uri=address)
    assert response.status_code == 400
    assert response.content_type == "application/json"
    assert response.get_json()["error"] == "invalid_client_metadata"


def test_the_account_page_opens_a_service_by_it(site: Site) -> None:
    registrar = Registrar(site)
    added = registrar.registered(invited(site, uses=1), initiate_login_uri=f"{ADDRESS}?from=account")
    site.add_user("hong", email="hong@example.vn")
    browser = site.browser()
    browser.sign_in("hong", start=site.authorize_url(added["client_id"]))
    browser.submit("/consent", decision="allow")
    browser.get("/account")
    assert browser.page is not None
    links = [html.unescape(found) for found in re.findall(r'<a href="([^"]*)"', browser.page.text)]
    assert f"{ADDRESS}?from=account&iss=http%3A%2F%2Flocalhost%3A8000" in links
    assert METADATA["client_name"] in browser.text
