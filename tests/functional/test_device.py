"""The device grant with real pages: a kiosk shows a code, a person enters it on her telephone, looks, and answers."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from base.ids import hash_secret
from base.texts import Text
from idp.flows.background import reap
from idp.flows.disable_user import disable_user
from idp.flows.end_session import end_all
from idp.models import deferred_requests
from idp.protocol.deferred import CIBA, DEVICE_CODE
from idp.protocol.details.credential import SHA256_OID, TYPE
from idp.protocol.user_codes import ALPHABET
from idp.web.hot import routes
from keys.api import TokenType
from tests.elsewhere import ciba_poll, device_poll
from tests.functional.idp_site import Browser, Site
from tests.proofs import HeldKey
from tests.provider import Provider, Registered


@pytest.fixture
def kiosk(site: Site) -> Provider:
    """The protocol side of the same provider."""
    return Provider(site.services, routes(site.services))


@pytest.fixture
def client(kiosk: Provider) -> Registered:
    return device_client(kiosk)


def device_client(kiosk: Provider, **metadata: Any) -> Registered:
    return kiosk.client(
        **{
            "client_name": "Ki-ốt một cửa",
            "redirect_uris": None,
            "grant_types": [DEVICE_CODE, "refresh_token"],
            "scope": "openid profile offline_access",
            "purpose": Text("Tra cứu hồ sơ tại ki-ốt", "Looking up dossiers at the kiosk"),
        }
        | metadata
    )


def ask(kiosk: Provider, client: Registered, **form: str) -> dict[str, Any]:
    reply = kiosk.posted("/device_authorization", client, **{"scope": "openid profile", **form})
    assert reply.status == 200, reply.body
    return reply.json


def person(site: Site, name: str = "hong", **more: Any) -> Browser:
    site.add_user(name, **more)
    browser = site.browser()
    browser.sign_in(name)
    return browser


def enter(browser: Browser, code: str) -> None:
    browser.get("/device")
    browser.submit("/device", user_code=code)


def test_the_whole_road(site: Site, kiosk: Provider, client: Registered) -> None:
    made = ask(kiosk, client)
    assert re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", made["user_code"])
    assert made["verification_uri"].endswith("/device")
    assert made["verification_uri_complete"].endswith(f"/device?user_code={made['user_code']}")
    assert (made["expires_in"], made["interval"]) == (600, 5)
    assert len(made["device_code"]) == 43
    assert device_poll(kiosk, client, made["device_code"]).json["error"] == "authorization_pending"

    site.add_user("hong")
    browser = site.browser()
    browser.get(made["verification_uri_complete"].removeprefix(site.services.issuer))
    assert browser.path == "/login"
    browser.submit("/login", username="hong", password="con trâu đi trước cái cày theo sau")
    assert browser.path == "/device"  # the code is filled in, and still has to be confirmed
    assert made["user_code"] in browser.text
    assert "đúng mã này" in browser.text
    browser.submit("/device", user_code=made["user_code"].lower().replace("-", " "))
    assert browser.path == "/requests"
    for said in (
        "Ki-ốt một cửa",
        "Tra cứu hồ sơ tại ki-ốt",
        "Phòng lừa đảo",
        "Nguyễn Thị Hồng",
        "Thông tin sẽ được gửi",
    ):
        assert said in browser.text, said
    browser.submit("/requests", decision="allow")
    assert "Đã đồng ý" in browser.text

    tokens = device_poll(kiosk, client, made["device_code"])
    assert tokens.status == 200, tokens.body
    assert kiosk.userinfo(tokens.json["access_token"]).json["name"] == "Nguyễn Thị Hồng"
    assert "refresh_token" in tokens.json
    assert "id_token" in tokens.json
    assert len(site.events("idp.deferred.answered")) == 1
    browser.get("/account")
    assert "Ki-ốt một cửa" in browser.text
    browser.submit("/account/services/revoke")
    assert kiosk.userinfo(tokens.json["access_token"]).status == 401


def test_no_ends_it(site: Site, kiosk: Provider, client: Registered) -> None:
    made, browser = ask(kiosk, client), person(site)
    enter(browser, made["user_code"])
    browser.submit("/requests", decision="deny")
    assert "Đã từ chối" in browser.text
    for _ in range(2):
        reply = device_poll(kiosk, client, made["device_code"])
        assert (reply.status, reply.json["error"]) == (400, "access_denied")
    enter(browser, made["user_code"])
    assert "Mã không đúng" in browser.text


def test_polling_too_fast_slows_down_for_good(site: Site, kiosk: Provider, client: Registered) -> None:
    code = ask(kiosk, client)["device_code"]

    def poll() -> str:
        return str(device_poll(kiosk, client, code).json["error"])

    assert [poll(), poll()] == ["authorization_pending", "slow_down"]
    site.clock.move(5)
    assert poll() == "slow_down"  # ten by now
    site.clock.move(14)
    assert poll() == "slow_down"  # fifteen
    site.clock.move(20)
    assert poll() == "authorization_pending"
    site.clock.move(20)
    assert poll() == "authorization_pending"


def test_an_answer_does_not_wait_for_the_interval(site: Site, kiosk: Provider, client: Registered) -> None:
    made, browser = ask(kiosk, client), person(site)
    device_poll(kiosk, client, made["device_code"])
    enter(browser, made["user_code"])
    browser.submit("/requests", decision="allow")
    assert device_poll(kiosk, client, made["device_code"]).status == 200


def test_in_time_or_not_at_all(site: Site, kiosk: Provider, client: Registered) -> None:
    made, browser = ask(kiosk, client), person(site)
    enter(browser, made["user_code"])
    site.clock.move(600)
    browser.submit("/requests", decision="allow")
    assert browser.page is not None
    assert browser.page.status_code == 410
    assert device_poll(kiosk, client, made["device_code"]).json["error"] == "expired_token"
    allowed = ask(kiosk, client)
    enter(browser, allowed["user_code"])
    browser.submit("/requests", decision="allow")
    site.clock.move(600)
    assert device_poll(kiosk, client, allowed["device_code"]).json["error"] == "expired_token"


def test_two_hundred_guesses_are_blocked(site: Site, kiosk: Provider, client: Registered) -> None:
    """OA-37. Also with a right code of one's own in between, and from a fresh browser of the same account."""
    own, browser = ask(kiosk, client)["user_code"], person(site)
    blocked = 0
    for number in range(200):
        enter(browser, "BBBB-BBBB" if number % 5 else own)
        blocked += "quá nhiều lần thử" in browser.text
    assert blocked > 185
    enter(browser, own)
    assert browser.page is not None
    assert browser.page.status_code == 429
    assert int(browser.page.headers["Retry-After"]) > 0
    again = site.browser(address="198.51.100.7")
    again.sign_in("hong")
    enter(again, own)
    assert "quá nhiều lần thử" in again.text
    other = person(site, "minh")  # somebody else, elsewhere, is not blocked
    enter(other, own)
    assert other.path == "/requests"


def test_many_accounts_of_one_network_are_blocked_too(site: Site) -> None:
    answers = []
    for number in range(7):
        browser = person(site, f"nguoi{number}")
        for _ in range(9):
            enter(browser, "BBBB-BBBB")
            answers.append("quá nhiều lần thử" in browser.text)
    assert not any(answers[:50])
    assert all(answers[50:])


@pytest.mark.parametrize("typed", ["", "x", "BBBB-BBB", "BBBB-BBBBB", "AAAA-AAAA", "ế" * 8, "B" * 5000, "BBBB\0BBBB"])
def test_what_cannot_be_a_code(site: Site, typed: str) -> None:
    browser = person(site)
    enter(browser, typed)
    assert browser.page is not None
    assert browser.page.status_code == 400
    assert "Mã không đúng" in browser.text


def test_a_link_or_another_account_does_not_stand_for_the_code(site: Site, kiosk: Provider, client: Registered) -> None:
    made, browser = ask(kiosk, client), person(site)
    enter(browser, made["user_code"])
    form = {**browser.hidden("/requests"), "decision": "allow"}
    victim = person(site, "minh")
    victim.get(f"/requests?request={form['request']}&entered={form['entered']}")
    assert "Yêu cầu không còn hiệu lực" in victim.text
    victim.get("/account")
    victim.post("/requests", {**form, **victim.hidden("/account/sign-out")})
    assert "Yêu cầu không còn hiệu lực" in victim.text
    assert device_poll(kiosk, client, made["device_code"]).json["error"] == "authorization_pending"
    browser.post("/requests", {name: value for name, value in form.items() if name != "csrf"})  # no token of the form
    assert device_poll(kiosk, client, made["device_code"]).json["error"] == "slow_down"


def test_a_wished_level_asks_for_the_second_factor(site: Site, kiosk: Provider, client: Registered) -> None:
    made = ask(kiosk, client, acr_values="urn:vn:xt:2")
    user_id, secret = site.add_user("minh", totp=True)
    browser = site.browser()
    browser.get("/login")
    browser.client.set_cookie("antin_session", kiosk.session(user_id))  # signed in before she had a second factor
    enter(browser, made["user_code"])
    assert browser.path == "/login/code"
    browser.enter_code(secret)
    assert browser.path == "/requests"
    browser.submit("/requests", decision="allow")
    tokens = device_poll(kiosk, client, made["device_code"]).json
    claims = site.services.keys.verify_own_jwt(tokens["id_token"], typ=TokenType.ID, issuer=site.services.issuer)
    assert claims["acr"] == "urn:vn:xt:2"


def test_a_page_left_open_does_not_pass_by_the_second_factor(site: Site, kiosk: Provider, client: Registered) -> None:
    made = ask(kiosk, client, acr_values="urn:vn:xt:2")
    user_id, _ = site.add_user("minh", totp=True)
    browser = site.browser()
    browser.get("/login")
    browser.client.set_cookie("antin_session", kiosk.session(user_id))
    enter(browser, made["user_code"])
    assert browser.page is not None
    at_code = parse_qs(urlsplit(str(browser.page.request.url)).query)["next"][0]
    form = {name: values[0] for name, values in parse_qs(urlsplit(at_code).query).items()}
    browser.post("/requests", {**form, **browser.hidden("/login/code"), "decision": "allow"})
    assert browser.path == "/login/code"
    assert device_poll(kiosk, client, made["device_code"]).json["error"] == "authorization_pending"


def test_a_wish_is_no_wall_for_who_has_one_factor(site: Site, kiosk: Provider, client: Registered) -> None:
    browser = person(site, "hong")
    enter(browser, ask(kiosk, client, acr_values="urn:vn:xt:2")["user_code"])
    assert browser.path == "/requests"
    essential = '{"id_token":{"acr":{"essential":true,"value":"urn:vn:xt:2"}}}'
    enter(browser, ask(kiosk, client, claims=essential)["user_code"])
    assert browser.page is not None
    assert browser.page.status_code == 403
    assert "lớp xác thực thứ hai" in browser.text


def test_ending_the_session_ends_what_was_allowed_in_it(site: Site, kiosk: Provider, client: Registered) -> None:
    made, browser = ask(kiosk, client), person(site)
    enter(browser, made["user_code"])
    browser.submit("/requests", decision="allow")
    with site.services.base.db.read() as connection:
        user_id = connection.execute(select(deferred_requests.c.user_id)).scalar_one()
    end_all(site.services, user_id, "person")
    assert device_poll(kiosk, client, made["device_code"]).json["error"] == "invalid_grant"


def test_disabling_the_person_ends_it(site: Site, kiosk: Provider, client: Registered) -> None:
    made, browser = ask(kiosk, client, scope="openid offline_access"), person(site)
    enter(browser, made["user_code"])
    browser.submit("/requests", decision="allow")
    with site.services.base.db.read() as connection:
        user_id = connection.execute(select(deferred_requests.c.user_id)).scalar_one()
    disable_user(site.services, user_id)
    assert device_poll(kiosk, client, made["device_code"]).json["error"] == "invalid_grant"


def test_a_code_is_bound_to_the_key_it_was_asked_with(site: Site, kiosk: Provider, client: Registered) -> None:
    key, other, browser = HeldKey(), HeldKey(), person(site)
    proof = key.proof("/device_authorization", kiosk.now)
    made = kiosk.posted("/device_authorization", client, proof=proof, scope="openid").json
    for held in (None, other):
        wrong = held.proof("/token", kiosk.now) if held else None
        assert device_poll(kiosk, client, made["device_code"], proof=wrong).json["error"] == "invalid_grant"
    enter(browser, made["user_code"])
    browser.submit("/requests", decision="allow")
    wrong = other.proof("/token", kiosk.now)
    assert device_poll(kiosk, client, made["device_code"], proof=wrong).json["error"] == "invalid_grant"
    right = device_poll(kiosk, client, made["device_code"], proof=key.proof("/token", kiosk.now))
    assert right.json["token_type"] == "DPoP"


def test_a_code_of_one_grant_opens_nothing_by_the_other(site: Site, kiosk: Provider) -> None:
    client = device_client(kiosk, grant_types=[DEVICE_CODE, CIBA])
    made, browser = ask(kiosk, client), person(site)
    enter(browser, made["user_code"])
    browser.submit("/requests", decision="allow")
    assert ciba_poll(kiosk, client, made["device_code"]).json["error"] == "invalid_grant"
    assert device_poll(kiosk, client, made["device_code"]).status == 200


REFUSED: list[tuple[dict[str, str], str]] = [
    ({"scope": ""}, "invalid_scope"),
    ({"scope": "openid email"}, "invalid_scope"),
    ({"resource": "https://else.example.vn"}, "invalid_target"),
    ({"claims": "{"}, "invalid_request"),
    ({"authorization_details": "[]"}, "invalid_authorization_details"),
    ({"request_uri": "https://x.example.vn"}, "request_uri_not_supported"),
]


@pytest.mark.parametrize(("form", "error"), REFUSED)
def test_what_is_refused(kiosk: Provider, client: Registered, form: dict[str, str], error: str) -> None:
    reply = kiosk.posted("/device_authorization", client, **{"scope": "openid", **form})
    assert (reply.status, reply.json["error"]) == (400, error)


def test_who_may_ask(kiosk: Provider) -> None:
    reply = kiosk.posted("/device_authorization", kiosk.client(), scope="openid")
    assert (reply.status, reply.json["error"]) == (400, "unauthorized_client")
    public = device_client(kiosk, token_endpoint_auth_method="none")
    assert kiosk.posted("/device_authorization", public, scope="openid").status == 200
    stranger = kiosk.ask("/device_authorization", method="POST", form={"client_id": "nobody", "scope": "openid"})
    assert (stranger.status, stranger.json["error"]) == (401, "invalid_client")


def test_signing_is_not_begun_from_another_device(kiosk: Provider) -> None:
    client = device_client(kiosk, authorization_details_types=[TYPE])
    document = {"hash": base64.b64encode(b"d" * 32).decode(), "label": "Quyết định 12", "hashType": "SDR"}
    detail = {
        "type": TYPE,
        "credentialID": "key_1",
        "numSignatures": 1,
        "documentDigests": [document],
        "hashAlgorithmOID": SHA256_OID,
    }
    details = json.dumps([detail])
    reply = kiosk.posted("/device_authorization", client, scope="openid", authorization_details=details)
    assert reply.json["error_description"] == "this type must be approved where the request begins"


def test_secrets_are_not_stored_in_clear(site: Site, kiosk: Provider, client: Registered) -> None:
    made = ask(kiosk, client)
    with site.services.base.db.read() as connection:
        row = connection.execute(select(deferred_requests)).one()
    kept = " ".join(str(value) for value in row)
    letters = made["user_code"].replace("-", "")
    without_key = (
        letters,
        hash_secret(letters),
        hash_secret(made["user_code"]),
        base64.b64encode(letters.encode()).decode(),
    )
    for secret in (made["device_code"], made["user_code"], client.secret, *without_key):
        assert secret.rstrip("=") not in kept


def test_what_nobody_answered_leaves_nothing(site: Site, kiosk: Provider, client: Registered) -> None:
    for _ in range(3):
        ask(kiosk, client)
    answered, browser = ask(kiosk, client), person(site)
    enter(browser, answered["user_code"])
    browser.submit("/requests", decision="allow")
    assert device_poll(kiosk, client, answered["device_code"]).status == 200

    def rows() -> int:
        reap(site.services)
        with site.services.base.db.read() as connection:
            return int(connection.execute(select(func.count()).select_from(deferred_requests)).scalar_one())

    assert rows() == 4
    site.clock.move(600 + 601)
    assert rows() == 1  # a replay of the one that was redeemed must still be known as one
    site.clock.move(86_400)
    assert rows() == 0


def test_what_is_signed_is_not_passed_over_in_silence(kiosk: Provider, client: Registered) -> None:
    reply = kiosk.posted("/device_authorization", client, scope="openid", request="e.y.J")
    assert (reply.status, reply.json["error"]) == (400, "request_not_supported")
    signing = kiosk.client(
        grant_types=[DEVICE_CODE], redirect_uris=None, jwks=HeldKey().jwks, require_signed_request_object=True
    )
    reply = kiosk.posted("/device_authorization", signing, scope="openid")
    assert (reply.status, reply.json["error"]) == (400, "unauthorized_client")
