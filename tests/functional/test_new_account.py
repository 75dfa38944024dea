"""prompt=create and the page for people who have no account."""

from __future__ import annotations

import json

import pytest

from idp.protocol.new_person import BadClaims, person_of
from tests.functional.idp_site import CALLBACK, Browser, Site, answer_of
from tests.functional.test_account_making import run

EVERYTHING = {
    "name": "Nguyễn Thị Hồng Nhung",
    "given_name": "Nhung",
    "family_name": "Nguyễn",
    "middle_name": "Thị Hồng",
    "nickname": "Nhung Nhung",
    "preferred_username": "nhung",
    "profile": "https://example.vn/nhung",
    "picture": "https://example.vn/nhung.png",
    "website": "https://nhung.example.vn",
    "email": "nhung@example.vn",
    "email_verified": True,
    "gender": "female",
    "birthdate": "1990-05-17",
    "zoneinfo": "Asia/Ho_Chi_Minh",
    "locale": "vi",
    "phone_number": "+84905123456",
    "phone_number_verified": True,
    "address": {"formatted": "1 Bạch Đằng, Đà Nẵng", "locality": "Đà Nẵng", "country": "VN"},
}


def arrived(site: Site, **request: str) -> Browser:
    site.add_client()
    browser = site.browser()
    browser.get(site.authorize_url(prompt="create", **request))
    assert browser.path == "/login/new"
    return browser


def test_somebody_without_an_account_is_told_where_they_are_issued_and_can_go_back(site: Site) -> None:
    browser = arrived(site)
    assert "bộ phận một cửa" in browser.text
    assert "Quay lại Cổng dịch vụ công" in browser.text
    answer = answer_of(browser.submit("/login/new", decision="back"))
    assert (answer["error"], answer["state"]) == ("access_denied", "st-4")


def test_somebody_with_an_account_goes_on_to_sign_in_and_arrives(site: Site) -> None:
    site.add_user("hong")
    browser = arrived(site)
    browser.submit("/login/new", decision="go_on")
    assert browser.path == "/login"
    browser.submit("/login", username="hong", password="con trâu đi trước cái cày theo sau")
    assert "code" in answer_of(browser.submit("/consent", decision="allow"))


def test_somebody_who_is_signed_in_is_asked_all_the_same(site: Site) -> None:
    site.add_user("hong")
    browser = site.browser()
    browser.sign_in("hong")
    site.add_client()
    browser.get(site.authorize_url(prompt="create"))
    assert "Tiếp tục với tên Nguyễn Thị Hồng" in browser.text
    browser.submit("/login/new", decision="go_on")
    assert browser.path == "/consent"


def test_the_sign_in_page_leads_there_and_back(site: Site) -> None:
    site.add_client()
    browser = site.browser()
    browser.get(site.authorize_url())
    assert browser.path == "/login"
    link = browser.text.split('href="/login/new?')[1].split('"')[0]
    browser.get(f"/login/new?{link}")
    browser.submit("/login/new", decision="go_on")
    assert browser.path == "/login"
    assert "Cổng dịch vụ công" in browser.text
    browser.get("/login/new")
    assert 'href="/login?next=' in browser.text
    assert CALLBACK not in browser.text


def test_somebody_at_the_sign_in_page_turns_back_though_everything_was_allowed_before(site: Site) -> None:
    """fapi2-…-user-rejects-authentication: a consent that is remembered leaves no other page to say no on."""
    site.add_client()
    site.add_user("hong")
    browser = site.browser()
    browser.sign_in("hong", start=site.authorize_url())
    assert "code" in answer_of(browser.submit("/consent", decision="allow"))
    browser = site.browser()
    browser.get(site.authorize_url())
    assert browser.path == "/login"
    answer = answer_of(browser.submit("/login/new", decision="back"))
    assert (answer["error"], answer["state"]) == ("access_denied", "st-4")
    browser.get("/login")
    assert 'action="/login/new"' not in browser.text


def test_in_english(site: Site) -> None:
    assert "No account yet" in arrived(site, ui_locales="en-GB fr").text


def test_discovery_lists_it(site: Site) -> None:
    metadata = site.browser().get("/.well-known/openid-configuration").json
    assert metadata is not None
    assert "create" in metadata["prompt_values_supported"]


def test_an_account_with_every_claim_from_a_file(site: Site, tmp_path: object) -> None:
    path = f"{tmp_path}/claims.json"
    with open(path, "w", encoding="utf-8") as file:
        json.dump(EVERYTHING, file)
    given = "con trâu đi trước cái cày theo sau\n"
    status, output = run(
        site, "--username", "nhung", "--password-stdin", "--claims", path, "--email", "n@example.vn", given=given
    )
    assert status == 0, output
    site.add_client(scope="openid profile email phone address")
    browser = site.browser()
    browser.sign_in("nhung", start=site.authorize_url(scope="openid profile email phone address"))
    for said in (
        "Nhung Nhung",
        "n@example.vn (đã xác minh)",
        "1 Bạch Đằng",
        "17/05/1990",
        "+84905123456 (đã xác minh)",
    ):
        assert said in browser.text, said


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {"sub": "x"},
        {"updated_at": 1},
        {"name": ""},
        {"name": 1},
        {"name": "x" * 201},
        {"email_verified": "true"},
        {"birthdate": "17/05/1990"},
        {"address": "Đà Nẵng"},
        {"address": {}},
        {"address": {"planet": "Earth"}},
        {"address": {"locality": 1}},
    ],
    ids=str,
)
def test_claims_that_are_refused(wrong: object) -> None:
    with pytest.raises(BadClaims):
        person_of(wrong)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"sub": "x"}'])
def test_a_file_that_is_refused(site: Site, tmp_path: object, content: str) -> None:
    path = f"{tmp_path}/claims.json"
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    status, output = run(site, "--username", "x", "--password-stdin", "--claims", path, given="a password of words\n")
    assert status != 0
    assert "claims" in output.lower()
