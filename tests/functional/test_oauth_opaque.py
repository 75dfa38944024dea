"""Opaque access tokens: stored as hashes, read by introspection and userinfo, gone at once when revoked."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from base.clock import FixedClock
from idp.errors import RegistrationRefused
from idp.flows.disable_user import disable_user
from idp.flows.end_session import end_all
from idp.models import access_tokens
from idp.store.reaper import reap_access_tokens
from tests.contract.test_statements import rotated, statements
from tests.proofs import HeldKey
from tests.provider import REDIRECT, VERIFIER, Provider, Registered


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client(trusted=True, access_token_format="opaque")


@pytest.fixture
def person(provider: Provider) -> str:
    return provider.person()


@pytest.fixture
def answer(provider: Provider, client: Registered, person: str) -> dict[str, str]:
    found: dict[str, str] = provider.redeem(client, provider.code(client, provider.session(person))).json
    return found


def rows(provider: Provider) -> int:
    with provider.services.base.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(access_tokens)).scalar_one())


def active(provider: Provider, client: Registered, token: str) -> bool:
    return bool(provider.posted("/introspect", client, token=token).json["active"])


def test_it_works_where_a_jwt_does(provider: Provider, client: Registered, answer: dict[str, str]) -> None:
    token = answer["access_token"]
    assert token.startswith("at.")
    assert token.count(".") == 1
    told = provider.posted("/introspect", client, token=token).json
    assert told["active"] is True
    assert told["client_id"] == client.id
    assert told["aud"] == told["iss"] == provider.services.issuer
    assert provider.userinfo(token).json["sub"] == told["sub"]


def test_it_is_stored_as_a_hash(provider: Provider, answer: dict[str, str]) -> None:
    with provider.services.base.db.read() as connection:
        kept = str(connection.execute(select(access_tokens)).all())
    assert answer["access_token"] not in kept
    assert answer["access_token"].removeprefix("at.") not in kept


def test_others_learn_nothing(provider: Provider, answer: dict[str, str]) -> None:
    other = provider.client()
    assert provider.posted("/introspect", other, token=answer["access_token"]).json == {"active": False}
    refused = provider.posted("/revoke", other, token=answer["access_token"])
    assert refused.json["error"] == "invalid_grant"
    assert provider.userinfo(answer["access_token"]).status == 200


def test_revoked_alone_and_at_once(provider: Provider, client: Registered, answer: dict[str, str]) -> None:
    for _ in range(2):
        assert provider.posted("/revoke", client, token=answer["access_token"]).status == 200
    assert not active(provider, client, answer["access_token"])
    assert provider.userinfo(answer["access_token"]).status == 401
    assert rows(provider) == 0
    assert provider.refresh(client, answer["refresh_token"]).status == 200


def test_it_dies_with_its_family(provider: Provider, client: Registered, answer: dict[str, str]) -> None:
    provider.posted("/revoke", client, token=answer["refresh_token"])
    assert not active(provider, client, answer["access_token"])
    assert provider.userinfo(answer["access_token"]).status == 401


def test_it_dies_with_its_session(provider: Provider, client: Registered, person: str, answer: dict[str, str]) -> None:
    end_all(provider.services, person, "person")
    assert not active(provider, client, answer["access_token"])


def test_it_dies_with_its_person(provider: Provider, client: Registered, person: str, answer: dict[str, str]) -> None:
    disable_user(provider.services, person)
    assert not active(provider, client, answer["access_token"])


def test_it_expires_and_is_reaped(
    provider: Provider, client: Registered, answer: dict[str, str], clock: FixedClock
) -> None:
    clock.move(600)
    assert not active(provider, client, answer["access_token"])
    assert provider.userinfo(answer["access_token"]).status == 401
    clock.move(1)
    with provider.services.base.db.begin() as connection:
        assert reap_access_tokens(connection, provider.services.settings, provider.now) == 1
    assert rows(provider) == 0


def test_a_machines(provider: Provider) -> None:
    machine = provider.machine(access_token_format="opaque", resource="https://api.example.vn")
    token = provider.token(machine, grant_type="client_credentials").json["access_token"]
    api = provider.machine(resource="https://api.example.vn")
    assert active(provider, api, token)
    assert provider.userinfo(token).status == 401
    provider.posted("/revoke", machine, token=token)
    assert not active(provider, api, token)


def test_a_bound_one_needs_its_proof(provider: Provider, client: Registered, person: str) -> None:
    key = HeldKey()
    code = provider.code(client, provider.session(person))
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    answer = provider.posted("/token", client, proof=key.proof("/token", provider.now), **form).json
    token = answer["access_token"]
    assert answer["token_type"] == "DPoP"
    assert provider.userinfo(token).status == 401
    proof = key.proof("/userinfo", provider.now, method="GET", token=token)
    assert provider.ask("/userinfo", headers={"Authorization": f"DPoP {token}", "DPoP": proof}).status == 200
    assert provider.posted("/introspect", client, token=token).json["cnf"] == {"jkt": key.thumbprint}


@pytest.mark.parametrize("wrong", ["at.", "at.x", "at.\u1ebf", "at." + "x" * 5000, "at\x00.x"])
def test_made_up_ones(provider: Provider, client: Registered, wrong: str) -> None:
    assert not active(provider, client, wrong)
    assert provider.userinfo(wrong.encode().decode("latin-1")).status == 401
    assert provider.posted("/revoke", client, token=wrong).status == 200


def test_what_it_costs(provider: Provider, client: Registered, person: str, answer: dict[str, str]) -> None:
    with statements(provider) as seen:
        assert active(provider, client, answer["access_token"])
    assert seen == ["SELECT"]
    code = provider.code(client, provider.session(person))
    with statements(provider) as seen:
        assert provider.redeem(client, code).status == 200
    assert seen == ["SELECT", *rotated(provider, "authorization_codes"), "INSERT access_tokens"]


def test_the_format_is_one_of_two(provider: Provider) -> None:
    with pytest.raises(RegistrationRefused):
        provider.client(access_token_format="paseto")
