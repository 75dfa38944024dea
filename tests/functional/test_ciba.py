"""The backchannel with real pages: a service names a person, she finds the request on her account page and answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from idp.flows.disable_user import disable_user
from idp.models import deferred_requests
from idp.protocol.deferred import CIBA
from idp.web.hot import routes
from tests.elsewhere import ciba_poll
from tests.functional.backchannel import ask, backchannel_client, look, person, send
from tests.functional.idp_site import Site
from tests.proofs import ISSUER, HeldKey, said
from tests.provider import Provider, Registered
from tests.readers import sealed_for

KEY = HeldKey("ES256")


@pytest.fixture
def desk(site: Site) -> Provider:
    """The protocol side of the same provider."""
    return Provider(site.services, routes(site.services))


@pytest.fixture
def client(desk: Provider) -> Registered:
    return backchannel_client(desk)


def test_the_whole_road(site: Site, desk: Provider, client: Registered) -> None:
    site.add_user("hong")
    made = ask(desk, client)
    assert set(made) == {"auth_req_id", "expires_in", "interval"}
    assert (len(made["auth_req_id"]), made["expires_in"], made["interval"]) == (43, 300, 5)
    assert ciba_poll(desk, client, made["auth_req_id"]).json["error"] == "authorization_pending"
    assert ciba_poll(desk, client, made["auth_req_id"]).json["error"] == "slow_down"
    browser = site.browser()
    browser.sign_in("hong")
    assert browser.path == "/account"  # where she lands after signing in, the request stands on top
    for words in ("Yêu cầu đang chờ bạn trả lời", "Tổng đài 1022", "Cuộc gọi 4711", "Xác minh người gọi"):
        assert words in browser.text, words
    look(site, browser)
    for words in ("Tổng đài 1022", "Cuộc gọi 4711", "Phòng lừa đảo", "Nguyễn Thị Hồng"):
        assert words in browser.text, words
    browser.submit("/requests", decision="allow")
    assert "Đã đồng ý" in browser.text
    tokens = ciba_poll(desk, client, made["auth_req_id"])
    assert tokens.status == 200, tokens.body
    assert desk.userinfo(tokens.json["access_token"]).json["name"] == "Nguyễn Thị Hồng"
    browser.get("/account")
    assert "Yêu cầu đang chờ" not in browser.text
    assert len(site.events("idp.backchannel.requested")) == 1


def test_no_is_an_answer(site: Site, desk: Provider, client: Registered) -> None:
    browser = person(site)
    made = ask(desk, client)
    look(site, browser)
    browser.submit("/requests", decision="deny")
    assert ciba_poll(desk, client, made["auth_req_id"]).json["error"] == "access_denied"


def test_the_requested_expiry_shortens(site: Site, desk: Provider, client: Registered) -> None:
    site.add_user("hong")
    made = ask(desk, client, requested_expiry="30")
    assert made["expires_in"] == 30
    assert ask(desk, client, requested_expiry="99999")["expires_in"] == 300
    site.clock.move(30)
    assert ciba_poll(desk, client, made["auth_req_id"]).json["error"] == "expired_token"


def test_an_id_token_is_a_hint(site: Site, desk: Provider, client: Registered) -> None:
    browser = person(site)
    made = ask(desk, client)
    look(site, browser)
    browser.submit("/requests", decision="allow")
    token = ciba_poll(desk, client, made["auth_req_id"]).json["id_token"]
    site.clock.move(1200)  # an expired one will do
    again = ask(desk, client, login_hint=None, id_token_hint=token)
    look(site, browser)
    browser.submit("/requests", decision="allow")
    assert ciba_poll(desk, client, again["auth_req_id"]).status == 200
    with site.services.base.db.read() as connection:
        assert not [
            text for text in connection.execute(select(deferred_requests.c.parameters)).scalars() if token in text
        ]
    other = backchannel_client(desk)
    assert send(desk, other, login_hint=None, id_token_hint=token).json["error"] == "invalid_request"


REFUSED: list[tuple[dict[str, str | None], str]] = [
    ({"login_hint": "nobody"}, "unknown_user_id"),
    ({"login_hint": "\u202e"}, "unknown_user_id"),
    ({"login_hint": None}, "invalid_request"),
    ({"id_token_hint": "x"}, "invalid_request"),
    ({"login_hint": None, "id_token_hint": "x"}, "invalid_request"),
    ({"login_hint": None, "login_hint_token": "x"}, "invalid_request"),
    ({"login_hint": "x" * 201}, "invalid_request"),
    ({"scope": "profile"}, "invalid_scope"),
    ({"scope": None}, "invalid_scope"),
    ({"scope": "openid email"}, "invalid_scope"),
    ({"binding_message": "x" * 61}, "invalid_binding_message"),
    ({"binding_message": "<b>"}, "invalid_binding_message"),
    ({"binding_message": "1\u202e2"}, "invalid_binding_message"),
    ({"binding_message": "Аpple"}, "invalid_binding_message"),  # the first letter is Cyrillic
    ({"binding_message": "a\n"}, "invalid_binding_message"),
    ({"requested_expiry": "0"}, "invalid_request"),
    ({"requested_expiry": "-1"}, "invalid_request"),
    ({"requested_expiry": "1.5"}, "invalid_request"),
    ({"requested_expiry": "²"}, "invalid_request"),
    ({"user_code": "1234"}, "invalid_request"),
    ({"request": "a.b.c"}, "invalid_request"),  # not registered to sign
    ({"resource": "https://else.example.vn"}, "invalid_target"),
]


@pytest.mark.parametrize(("form", "error"), REFUSED, ids=lambda value: value if isinstance(value, str) else said(value))
def test_what_is_refused(site: Site, desk: Provider, client: Registered, form: dict[str, Any], error: str) -> None:
    site.add_user("hong")
    reply = send(desk, client, **form)
    assert (reply.status, reply.json["error"]) == (400, error)


def test_who_may_ask(site: Site, desk: Provider) -> None:
    site.add_user("hong")
    reply = send(desk, desk.client())
    assert (reply.status, reply.json["error"]) == (400, "unauthorized_client")
    form = {"client_id": "nobody", "scope": "openid", "login_hint": "hong"}
    stranger = desk.ask("/backchannel_authentication", method="POST", form=form)
    assert (stranger.status, stranger.json["error"]) == (401, "invalid_client")


def test_a_disabled_account_looks_like_none(site: Site, desk: Provider, client: Registered) -> None:
    user_id, _ = site.add_user("hong")
    made = ask(desk, client)
    disable_user(site.services, user_id)
    gone, never = send(desk, client), send(desk, client, login_hint="nobody")
    assert (gone.status, gone.body) == (never.status, never.body)
    assert ciba_poll(desk, client, made["auth_req_id"]).json["error"] == "access_denied"


def test_a_service_cannot_go_through_a_list_of_names(site: Site, desk: Provider, client: Registered) -> None:
    site.add_user("hong")
    answers = [send(desk, client, login_hint=f"name{number}") for number in range(40)]
    assert [reply.json["error"] for reply in answers].count("unknown_user_id") == 30
    refused = send(desk, client)
    assert (refused.status, refused.json["error"]) == (403, "access_denied")
    assert send(desk, backchannel_client(desk)).status == 200  # another service is not touched


def test_a_service_cannot_heap_requests_on_a_person(site: Site, desk: Provider, client: Registered) -> None:
    site.add_user("hong")
    answers = [send(desk, client).status for _ in range(12)]
    assert answers == [200] * 10 + [403] * 2
    site.clock.move(300)
    assert send(desk, client).status == 200


def test_another_person_neither_sees_nor_answers(site: Site, desk: Provider, client: Registered) -> None:
    site.add_user("hong")
    made = ask(desk, client)
    other = person(site, "minh")
    assert "Tổng đài 1022" not in other.text
    look(site, other)
    assert "Yêu cầu không còn hiệu lực" in other.text
    other.get("/account")
    with site.services.base.db.read() as connection:
        request_id = connection.execute(select(deferred_requests.c.id)).scalar_one()
    form = {"request": request_id, "decision": "allow"}
    other.post("/requests", {**form, **other.hidden("/account/sign-out")})
    assert "Yêu cầu không còn hiệu lực" in other.text
    assert ciba_poll(desk, client, made["auth_req_id"]).json["error"] == "authorization_pending"


@pytest.mark.parametrize("name", ["", "dfr_", "x", "%00", "dfr_%00" + "a" * 21, "dfr_" + "%FF" * 22, "dfr_" + "a" * 22])
def test_what_is_no_request_of_ours(site: Site, name: str) -> None:
    browser = person(site)
    assert browser.get(f"/requests?request={name}&entered=%00").status_code == 410


def test_an_answer_given_in_two_tabs_counts_once(site: Site, desk: Provider, client: Registered) -> None:
    browser = person(site)
    made = ask(desk, client)
    look(site, browser)
    form = browser.hidden("/requests")
    browser.post("/requests", {**form, "decision": "deny"})
    browser.post("/requests", {**form, "decision": "allow"})
    assert "Yêu cầu không còn hiệu lực" in browser.text
    assert ciba_poll(desk, client, made["auth_req_id"]).json["error"] == "access_denied"


# ── Signed requests ──────────────────────────────────────────────────────────────────────────────────────────────


def signing_client(desk: Provider, **metadata: Any) -> Registered:
    added = backchannel_client(
        desk,
        **{
            "profile": "fapi2",
            "jwks": KEY.jwks,
            "backchannel_authentication_request_signing_alg": "ES256",
            "id_token_signed_response_alg": None,
        }
        | metadata,
    )
    return Registered(added.client, "", KEY)


def signed(desk: Provider, client: Registered, key: HeldKey = KEY, **changes: Any) -> str:
    now = desk.now
    claims: dict[str, Any] = {
        "iss": client.id,
        "aud": ISSUER,
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": f"jti-{changes.pop('number', 1)}",
        "scope": "openid",
        "login_hint": "hong",
        "requested_expiry": 60,
    }
    return key.sign(claims, **changes)


def test_a_signed_request_counts_alone_and_once(site: Site, desk: Provider) -> None:
    site.add_user("hong")
    client = signing_client(desk)
    request = signed(desk, client)
    reply = desk.posted("/backchannel_authentication", client, request=request, scope="openid profile", login_hint="x")
    assert reply.status == 200, reply.body
    assert reply.json["expires_in"] == 60
    again = desk.posted("/backchannel_authentication", client, request=request)
    assert (again.status, again.json["error"]) == (400, "invalid_request")
    unsigned = desk.posted("/backchannel_authentication", client, scope="openid", login_hint="hong")
    assert unsigned.json["error_description"] == "this client must sign its requests"


BROKEN: list[dict[str, Any]] = [
    {"aud": "https://else.example.vn"},
    {"aud": None},
    {"iss": "somebody"},
    {"iss": None},
    {"exp": 1},
    {"exp": None},
    {"nbf": None},
    {"nbf": 99_999_999_999},
    {"nbf": 1},
    {"iat": None},
    {"jti": None},
    {"jti": 7},
    {"sub": "hong"},
    {"scope": None},
    {"login_hint": True},
    {"key": HeldKey("ES256")},
    {"key": HeldKey("PS256")},
]


@pytest.mark.parametrize("changes", BROKEN, ids=said)
def test_a_broken_signed_request(site: Site, desk: Provider, changes: dict[str, Any]) -> None:
    site.add_user("hong")
    client = signing_client(desk)
    reply = desk.posted("/backchannel_authentication", client, request=signed(desk, client, **changes))
    assert reply.status == 400
    assert reply.json["error"] in ("invalid_request", "invalid_scope")


def test_a_signed_request_may_be_encrypted_to_us_and_is_no_token_of_another_kind(site: Site, desk: Provider) -> None:
    site.add_user("hong")
    client, keys = signing_client(desk), json.loads(desk.services.keys.jwks())
    sealed = sealed_for(keys, "RSA-OAEP-256", signed(desk, client))
    assert desk.posted("/backchannel_authentication", client, request=sealed).status == 200
    damaged = desk.posted("/backchannel_authentication", client, request=sealed[:-4] + "AAAA")
    assert damaged.json["error_description"] == "the signed request does not verify (not_decrypted)"
    for number, typ in enumerate(("at+jwt", "logout+jwt", "dpop+jwt"), 2):
        foreign = signed(desk, client, number=number, header={"kid": "k1", "typ": typ})
        refused = desk.posted("/backchannel_authentication", client, request=foreign)
        assert refused.json["error_description"] == "the signed request does not verify (typ_refused)"


def test_tokens_of_that_profile_are_bound(site: Site, desk: Provider) -> None:
    browser, client = person(site), signing_client(desk)
    key, other = HeldKey(), HeldKey()
    proof = key.proof("/backchannel_authentication", desk.now)
    made = desk.posted("/backchannel_authentication", client, proof=proof, request=signed(desk, client)).json
    look(site, browser)
    browser.submit("/requests", decision="allow")
    for held in (None, other):
        wrong = held.proof("/token", desk.now) if held else None
        assert ciba_poll(desk, client, made["auth_req_id"], proof=wrong).status == 400
    right = ciba_poll(desk, client, made["auth_req_id"], proof=key.proof("/token", desk.now))
    assert right.json["token_type"] == "DPoP"


@pytest.mark.parametrize(
    ("audience", "status"),
    [
        (ISSUER, 200),
        (f"{ISSUER}/token", 200),
        (f"{ISSUER}/backchannel_authentication", 200),
        (f"{ISSUER}/par", 401),
        ("https://else.example.vn/token", 401),
        ([ISSUER], 401),
    ],
)
def test_how_a_client_of_the_backchannel_may_name_us(site: Site, desk: Provider, audience: Any, status: int) -> None:
    site.add_user("hong")
    client = signing_client(desk)
    form = {"request": signed(desk, client), **KEY.assertion(client.id, desk.now, aud=audience)}
    reply = desk.ask("/backchannel_authentication", method="POST", form=form)
    assert reply.status == status, reply.body
    polled = {"grant_type": CIBA, "auth_req_id": "x", **KEY.assertion(client.id, desk.now, aud=audience)}
    answer = desk.ask("/token", method="POST", form=polled)
    assert (answer.json["error"] == "invalid_client") == (status == 401)


def test_a_client_of_a_strict_profile_names_the_issuer_alone(desk: Provider) -> None:
    client = desk.machine(profile="machine", jwks=KEY.jwks, token_endpoint_auth_method="private_key_jwt")
    for audience, status in ((f"{ISSUER}/token", 401), (ISSUER, 200)):
        form = {"grant_type": "client_credentials", **KEY.assertion(client.id, desk.now, aud=audience)}
        assert desk.ask("/token", method="POST", form=form).status == status
