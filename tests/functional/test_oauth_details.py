"""Rich authorization requests from the page to the resource: shown, granted, narrowed, spent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from idp.web.hot import routes
from keys.api import TokenType
from tests.elsewhere import device_poll
from tests.functional.idp_site import CALLBACK, VERIFIER, Browser, Site, answer_of
from tests.functional.test_device import ask, device_client, enter, person
from tests.provider import Provider, Registered, Reply

FILE = {"type": "ho_so", "identifier": "H17.12-251101-0042", "actions": ["read", "supplement"]}
READ = FILE | {"actions": ["read"]}
FEE = {
    "type": "le_phi",
    "identifier": "TB-2025/0042",
    "payee": "Kho bạc Nhà nước Đà Nẵng",
    "purpose": "Lệ phí cấp giấy phép xây dựng",
    "instructedAmount": {"currency": "VND", "amount": "1250000"},
}
ARCHIVE = "https://archive.example.vn"


class Counter:
    """A service of the city, a person who has signed in, and the protocol side behind both."""

    def __init__(self, site: Site) -> None:
        self.site = site
        added = site.add_client(authorization_details_types=["ho_so", "le_phi"], resource=ARCHIVE)
        client = site.services.clients.get("portal")
        assert client is not None
        self.client = Registered(client, added["client_secret"])
        self.provider = Provider(site.services, routes(site.services))
        _, self.secret = site.add_user("hong", totp=True)
        self.browser: Browser = site.browser()
        self.browser.sign_in("hong")
        self.browser.enter_code(self.secret)
        site.clock.move(60)

    def ask(self, *details: dict[str, Any], **more: str) -> Browser:
        self.browser.get(self.site.authorize_url(authorization_details=json.dumps(details), **more))
        return self.browser

    def allow(self) -> str:
        return answer_of(self.browser.submit("/consent", decision="allow"))["code"]

    def redeem(self, code: str, **more: str) -> Reply:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.provider.token(self.client, **form, **more)

    def claims(self, reply: Reply) -> dict[str, Any]:
        return self.provider.services.keys.verify_own_jwt(
            reply.json["access_token"], typ=TokenType.ACCESS, issuer=self.provider.services.issuer
        )


@pytest.fixture
def counter(site: Site) -> Counter:
    return Counter(site)


def test_a_file_is_shown_granted_and_told_to_the_archive(counter: Counter) -> None:
    page = counter.ask(FILE, scope="openid")
    assert page.path == "/consent"
    for said in ("Truy cập hồ sơ của bạn", "H17.12-251101-0042", "Xem hồ sơ và giấy tờ", "Nộp bổ sung giấy tờ"):
        assert said in page.text, said
    assert "Theo dõi tiến độ" not in page.text
    reply = counter.redeem(counter.allow())
    assert reply.json["authorization_details"] == [FILE]
    claims = counter.claims(reply)
    assert (claims["aud"], claims["authorization_details"]) == (ARCHIVE, [FILE])
    archive = counter.provider.machine(resource=ARCHIVE)
    told = counter.provider.posted("/introspect", archive, token=reply.json["access_token"]).json
    assert told["authorization_details"] == [FILE]


def test_english(counter: Counter) -> None:
    page = counter.ask(FILE, scope="openid")
    page.get("/language/en?next=/consent?tx=" + page.hidden("/consent")["tx"])
    for said in ("Access to your file", "See the file and its papers", "asks for your permission"):
        assert said in page.text, said


def test_a_token_may_be_for_less(counter: Counter) -> None:
    counter.ask(FILE, scope="openid")
    code = counter.allow()
    for beyond in (FILE | {"identifier": "H17.12-251101-0043"}, FILE | {"actions": ["follow"]}, FEE):
        refused = counter.redeem(code, authorization_details=json.dumps([beyond]))
        assert refused.json["error"] == "invalid_authorization_details"
    first = counter.redeem(code, authorization_details=json.dumps([READ]))
    assert first.json["authorization_details"] == counter.claims(first)["authorization_details"] == [READ]
    again = counter.provider.refresh(counter.client, first.json["refresh_token"])
    assert again.json["authorization_details"] == [FILE]
    wide = [READ, FEE]
    refused = counter.provider.refresh(
        counter.client, again.json["refresh_token"], authorization_details=json.dumps(wide)
    )
    assert refused.json["error"] == "invalid_authorization_details"


@pytest.mark.parametrize(
    "wrong",
    [
        [{"type": "unknown"}],
        [FILE | {"extra": 1}],
        [FILE | {"actions": ["delete"]}],
        [FILE | {"actions": ["read", "read"]}],
        [FILE | {"identifier": "<script>"}],
        [FEE | {"instructedAmount": {"currency": "USD", "amount": "5"}}],
        [FEE | {"instructedAmount": {"currency": "VND", "amount": "-5"}}],
        [FEE | {"instructedAmount": {"currency": "VND", "amount": "0"}}],
        [FEE | {"instructedAmount": {"currency": "VND", "amount": "9999999999"}}],
        [FEE | {"instructedAmount": {"currency": "VND", "amount": 5}}],
        [FEE | {"payee": "a\u202eb"}],
        [],
        {},
        "x",
    ],
)
def test_what_is_not_understood_is_refused_everywhere(counter: Counter, wrong: Any) -> None:
    given, error = json.dumps(wrong), "invalid_authorization_details"
    counter.browser.page = None
    answer = counter.browser.get(counter.site.authorize_url(authorization_details=given))
    assert answer_of(answer)["error"] == error
    pushed = counter.provider.push(counter.client, redirect_uri=CALLBACK, authorization_details=given)
    assert pushed.json["error"] == error
    counter.ask(FILE, scope="openid")
    assert counter.redeem(counter.allow(), authorization_details=given).json["error"] == error


def test_a_payment_takes_a_second_factor_and_is_shown_at_both_steps(counter: Counter) -> None:
    page = counter.ask(FEE, scope="openid")
    assert page.path == "/login/code"
    for said in ("Thanh toán lệ phí", "1.250.000 đồng", "Kho bạc Nhà nước Đà Nẵng"):
        assert said in page.text, said
    page.enter_code(counter.secret)
    assert page.path == "/consent"
    for said in ("1.250.000 đồng", "Kho bạc Nhà nước Đà Nẵng", "Lệ phí cấp giấy phép xây dựng", "TB-2025/0042"):
        assert said in page.text, said
    reply = counter.redeem(counter.allow())
    assert reply.json["authorization_details"] == [FEE]
    assert "refresh_token" not in reply.json  # one payment is one payment


def test_by_par_and_never_remembered(counter: Counter) -> None:
    for _ in range(2):
        pushed = counter.provider.push(
            counter.client,
            redirect_uri=CALLBACK,
            scope="openid",
            code_challenge=counter.site.authorize_url().split("code_challenge=")[1].split("&")[0],
            authorization_details=json.dumps([FILE]),
        )
        counter.browser.get(f"/authorize?client_id=portal&request_uri={pushed.json['request_uri']}")
        assert counter.browser.path == "/consent"
        assert counter.redeem(counter.allow()).json["authorization_details"] == [FILE]


def test_a_machine_has_nobody_who_grants_them(provider: Provider) -> None:
    machine = provider.machine(authorization_details_types=["ho_so"])
    reply = provider.token(machine, grant_type="client_credentials", authorization_details=json.dumps([FILE]))
    assert reply.json["error"] == "invalid_authorization_details"


def test_discovery_names_the_types(provider: Provider) -> None:
    types = provider.ask("/.well-known/openid-configuration").json["authorization_details_types_supported"]
    assert {"ho_so", "le_phi"} <= set(types)


def test_what_a_device_asks_for_is_shown_where_the_person_answers(site: Site) -> None:
    provider = Provider(site.services, routes(site.services))
    kiosk = device_client(provider, authorization_details_types=["ho_so", "le_phi"], scope="openid device_sso")
    asked = ask(provider, kiosk, scope="openid device_sso", authorization_details=json.dumps([READ]))
    browser = person(site)
    enter(browser, asked["user_code"])
    for said in ("Truy cập hồ sơ của bạn", "H17.12-251101-0042", "Xem hồ sơ và giấy tờ", "Đăng nhập chung"):
        assert said in browser.text, said
    browser.submit("/requests", decision="allow")
    answer = device_poll(provider, kiosk, asked["device_code"]).json
    assert answer["authorization_details"] == [READ]
    paying = provider.posted("/device_authorization", kiosk, scope="openid", authorization_details=json.dumps([FEE]))
    assert paying.json["error"] == "invalid_authorization_details"
