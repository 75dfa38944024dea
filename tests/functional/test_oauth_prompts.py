"""When a person is asked, and what a client hears when it forbids the question."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from base.clock import FixedClock
from base.ids import hash_secret
from idp.flows.consent import addressee
from idp.flows.end_session import end_all
from idp.flows.interactions import describe, read_interaction, refuse, resume_url, resumed
from idp.protocol.details.credential import SHA256_OID, TYPE
from idp.protocol.interaction import Did, Interaction
from idp.store.sessions import add_factors, live_session
from tests.provider import BROWSER, Provider, Registered, Reply

DIGEST = base64.b64encode(hashlib.sha256(b"document").digest()).decode()


def details(**changes: Any) -> str:
    item = {
        "type": TYPE,
        "credentialID": "key_abc",
        "numSignatures": 1,
        "documentDigests": [{"hash": DIGEST, "label": "Quyết định 12", "hashType": "SDR"}],
        "hashAlgorithmOID": SHA256_OID,
    }
    return json.dumps([item | changes])


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client(authorization_details_types=[TYPE])


@pytest.fixture
def person(provider: Provider) -> str:
    return provider.person()


@pytest.fixture
def cookie(provider: Provider, client: Registered, person: str) -> str:
    provider.consent(person, client.client)
    return provider.session(person)


def page(reply: Reply) -> str:
    assert reply.status == 303
    return urlsplit(reply.location).path


def waiting(provider: Provider, reply: Reply) -> Interaction:
    token = parse_qs(urlsplit(reply.location).query)["tx"][0]
    return read_interaction(provider.services, token, hash_secret(BROWSER))


def back(provider: Provider, reply: Reply, cookie: str, did: Did) -> Reply:
    return provider.resume(resume_url(provider.services, waiting(provider, reply), did), cookie)


def approved(provider: Provider, reply: Reply, cookie: str) -> str:
    """Where the consent page leads when the person of that session has allowed everything."""
    services, interaction = provider.services, waiting(provider, reply)
    with services.base.db.read() as connection:
        session = live_session(connection, services.base.clock, services.settings, cookie)
    assert session is not None
    return resumed(services, interaction.approved(addressee(services, session, interaction)))


def prove(provider: Provider, cookie: str, *methods: str) -> str:
    """Prove factors now, as the login pages do; returns the new cookie."""
    services = provider.services
    with services.base.db.begin() as connection:
        session = live_session(connection, services.base.clock, services.settings, cookie)
        assert session is not None
        now = provider.now
        changed = add_factors(
            connection, services.base.clock, services.settings, session.id, dict.fromkeys(methods, now)
        )
    assert changed is not None
    return changed


def test_nobody_is_signed_in(provider: Provider, client: Registered, person: str) -> None:
    reply = provider.authorize(client)
    assert page(reply) == "/login"
    assert describe(provider.services, waiting(provider, reply)).client == client.client
    provider.consent(person, client.client)
    assert "code" in back(provider, reply, provider.session(person), "login").params


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({}, "login_required"),
        ({"id_token_hint": "not.a.token"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
def test_prompt_none_without_a_session(
    provider: Provider, client: Registered, changes: dict[str, str], error: str
) -> None:
    reply = provider.authorize(client, **{"prompt": "none"} | changes)
    assert (reply.params["error"], reply.params["state"]) == (error, "xyz")
    assert reply.params["iss"] == "http://localhost:8000"


def test_prompt_none_with_a_session_and_consent(provider: Provider, client: Registered, cookie: str) -> None:
    assert "code" in provider.authorize(client, cookie, prompt="none").params


def test_prompt_login_wants_the_password_again(provider: Provider, client: Registered, cookie: str) -> None:
    asked = provider.authorize(client, cookie, prompt="login")
    assert page(asked) == "/login"
    # Within the very same second an older sign-in must not pass for a fresh one: the page's word decides.
    unchanged = provider.resume(f"/authorize?{urlsplit(asked.location).query}", cookie)
    assert page(unchanged) == "/login"
    assert "code" in back(provider, asked, prove(provider, cookie, "pwd"), "login").params


def test_prompt_login_is_not_satisfied_by_an_old_password(
    provider: Provider, client: Registered, cookie: str, clock: FixedClock
) -> None:
    clock.move(60)
    asked = provider.authorize(client, cookie, prompt="login")
    assert page(back(provider, asked, cookie, "login")) == "/login"


def test_max_age(provider: Provider, client: Registered, cookie: str, clock: FixedClock) -> None:
    clock.move(30)
    assert "code" in provider.authorize(client, cookie, max_age="30").params
    asked = provider.authorize(client, cookie, max_age="29")
    assert page(asked) == "/login"
    clock.move(5)
    fresh = prove(provider, cookie, "pwd")
    clock.move(60)
    assert "code" in back(provider, asked, fresh, "login").params


def test_max_age_zero_does_not_ask_for_ever(
    provider: Provider, client: Registered, cookie: str, clock: FixedClock
) -> None:
    clock.move(1)
    asked = provider.authorize(client, cookie, max_age="0")
    clock.move(2)
    assert "code" in back(provider, asked, prove(provider, cookie, "pwd"), "login").params


def test_id_token_hint_of_somebody_else(provider: Provider, client: Registered, cookie: str) -> None:
    hint = provider.redeem(client, provider.code(client, cookie)).json["id_token"]
    assert "code" in provider.authorize(client, cookie, prompt="none", id_token_hint=hint).params
    other = provider.person("minh")
    provider.consent(other, client.client)
    theirs = provider.session(other)
    assert provider.authorize(client, theirs, prompt="none", id_token_hint=hint).params["error"] == "login_required"
    asked = provider.authorize(client, theirs, id_token_hint=hint)
    assert page(asked) == "/login"
    still_other = back(provider, asked, prove(provider, theirs, "pwd"), "login")
    assert still_other.params["error"] == "login_required"


def test_a_hint_of_another_client_is_refused(provider: Provider, client: Registered, cookie: str) -> None:
    hint = provider.redeem(client, provider.code(client, cookie)).json["id_token"]
    reply = provider.authorize(provider.client(trusted=True), cookie, id_token_hint=hint)
    assert reply.params["error"] == "invalid_request"


def test_select_account(provider: Provider, client: Registered, cookie: str) -> None:
    asked = provider.authorize(client, cookie, prompt="select_account")
    assert page(asked) == "/select"
    assert "code" in back(provider, asked, cookie, "select").params


def test_acr_values_are_a_wish(provider: Provider, client: Registered, cookie: str, clock: FixedClock) -> None:
    wish = "urn:vn:xt:2 urn:vn:xt:1"
    assert "code" in provider.authorize(client, cookie, acr_values=wish, prompt="none").params
    assert "code" in provider.authorize(client, cookie, acr_values="urn:else:9").params
    asked = provider.authorize(client, cookie, acr_values=wish)
    assert page(asked) == "/login/code"
    assert "code" in back(provider, asked, cookie, "no_code").params
    clock.move(1)
    assert "code" in back(provider, asked, prove(provider, cookie, "otp"), "code").params


def test_an_essential_acr_is_a_condition(provider: Provider, client: Registered, cookie: str) -> None:
    claims = json.dumps({"id_token": {"acr": {"essential": True, "values": ["urn:vn:xt:2"]}}})
    asked = provider.authorize(client, cookie, claims=claims)
    assert page(asked) == "/login/code"
    assert back(provider, asked, cookie, "no_code").params["error"] == "unmet_authentication_requirements"
    silent = provider.authorize(client, cookie, claims=claims, prompt="none")
    assert silent.params["error"] == "interaction_required"


def test_a_new_scope_asks_again(provider: Provider, person: str) -> None:
    client = provider.client()
    cookie = provider.session(person)
    first = provider.authorize(client, cookie)
    assert page(first) == "/consent"
    assert provider.authorize(client, cookie, prompt="none").params["error"] == "consent_required"
    provider.consent(person, provider.client(scope="openid").client)  # for another service: changes nothing
    assert page(provider.authorize(client, cookie)) == "/consent"
    with provider.services.base.db.begin() as connection:
        from idp.store import consents

        consents.grant(connection, person, client.id, frozenset({"openid"}), frozenset(), provider.now)
    assert "code" in provider.authorize(client, cookie, prompt="none").params
    wider = provider.authorize(client, cookie, prompt="none", scope="openid profile")
    assert wider.params["error"] == "consent_required"


def test_consent_given_in_a_request_counts_once(provider: Provider, client: Registered, cookie: str) -> None:
    asked = provider.authorize(client, cookie, prompt="consent")
    assert page(asked) == "/consent"
    onward = approved(provider, asked, cookie)
    assert "code" in provider.resume(onward, cookie).params
    replayed = provider.resume(onward, cookie)
    assert page(replayed) == "/authorize"
    assert page(provider.resume(replayed.location, cookie)) == "/consent"


def test_consent_of_one_person_does_not_count_for_another(provider: Provider, client: Registered, cookie: str) -> None:
    asked = provider.authorize(client, cookie, prompt="consent")
    onward = approved(provider, asked, cookie)
    other = provider.session(provider.person("minh"))
    assert page(provider.resume(onward, other)) == "/consent"


def test_refusing(provider: Provider, client: Registered, cookie: str) -> None:
    asked = provider.authorize(client, cookie, prompt="consent")
    answer = refuse(provider.services, waiting(provider, asked))
    location = dict(answer.headers)["Location"]
    assert parse_qs(urlsplit(location).query)["error"] == ["access_denied"]
    assert parse_qs(urlsplit(location).query)["state"] == ["xyz"]


def test_details_need_a_fresh_factor_and_their_own_consent(
    provider: Provider, client: Registered, person: str, clock: FixedClock
) -> None:
    provider.consent(person, client.client)
    cookie = provider.session(person, otp=True)
    clock.move(1)
    sent = {"authorization_details": details(), "scope": "openid"}
    assert provider.authorize(client, cookie, prompt="none", **sent).params["error"] == "interaction_required"
    asked = provider.authorize(client, cookie, **sent)
    assert page(asked) == "/login/code"
    clock.move(1)
    cookie = prove(provider, cookie, "otp")
    consent_page = back(provider, asked, cookie, "code")
    assert page(consent_page) == "/consent"
    provider.consent(person, client.client)
    onward = approved(provider, consent_page, cookie)
    reply = provider.resume(onward, cookie)
    answer = provider.redeem(client, reply.params["code"]).json
    assert answer["authorization_details"] == json.loads(details())
    assert "refresh_token" not in answer
    told = provider.posted("/introspect", client, token=answer["access_token"]).json
    assert told["acr"] == "urn:vn:xt:2"
    assert told["authorization_details"] == json.loads(details())
    assert page(provider.resume(onward, cookie)) == "/authorize"


def test_details_are_for_the_clients_resource_alone(provider: Provider, person: str, clock: FixedClock) -> None:
    desk = provider.client(authorization_details_types=[TYPE], resource="http://localhost:8000/desk", trusted=True)
    cookie = provider.session(person, otp=True)
    plain = provider.redeem(desk, provider.code(desk, cookie)).json
    assert provider.userinfo(plain["access_token"]).status == 200
    asked = provider.authorize(desk, cookie, authorization_details=details())
    clock.move(1)
    cookie = prove(provider, cookie, "otp")
    consent_page = back(provider, asked, cookie, "code")
    assert page(consent_page) == "/consent"
    provider.consent(person, desk.client)
    activation = provider.redeem(
        desk, provider.resume(approved(provider, consent_page, cookie), cookie).params["code"]
    ).json
    assert provider.userinfo(activation["access_token"]).status == 401


def test_a_client_without_the_type_is_refused(provider: Provider, cookie: str) -> None:
    reply = provider.authorize(provider.client(trusted=True), cookie, authorization_details=details())
    assert reply.params["error"] == "invalid_authorization_details"


def test_an_ended_session_ends_its_online_family(
    provider: Provider, client: Registered, cookie: str, person: str
) -> None:
    online = provider.redeem(client, provider.code(client, cookie)).json
    offline = provider.redeem(client, provider.code(client, cookie, scope="openid offline_access")).json
    code = provider.code(client, cookie)
    end_all(provider.services, person, "person")
    assert provider.userinfo(online["access_token"]).status == 401
    assert provider.refresh(client, online["refresh_token"]).json["error"] == "invalid_grant"
    assert provider.redeem(client, code).json["error"] == "invalid_grant"
    assert provider.refresh(client, offline["refresh_token"]).status == 200
    assert page(provider.authorize(client, cookie)) == "/login"


def test_an_interaction_of_another_browser_starts_afresh(provider: Provider, client: Registered, cookie: str) -> None:
    asked = provider.authorize(client)
    query = urlsplit(asked.location).query
    elsewhere = provider.ask("/authorize", query=query, cookies={"antin_browser": "c" * 43})
    assert page(elsewhere) == "/authorize"
    assert parse_qs(urlsplit(elsewhere.location).query)["client_id"] == [client.id]


def test_an_expired_interaction_starts_afresh(
    provider: Provider, client: Registered, cookie: str, clock: FixedClock
) -> None:
    asked = provider.authorize(client)
    clock.move(3600)
    again = provider.resume(f"/authorize?{urlsplit(asked.location).query}", None)
    assert page(again) == "/authorize"
    assert page(provider.resume(again.location, None)) == "/login"


def test_the_first_visit_gets_a_browser_cookie(provider: Provider, client: Registered) -> None:
    reply = provider.ask("/authorize", query={"client_id": client.id, "redirect_uri": "https://portal.example.vn/cb"})
    assert "antin_browser=" in reply.headers["Set-Cookie"]
    assert "HttpOnly" in reply.headers["Set-Cookie"]
