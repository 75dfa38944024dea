"""Resource indicators: one audience per token, within what was granted, with the scopes that belong there."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from idp.errors import RegistrationRefused
from idp.flows.register_resource import register_resource
from keys.api import TokenType
from tests.proofs import HeldKey
from tests.provider import REDIRECT, REQUEST, VERIFIER, Provider, Registered, browser_cookies

LAND, HOUSE = "https://land.example.vn", "https://house.example.vn"
SCOPE = "openid profile land.read land.write house.read"


def described(resource: str, name: str, *scopes: str) -> dict[str, Any]:
    return {"resource": resource, "name": name, "scopes": {word: {"vi": word, "en": word} for word in scopes}}


@pytest.fixture
def provider(provider: Provider) -> Provider:
    register_resource(provider.services, described(LAND, "Địa chính", "land.read", "land.write"))
    register_resource(provider.services, described(HOUSE, "Hộ tịch", "house.read"))
    return provider


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client(trusted=True, scope=f"{SCOPE} offline_access", resources=[LAND, HOUSE])


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


def claims_of(provider: Provider, answer: dict[str, Any]) -> dict[str, Any]:
    token = answer["access_token"]
    return provider.services.keys.verify_own_jwt(token, typ=TokenType.ACCESS, issuer=provider.services.issuer)


def code_for(provider: Provider, client: Registered, cookie: str, *resources: str, scope: str = SCOPE) -> str:
    query = [("client_id", client.id), *{**REQUEST, "scope": scope}.items(), *(("resource", r) for r in resources)]
    reply = provider.ask("/authorize", query=urlencode(query), cookies=browser_cookies(cookie))
    assert "code" in reply.params, reply
    return reply.params["code"]


def test_each_token_goes_to_one_place_with_its_scope(provider: Provider, client: Registered, cookie: str) -> None:
    first = provider.redeem(client, code_for(provider, client, cookie, LAND, HOUSE), resource=LAND).json
    claims = claims_of(provider, first)
    assert (claims["aud"], claims["scope"], first["scope"]) == (LAND, "land.read land.write", "land.read land.write")
    assert "id_token" in first
    second = provider.refresh(client, first["refresh_token"], resource=HOUSE).json
    assert (claims_of(provider, second)["aud"], second["scope"]) == (HOUSE, "house.read")
    third = provider.refresh(client, second["refresh_token"]).json
    assert claims_of(provider, third)["aud"] == provider.services.issuer
    narrow = provider.refresh(client, third["refresh_token"], resource=LAND, scope="land.read").json
    assert narrow["scope"] == "land.read"


def test_a_token_for_one_resource_is_nothing_at_another(provider: Provider, client: Registered, cookie: str) -> None:
    token = provider.redeem(client, code_for(provider, client, cookie, LAND), resource=LAND).json["access_token"]
    at = {place: provider.machine(resource=place) for place in (LAND, HOUSE)}
    assert provider.posted("/introspect", at[LAND], token=token).json["aud"] == LAND
    assert provider.posted("/introspect", at[HOUSE], token=token).json == {"active": False}
    assert provider.userinfo(token).status == 401


def test_who_may_only_name_a_resource_does_not_learn_about_its_tokens(
    provider: Provider, client: Registered, cookie: str
) -> None:
    token = provider.redeem(client, code_for(provider, client, cookie, LAND), resource=LAND).json["access_token"]
    other = provider.client(resources=[LAND])
    assert provider.posted("/introspect", other, token=token).json == {"active": False}


@pytest.mark.parametrize(
    ("asked", "resource", "error"),
    [
        ((LAND,), HOUSE, "invalid_target"),
        ((LAND, HOUSE), "https://else.example.vn", "invalid_target"),
        ((), "https://else.example.vn", "invalid_target"),
    ],
)
def test_beyond_what_was_granted(
    provider: Provider, client: Registered, cookie: str, asked: tuple[str, ...], resource: str, error: str
) -> None:
    code = code_for(provider, client, cookie, *asked)
    assert provider.redeem(client, code, resource=resource).json["error"] == error
    token = provider.redeem(client, code).json["refresh_token"]
    assert provider.refresh(client, token, resource=resource).json["error"] == error
    assert provider.refresh(client, token).status == 200


def test_several_at_once_are_several_tokens(provider: Provider, client: Registered, cookie: str) -> None:
    code = code_for(provider, client, cookie, LAND, HOUSE, scope="land.read house.read")
    assert provider.redeem(client, code).json["error"] == "invalid_target"
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    both = urlencode([*form.items(), ("resource", LAND), ("resource", HOUSE)])
    reply = provider.ask("/token", method="POST", form=both, headers={"Authorization": client.basic})
    assert reply.json["error"] == "invalid_target"
    assert provider.redeem(client, code, resource=HOUSE).json["scope"] == "house.read"


def test_one_granted_place_need_not_be_named_again(provider: Provider, client: Registered, cookie: str) -> None:
    answer = provider.redeem(client, code_for(provider, client, cookie, LAND, scope="land.read house.read")).json
    assert (claims_of(provider, answer)["aud"], answer["scope"]) == (LAND, "land.read")


def test_a_foreign_resource_at_both_front_doors(provider: Provider, client: Registered, cookie: str) -> None:
    refused = provider.authorize(client, cookie, resource="https://else.example.vn")
    assert refused.params["error"] == "invalid_target"
    assert provider.push(client, resource=f"{LAND} https://else.example.vn").json["error"] == "invalid_target"


def test_a_pushed_request_keeps_all_its_resources(provider: Provider, client: Registered, cookie: str) -> None:
    form = [*{**REQUEST, "scope": SCOPE}.items(), ("resource", LAND), ("resource", HOUSE)]
    pushed = provider.ask("/par", method="POST", form=urlencode(form), headers={"Authorization": client.basic})
    code = provider.begin(client, pushed.json["request_uri"], cookie).params["code"]
    token = provider.redeem(client, code, resource=HOUSE).json["refresh_token"]
    assert provider.refresh(client, token, resource=LAND).status == 200


def test_every_named_resource_needs_consent(provider: Provider, cookie: str) -> None:
    client = provider.client(scope="openid land.read", resources=[LAND, HOUSE])
    person = provider.person("minh")
    provider.consent(person, client.client)
    at = provider.session(person)
    assert "code" in provider.authorize(client, at, scope="openid").params
    named = provider.authorize(client, at, scope="openid land.read", resource=LAND)
    assert named.location.startswith("/consent")


def test_a_place_the_person_was_not_shown_is_not_named_later(
    provider: Provider, client: Registered, cookie: str
) -> None:
    """The client is registered for it, but the consent page spoke of our userinfo alone."""
    code = code_for(provider, client, cookie)
    assert provider.redeem(client, code, resource=LAND).json["error"] == "invalid_target"
    tokens = provider.redeem(client, code).json
    assert provider.refresh(client, tokens["refresh_token"], resource=HOUSE).json["error"] == "invalid_target"


def test_a_machine_with_several_resources_names_one(provider: Provider) -> None:
    machine = provider.machine(scope="land.read house.read", resources=[LAND, HOUSE])
    assert provider.token(machine, grant_type="client_credentials").json["error"] == "invalid_target"
    answer = provider.token(machine, grant_type="client_credentials", resource=LAND).json
    assert (claims_of(provider, answer)["aud"], answer["scope"]) == (LAND, "land.read")
    beyond = provider.token(machine, grant_type="client_credentials", resource=LAND, scope="house.read")
    assert beyond.json["error"] == "invalid_scope"


def test_the_scope_of_a_token_is_the_clients_and_not_the_requests(provider: Provider, cookie: str) -> None:
    """X59: words beyond the registration are nowhere, neither in the answer nor in the token."""
    client = provider.client(trusted=True, scope="profile land.read", resources=[LAND])
    refused = provider.authorize(client, cookie, scope="openid land.read")
    assert refused.params["error"] == "invalid_scope"
    unknown = provider.code(client, cookie, scope="land.read house.read made.up", resource=LAND)
    answer = provider.redeem(client, unknown).json
    assert answer["scope"] == claims_of(provider, answer)["scope"] == "land.read"
    assert "id_token" not in answer


def test_a_resource_is_registered_once(provider: Provider) -> None:
    with pytest.raises(RegistrationRefused):
        register_resource(provider.services, described(LAND, "Khác"))


@pytest.mark.parametrize("resources", [["land"], [f"{LAND}#f"], [f"{LAND} {HOUSE}"]])
def test_a_registration_with_a_malformed_resource(provider: Provider, resources: list[str]) -> None:
    with pytest.raises(RegistrationRefused):
        provider.client(resources=resources)


def test_a_signed_request_names_several(provider: Provider, cookie: str) -> None:
    key = HeldKey()
    client = provider.client(trusted=True, scope="land.read house.read", resources=[LAND, HOUSE], jwks=key.jwks)
    asked = {
        **REQUEST, "scope": "land.read house.read", "client_id": client.id, "iss": client.id,
        "aud": provider.services.issuer, "exp": provider.now + 60, "resource": [LAND, HOUSE],
    }  # fmt: skip
    reply = provider.ask(
        "/authorize",
        query={"client_id": client.id, "request": key.sign(asked, {})},
        cookies=browser_cookies(cookie),
    )
    answer = provider.redeem(client, reply.params["code"], resource=HOUSE).json
    assert answer["scope"] == "house.read", json.dumps(answer)
