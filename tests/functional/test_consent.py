"""The consent page: what it shows, who may answer it, and that answering twice has one effect."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from base.texts import Text
from idp.flows.create_organisation import NewOrganisation, create_organisation
from idp.flows.create_user import Official
from tests.functional.idp_site import Browser, Site, answer_of

DOCUMENT = hashlib.sha256(b"a decision").digest()


def at_consent(site: Site, **request: str) -> Browser:
    """A person who has signed in and sees the consent page."""
    site.add_user("hong", email="hong@example.vn", birthdate="1990-02-28", phone="0905123456")
    browser = site.browser()
    browser.sign_in("hong", start=site.authorize_url(**request))
    assert browser.path == "/consent"
    return browser


def test_who_asks_for_what_and_with_which_values(site: Site) -> None:
    create_organisation(site.services, NewOrganisation("000.00.15.H17", "Thành phố Đà Nẵng", "Da Nang City"))
    site.add_client(organisation_code="000.00.15.H17")
    browser = at_consent(site, scope="openid profile email phone")
    for said in (
        "Cổng dịch vụ công",
        "Thành phố Đà Nẵng",
        "Điền sẵn tờ khai",
        "Nguyễn Thị Hồng",
        "hong@example.vn",
        "28/02/1990",
        "0905123456",
        "https://portal.example.vn/chinh-sach",
        "https://portal.example.vn/dieu-khoan",
        "12 giờ",
    ):
        assert said in browser.text, said
    assert "Địa chỉ liên hệ" not in browser.text  # not asked for


def test_english(site: Site) -> None:
    site.add_client()
    browser = at_consent(site, ui_locales="en")
    browser.get("/language/en?next=/consent?tx=" + browser.hidden("/consent")["tx"])
    assert "Public-service portal" in browser.text
    assert "Filling in forms" in browser.text
    assert "Date of birth" in browser.text


def test_allow_ends_at_the_service_and_is_remembered(site: Site) -> None:
    site.add_client()
    browser = at_consent(site)
    assert "code" in answer_of(browser.submit("/consent", decision="allow"))
    assert "code" in answer_of(browser.get(site.authorize_url()))
    assert "code" in answer_of(browser.get(site.authorize_url(prompt="none")))


def test_deny_ends_at_the_service_and_is_not_remembered(site: Site) -> None:
    site.add_client()
    browser = at_consent(site)
    answer = answer_of(browser.submit("/consent", decision="deny"))
    assert answer["error"] == "access_denied"
    assert answer["state"] == "st-4"
    assert answer_of(browser.get(site.authorize_url(prompt="none")))["error"] == "consent_required"


def test_a_new_scope_is_asked_for_again(site: Site) -> None:
    site.add_client()
    browser = at_consent(site)
    browser.submit("/consent", decision="allow")
    wider = site.authorize_url(scope="openid profile email phone", prompt="none")
    assert answer_of(browser.get(wider))["error"] == "consent_required"


def test_sent_twice_has_one_effect_and_the_same_answer(site: Site) -> None:
    site.add_client()
    browser = at_consent(site)
    form = {**browser.hidden("/consent"), "decision": "allow"}
    answers = [browser.client.post("/consent", data=form).headers["Location"] for _ in range(3)]
    # The token carries no time of its own, so the three redirects are the same, letter by letter.
    assert len(set(answers)) == 1
    assert len(site.events("idp.consent.granted")) == 1
    assert "code" in answer_of(browser.get(answers[0]))


def test_a_form_shown_to_one_person_cannot_be_answered_by_another(site: Site) -> None:
    site.add_client()
    site.add_user("minh", full_name="Trần Văn Minh")
    browser = at_consent(site)
    form = {**browser.hidden("/consent"), "decision": "allow"}
    browser.sign_in("minh", start=site.authorize_url(prompt="login"))  # another tab
    browser.post("/consent", form)
    assert browser.path == "/consent"
    assert "đã thay đổi" in browser.text
    assert "Trần Văn Minh" in browser.text
    assert site.events("idp.consent.granted") == []


def test_a_consent_page_of_another_browser_cannot_be_answered(site: Site) -> None:
    site.add_client()
    attacker = at_consent(site)
    site.add_user("minh")
    victim = site.browser()
    victim.sign_in("minh")
    victim.get("/account")
    own = victim.hidden("/account/sign-out")
    victim.post("/consent", {**attacker.hidden("/consent"), **own, "decision": "allow"})
    assert site.events("idp.consent.granted") == []


@pytest.mark.parametrize("decision", ["", "maybe", "ALLOW"])
def test_no_decision_is_no_consent(site: Site, decision: str) -> None:
    site.add_client()
    browser = at_consent(site)
    browser.submit("/consent", decision=decision)
    assert browser.path == "/consent"
    assert site.events("idp.consent.granted") == []


def test_headers_forbid_framing_and_let_the_form_end_at_the_service_only(site: Site) -> None:
    site.add_client()
    browser = at_consent(site)
    assert browser.page is not None
    policy = browser.page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://portal.example.vn;" in policy
    assert browser.page.headers["X-Frame-Options"] == "DENY"
    assert browser.page.headers["Cache-Control"] == "no-store"


def test_what_a_service_calls_itself_is_text_not_markup(site: Site) -> None:
    site.add_client(client_name='<img src=x onerror="alert(1)">', purpose=Text("<b>x</b>", "x"))
    browser = at_consent(site)
    assert browser.page is not None
    assert "<img src=x" not in browser.page.text
    assert "<b>x</b>" not in browser.page.text


def signing_request(site: Site, **more: str) -> str:
    details = [
        {
            "type": "https://cloudsignatureconsortium.org/2025/credential",
            "credentialID": "key_AAAAAAAAAAAAAAAAAAAAAA",
            "numSignatures": 1,
            "documentDigests": [
                {
                    "hash": base64.b64encode(DOCUMENT).decode(),
                    "label": "Quyết định 12/QĐ-UBND.pdf",
                    "hashType": "SDR",
                }
            ],
            "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1",
        }
    ]
    return site.authorize_url("desk", authorization_details=json.dumps(details), scope="openid", **more)


def official_at_work(site: Site) -> tuple[Browser, str]:
    """An official who has signed in, and a trusted signing desk."""
    create_organisation(site.services, NewOrganisation("H17", "Thành phố Đà Nẵng", "Da Nang City"))
    _, secret = site.add_user("minh", full_name="Trần Văn Minh", totp=True, official=Official("H17", "Phó Giám đốc"))
    kind = "https://cloudsignatureconsortium.org/2025/credential"
    site.add_client("desk", trusted=True, authorization_details_types=[kind], client_name="Bàn ký số")
    browser = site.browser()
    browser.sign_in("minh")
    browser.enter_code(secret)
    assert browser.path == "/account"
    site.clock.move(60)
    return browser, secret


def test_a_document_is_shown_with_its_digest_at_both_steps_and_never_remembered(site: Site) -> None:
    browser, secret = official_at_work(site)
    for _ in range(2):
        browser.get(signing_request(site))
        assert browser.path == "/login/code"  # the second factor again, for this document
        for said in ("Quyết định 12/QĐ-UBND.pdf", DOCUMENT.hex()[:4]):
            assert said in browser.text
        browser.enter_code(secret)
        assert browser.path == "/consent"  # although the desk is one of our own services
        assert "Quyết định 12/QĐ-UBND.pdf" in browser.text
        assert DOCUMENT.hex() in browser.text.replace("</span><wbr><span>", "").replace("<span>", "")
        assert "Trần Văn Minh" in browser.text
        assert "code" in answer_of(browser.submit("/consent", decision="allow"))
        site.clock.move(60)


def test_refusing_to_sign_goes_back_to_the_desk(site: Site) -> None:
    browser, secret = official_at_work(site)
    browser.get(signing_request(site))
    browser.enter_code(secret)
    assert answer_of(browser.submit("/consent", decision="deny"))["error"] == "access_denied"


def test_without_a_second_factor_the_page_says_so_and_leads_on(site: Site) -> None:
    kind = "https://cloudsignatureconsortium.org/2025/credential"
    site.add_client("desk", trusted=True, authorization_details_types=[kind])
    site.add_user("hong")
    browser = site.browser()
    browser.sign_in("hong", start=signing_request(site))
    assert browser.path == "/login/code"
    assert "chưa có lớp xác thực thứ hai" in browser.text
    onward = browser.text.split('href="/authorize')[1].split('"')[0]
    assert answer_of(browser.get("/authorize" + onward))["error"] == "unmet_authentication_requirements"


def test_select_account(site: Site) -> None:
    site.add_client(trusted=True)
    site.add_user("hong")
    browser = site.browser()
    browser.sign_in("hong")
    site.clock.move(5)
    browser.get(site.authorize_url(prompt="select_account"))
    assert browser.path == "/select"
    assert "Nguyễn Thị Hồng" in browser.text
    assert "code" in answer_of(browser.submit("/select"))


def test_the_callback_is_never_reached_without_an_answer(site: Site) -> None:
    site.add_client()
    browser = site.browser()
    response = browser.get(site.authorize_url(redirect_uri="https://evil.example/cb"))
    assert response.status_code == 400
    assert "Location" not in response.headers
