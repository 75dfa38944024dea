"""From the authorization request to the claims: the code flow as a client lives it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from base.clock import FixedClock
from tests.provider import REDIRECT, Provider, Registered


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=="))
    return found


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client()


@pytest.fixture
def cookie(provider: Provider, client: Registered) -> str:
    person = provider.person()
    provider.consent(person, client.client)
    return provider.session(person)


def test_the_whole_flow(provider: Provider, client: Registered, cookie: str) -> None:
    reply = provider.authorize(client, cookie, scope="openid profile email")
    assert reply.status == 303
    assert reply.location.startswith(REDIRECT + "?")
    assert reply.params["state"] == "xyz"
    assert reply.params["iss"] == "http://localhost:8000"
    tokens = provider.redeem(client, reply.params["code"])
    assert tokens.status == 200, tokens.body
    assert tokens.headers["Cache-Control"] == "no-store"
    assert tokens.headers["Pragma"] == "no-cache"
    answer = tokens.json
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 600
    access, identity = claims_of(answer["access_token"]), claims_of(answer["id_token"])
    assert access["aud"] == "http://localhost:8000"
    assert identity["aud"] == client.id
    assert identity["nonce"] == "n-1"
    assert identity["acr"] == "urn:vn:xt:1"
    assert identity["amr"] == ["pwd"]
    assert identity["sub"] == access["sub"]
    assert not {"name", "email", "birthdate"} & identity.keys()
    told = provider.userinfo(answer["access_token"])
    assert told.json["name"] == "Nguyễn Thị Lan"
    assert told.json["sub"] == identity["sub"]
    assert "address" not in told.json


def test_a_spent_code_kills_its_family(provider: Provider, client: Registered, cookie: str) -> None:
    code = provider.code(client, cookie)
    first = provider.redeem(client, code).json
    again = provider.redeem(client, code)
    assert (again.status, again.json["error"]) == (400, "invalid_grant")
    assert provider.userinfo(first["access_token"]).status == 401
    assert provider.refresh(client, first["refresh_token"]).json["error"] == "invalid_grant"
    assert provider.posted("/introspect", client, token=first["access_token"]).json == {"active": False}


def test_a_code_lives_a_minute(provider: Provider, client: Registered, cookie: str, clock: FixedClock) -> None:
    young, old = provider.code(client, cookie), provider.code(client, cookie)
    clock.move(55)
    assert provider.redeem(client, young).status == 200
    clock.move(6)
    assert provider.redeem(client, old).json["error"] == "invalid_grant"


def test_another_client_neither_gets_nor_burns_a_code(provider: Provider, client: Registered, cookie: str) -> None:
    code = provider.code(client, cookie)
    thief = provider.client()
    assert provider.redeem(thief, code).json["error"] == "invalid_grant"
    assert provider.redeem(client, code).status == 200


@pytest.mark.parametrize(
    "wrong",
    [{"code_verifier": "x" * 43}, {"code_verifier": None}, {"redirect_uri": REDIRECT + "/"}, {"redirect_uri": None}],
)
def test_its_own_client_burns_a_code_by_a_wrong_proof(
    provider: Provider, client: Registered, cookie: str, wrong: dict[str, str | None]
) -> None:
    code = provider.code(client, cookie)
    assert provider.redeem(client, code, **wrong).json["error"] == "invalid_grant"
    assert provider.redeem(client, code).json["error"] == "invalid_grant"


def test_refresh_rotates_and_reuse_kills_the_family(
    provider: Provider, client: Registered, cookie: str, clock: FixedClock
) -> None:
    first = provider.redeem(client, provider.code(client, cookie)).json
    second = provider.refresh(client, first["refresh_token"]).json
    assert second["refresh_token"] != first["refresh_token"]
    assert "nonce" not in claims_of(second["id_token"])
    assert claims_of(second["id_token"])["auth_time"] == claims_of(first["id_token"])["auth_time"]
    assert provider.userinfo(second["access_token"]).status == 200
    clock.move(10)
    assert provider.refresh(client, first["refresh_token"]).json["error"] == "invalid_grant"
    assert provider.refresh(client, second["refresh_token"]).json["error"] == "invalid_grant"
    assert provider.userinfo(second["access_token"]).status == 401


def test_refresh_narrows_but_never_widens(provider: Provider, client: Registered, cookie: str) -> None:
    first = provider.redeem(client, provider.code(client, cookie, scope="openid profile")).json
    wider = provider.refresh(client, first["refresh_token"], scope="openid email")
    assert wider.json["error"] == "invalid_scope"
    narrow = provider.refresh(client, first["refresh_token"], scope="openid").json
    assert narrow["scope"] == "openid"
    full = provider.refresh(client, narrow["refresh_token"]).json
    assert full["scope"] == "openid profile"


def test_an_online_family_ends_with_the_session_time(
    provider: Provider, client: Registered, cookie: str, clock: FixedClock
) -> None:
    online = provider.redeem(client, provider.code(client, cookie)).json
    offline = provider.redeem(client, provider.code(client, cookie, scope="openid offline_access")).json
    clock.move(12 * 3600)
    assert provider.refresh(client, online["refresh_token"]).json["error"] == "invalid_grant"
    assert provider.refresh(client, offline["refresh_token"]).status == 200


def test_absolute_end_of_an_offline_family(
    provider: Provider, client: Registered, cookie: str, clock: FixedClock
) -> None:
    tokens = provider.redeem(client, provider.code(client, cookie, scope="openid offline_access")).json
    for _ in range(4):
        clock.move(22 * 86_400)
        tokens = provider.refresh(client, tokens["refresh_token"]).json
    clock.move(3 * 86_400)
    assert provider.refresh(client, tokens["refresh_token"]).json["error"] == "invalid_grant"


def test_rs256_where_the_registration_says_nothing(provider: Provider, cookie: str) -> None:
    client = provider.client(id_token_signed_response_alg=None, trusted=True)
    answer = provider.redeem(client, provider.code(client, cookie)).json
    header = json.loads(base64.urlsafe_b64decode(answer["id_token"].split(".")[0] + "=="))
    assert header["alg"] == "RS256"


def test_pairwise_by_default_public_on_request(provider: Provider, cookie: str) -> None:
    subjects = []
    for changes in (
        {"redirect_uris": [REDIRECT]},
        {"redirect_uris": [REDIRECT, "https://portal.example.vn/other"]},
        {"redirect_uris": [REDIRECT], "subject_type": "public"},
    ):
        client = provider.client(trusted=True, **changes)
        answer = provider.redeem(client, provider.code(client, cookie)).json
        subjects.append(claims_of(answer["id_token"])["sub"])
    assert subjects[0] == subjects[1]
    assert subjects[0] != subjects[2]


def test_claims_parameter_puts_claims_where_they_were_asked(provider: Provider, cookie: str) -> None:
    client = provider.client(trusted=True)
    asked = json.dumps({"id_token": {"name": {"essential": True}}, "userinfo": {"email": None, "unknown": None}})
    answer = provider.redeem(client, provider.code(client, cookie, claims=asked)).json
    assert claims_of(answer["id_token"])["name"] == "Nguyễn Thị Lan"
    told = provider.userinfo(answer["access_token"]).json
    assert told["email"] == "lan@example.vn"
    assert "name" not in told


def test_form_post(provider: Provider, client: Registered, cookie: str) -> None:
    reply = provider.authorize(client, cookie, response_mode="form_post", state='"><script>')
    assert reply.status == 200
    page = reply.body.decode()
    assert f'action="{REDIRECT}"' in page
    assert 'name="code"' in page
    assert 'name="iss" value="http://localhost:8000"' in page
    assert "<script>&" not in page
    assert page.count("<script>") == 1
    assert "form-action https://portal.example.vn" in reply.headers["Content-Security-Policy"]
    assert reply.headers["Cache-Control"] == "no-store"
