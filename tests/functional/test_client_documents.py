"""Clients that are known by the address of their metadata document (client ID metadata documents)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from base.http import Answer, HttpClient, OutboundRefused
from idp.flows.disable_client import disable_client
from idp.flows.discovery import discovery
from idp.protocol.registration import is_document_id
from tests.functional.idp_site import CALLBACK, PASSWORD, VERIFIER, Browser, Site, answer_of
from tests.functional.test_attack_fetches import with_client

ID = "https://app.example.vn/client.json"
METADATA: dict[str, Any] = {"client_id": ID, "client_name": "Ứng dụng lạ", "redirect_uris": [CALLBACK]}


class Published(HttpClient):
    """The web as these tests see it: documents by address; the guarded client itself is tested elsewhere."""

    def __init__(self) -> None:
        super().__init__(timeout_seconds=1, allow_private=False)
        self.documents: dict[str, Any] = {}
        self.visits: list[str] = []

    def get(self, url: str, **_: Any) -> Answer:
        self.visits.append(url)
        found = self.documents.get(url)
        if found is None:
            raise OutboundRefused("outbound_failed", en="nothing there")
        body = found if isinstance(found, bytes) else json.dumps(found).encode()
        return Answer(200, "application/json", body)


@pytest.fixture
def web() -> Published:
    return Published()


@pytest.fixture
def known(site: Site, web: Published) -> Site:
    site.add_user("hong", email="hong@example.vn")
    web.documents[ID] = METADATA
    return with_client(site.with_settings(client_documents=True), web)


def begin(site: Site, client_id: str = ID) -> Browser:
    browser = site.browser()
    browser.get(site.authorize_url(client_id))
    return browser


def test_a_person_signs_in_to_a_client_that_nobody_registered(known: Site, web: Published) -> None:
    browser = begin(known)
    browser.submit("/login", username="hong", password=PASSWORD)
    assert browser.path == "/consent"
    assert "chưa được cơ quan nào xác minh" in browser.text
    assert "app.example.vn" in browser.text
    code = answer_of(browser.submit("/consent", decision="allow"))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    reply = known.app.test_client().post("/token", data={**form, "client_id": ID})
    assert reply.status_code == 200, reply.text
    assert web.visits == [ID]
    browser.get("/account")
    browser.submit("/account/services/revoke")
    assert "Đã thu hồi" in browser.text


def test_off_by_default(site: Site, web: Published) -> None:
    web.documents[ID] = METADATA
    browser = begin(with_client(site, web))
    assert browser.page is not None
    assert browser.page.status_code == 400
    assert web.visits == []


def test_discovery_says_so(site: Site) -> None:
    for on in (False, True):
        settings = site.with_settings(client_documents=on).services.settings
        assert discovery("https://op.example.vn", settings)["client_id_metadata_document_supported"] is on


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": ID + "x"},
        {"client_id": None},
        {"client_secret": "s" * 43},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": None},
        {"scope": "openid official"},
        {"profile": "fapi2"},
        {"subject_type": "public"},
        {"resource": "https://records.example.vn"},
        {"client_name": "a\u202eb"},
    ],
    ids=str,
)
def test_a_document_that_does_not_hold(known: Site, web: Published, changes: dict[str, Any]) -> None:
    web.documents[ID] = {name: value for name, value in {**METADATA, **changes}.items() if value is not None}
    browser = begin(known)
    assert browser.page is not None
    assert browser.page.status_code == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a":' * 2000, b'{"x":"' + b"a" * 20_000 + b'"}', b"\xff"])
def test_what_is_no_document(known: Site, web: Published, body: bytes) -> None:
    web.documents[ID] = body
    browser = begin(known)
    assert browser.page is not None
    assert browser.page.status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "http://app.example.vn/client.json",
        "https://app.example.vn",
        "https://app.example.vn/",
        "https://app.example.vn/a/../client.json",
        "https://app.example.vn/./client.json",
        "https://user@app.example.vn/client.json",
        "https://app.example.vn/client.json#x",
        "https://app.example.vn/client.json?x=1",
        "https://APP.example.vn/client.json",
        "https://app.example.vn/" + "a" * 60,
    ],
)
def test_what_is_no_address_of_a_document_is_not_fetched(known: Site, web: Published, address: str) -> None:
    assert not is_document_id(address)
    web.documents[address] = {**METADATA, "client_id": address}
    begin(known, address)
    assert web.visits == []


def test_it_is_read_again_after_its_time_and_kept_for_a_day_without(known: Site, web: Published) -> None:
    assert begin(known).path == "/login"
    assert begin(known).path == "/login"
    assert len(web.visits) == 1
    known.clock.move(known.services.settings.client_document_seconds + 1)
    web.documents[ID] = {**METADATA, "client_name": "Tên khác"}
    begin(known)
    known.clock.move(1)
    assert "Tên khác" in begin(known).text
    del web.documents[ID]
    known.clock.move(known.services.settings.client_document_seconds + 1)
    assert begin(known).path == "/login"
    known.clock.move(86_400)
    page = begin(known).page
    assert page is not None
    assert page.status_code == 400


def test_a_disabled_one_stays_disabled(known: Site, web: Published) -> None:
    begin(known)
    assert disable_client(known.services, ID)
    known.clock.move(known.services.settings.client_document_seconds + 1)
    page = begin(known).page
    assert page is not None
    assert page.status_code == 400
    assert len(web.visits) == 1


def test_nobody_makes_us_knock_at_doors_by_the_thousand(known: Site, web: Published) -> None:
    """The network that asks is refused; others are not, and a client that is known is served as it was known."""
    begin(known)
    known.clock.move(known.services.settings.client_document_seconds + 1)
    narrow = with_client(known.with_settings(fetches_per_network=3), web)
    pages = [begin(narrow, f"https://victim.example.vn/{number}.json").page for number in range(5)]
    assert [page.status_code for page in pages if page is not None] == [400] * 3 + [429] * 2
    assert pages[-1] is not None
    assert 0 < int(pages[-1].headers["Retry-After"]) <= 600
    assert "Có quá nhiều yêu cầu từ mạng này" in pages[-1].text
    assert len(web.visits) == 4
    assert begin(narrow).path == "/login"
    elsewhere = narrow.browser("198.51.100.7")
    assert elsewhere.get(narrow.authorize_url("https://victim.example.vn/9.json")).status_code == 400
    assert len(web.visits) == 5


def test_all_networks_together_have_a_bound_that_holds_over_processes(known: Site, web: Published) -> None:
    statuses = []
    for number in range(4):
        process = with_client(known.with_settings(fetches_per_minute=2), web)
        answer = process.browser(f"198.51.100.{number}").get(
            process.authorize_url(f"https://victim.example.vn/{number}")
        )
        statuses.append(answer.status_code)
    assert statuses == [400, 400, 429, 429]
    assert len(web.visits) == 2


def test_the_sector_is_the_host_of_the_document(known: Site, web: Published) -> None:
    """Native clients share loopback as a return address, and must not share people by it."""
    web.documents[ID] = {**METADATA, "redirect_uris": ["http://127.0.0.1/cb"]}
    begin(known)
    client = known.services.clients.get(ID)
    assert client is not None
    assert client.sector == "app.example.vn"
