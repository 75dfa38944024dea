"""Answering on another device: the code of a kiosk, and a request that waits on the account page."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.gallery import Gallery
from tests.browser.watch import Visitor
from tests.city import City

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
CIBA = "urn:openid:params:grant-type:ciba"


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A registered service that runs where no browser is."""

    city: City
    client_id: str
    client_secret: str

    def post(self, path: str, **form: str) -> dict[str, Any]:
        """The JSON answer, whatever its status."""
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        request = urllib.request.Request(
            self.city.issuer + path,
            data=urllib.parse.urlencode(form).encode(),
            headers={"Authorization": f"Basic {basic}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                found: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as refused:
            found = json.load(refused)
        return found


@pytest.fixture(scope="module")
def kiosk(city: City) -> Kiosk:
    metadata = {
        "client_name": "Ki-ốt phường Hải Châu",
        "client_name#en": "Kiosk of Hải Châu ward",
        "grant_types": [DEVICE_CODE, CIBA],
        "scope": "openid profile phone",
    }
    words = ("client", "add", "-", "--purpose", "Tra cứu hồ sơ tại quầy", "--purpose-en", "Looking up your dossiers")
    added = json.loads(city.antin(*words, given=json.dumps(metadata)).stdout)
    return Kiosk(city, added["client_id"], added["client_secret"])


def test_a_kiosk_is_signed_in_from_a_telephone(
    city: City, visit: Callable[..., Visitor], gallery: Gallery, kiosk: Kiosk
) -> None:
    made = kiosk.post("/device_authorization", scope="openid profile phone")
    citizen = visit()
    citizen.expect_failures(400)
    page = citizen.page
    page.goto(made["verification_uri_complete"])
    citizen.sign_in("lan")
    expect(page.locator("input[name=user_code]")).to_have_value(made["user_code"])
    gallery.look(page, "device-brought")
    page.goto(made["verification_uri"])
    gallery.look(page, "device")
    page.fill("input[name=user_code]", "bbbb bbbb")
    page.press("input[name=user_code]", "Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    gallery.look(page, "device-wrong")
    page.fill("input[name=user_code]", made["user_code"].lower())
    page.press("input[name=user_code]", "Enter")
    expect(page.get_by_text("Nguyễn Thị Lan").first).to_be_visible()
    gallery.look(page, "device-request")
    citizen.decide("allow")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã đồng ý")
    gallery.look(page, "device-allowed")
    assert "access_token" in kiosk.post("/token", grant_type=DEVICE_CODE, device_code=made["device_code"])


def test_a_request_waits_on_the_account_page(
    city: City, visit: Callable[..., Visitor], gallery: Gallery, kiosk: Kiosk
) -> None:
    made = kiosk.post(
        "/backchannel_authentication",
        scope="openid profile",
        login_hint="dung",
        binding_message="Quầy số 3, phiếu A-017",
    )
    citizen = visit(java_script_enabled=False)
    citizen.expect_failures(410)
    page = citizen.page
    page.goto(f"{city.issuer}/account")
    citizen.sign_in("dung")
    expect(page.get_by_role("heading", name="Yêu cầu đang chờ bạn trả lời")).to_be_visible()
    expect(page.get_by_text("Quầy số 3, phiếu A-017")).to_be_visible()
    page.get_by_role("link", name="Xem và trả lời").click()
    here = page.url
    expect(page.get_by_text("Quầy số 3, phiếu A-017")).to_be_visible()
    citizen.decide("deny")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã từ chối")
    page.goto(here)
    expect(page.get_by_role("heading", level=1)).to_have_text("Yêu cầu không còn hiệu lực")
    answer = kiosk.post("/token", grant_type=CIBA, auth_req_id=made["auth_req_id"])
    assert answer["error"] == "access_denied"

    looking = visit()
    looking.expect_failures(410)
    kiosk.post(
        "/backchannel_authentication",
        scope="openid profile",
        login_hint="dung",
        binding_message="Quầy số 3, phiếu A-018",
    )
    looking.page.goto(f"{city.issuer}/account")
    looking.sign_in("dung")
    gallery.look(looking.page, "account-waiting")
    looking.page.get_by_role("link", name="Xem và trả lời").click()
    gallery.look(looking.page, "backchannel-request")
    looking.decide("deny")
    gallery.look(looking.page, "backchannel-denied")
    looking.page.goto(here)
    gallery.look(looking.page, "request-over")
