"""Rotation: the same answer again for a moment, the end of the family afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from base.clock import FixedClock
from idp.flows.end_session import end_all
from idp.models import refresh_tokens
from idp.settings import IdpSettings
from tests.proofs import HeldKey
from tests.provider import REDIRECT, VERIFIER, Provider, Registered


@pytest.fixture
def provider(provider: Provider) -> Provider:
    return provider.with_settings(refresh_grace_seconds=10)


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client(trusted=True)


@pytest.fixture
def person(provider: Provider) -> str:
    return provider.person()


@pytest.fixture
def token(provider: Provider, client: Registered, person: str) -> str:
    answer = provider.redeem(client, provider.code(client, provider.session(person))).json
    return str(answer["refresh_token"])


def rows(provider: Provider) -> int:
    with provider.services.base.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(refresh_tokens)).scalar_one())


def test_a_lost_answer_can_be_had_again(provider: Provider, client: Registered, token: str, clock: FixedClock) -> None:
    first = provider.refresh(client, token).json
    clock.move(9)
    again = provider.refresh(client, token).json
    assert again["refresh_token"] == first["refresh_token"] != token
    assert again["access_token"] != first["access_token"]
    assert rows(provider) == 2
    assert provider.userinfo(again["access_token"]).status == 200
    assert provider.refresh(client, first["refresh_token"]).status == 200


def test_afterwards_it_is_a_replay(provider: Provider, client: Registered, token: str, clock: FixedClock) -> None:
    first = provider.refresh(client, token).json
    clock.move(10)
    assert provider.refresh(client, token).json["error"] == "invalid_grant"
    assert provider.refresh(client, first["refresh_token"]).json["error"] == "invalid_grant"
    assert provider.userinfo(first["access_token"]).status == 401


def test_the_window_is_not_moved_by_repeating(
    provider: Provider, client: Registered, token: str, clock: FixedClock
) -> None:
    for _ in range(3):
        assert provider.refresh(client, token).status == 200
        clock.move(4)
    assert provider.refresh(client, token).status == 400


def test_without_a_window(provider: Provider, client: Registered, token: str) -> None:
    strict = provider.with_settings(refresh_grace_seconds=0)
    first = strict.refresh(client, token).json
    assert strict.refresh(client, token).json["error"] == "invalid_grant"
    assert strict.userinfo(first["access_token"]).status == 401


def test_another_client_gets_nothing(provider: Provider, client: Registered, token: str) -> None:
    first = provider.refresh(client, token).json
    assert provider.refresh(provider.client(trusted=True), token).json["error"] == "invalid_grant"
    assert provider.userinfo(first["access_token"]).status == 200


def test_another_key_ends_the_family_even_in_the_window(provider: Provider, person: str) -> None:
    public = provider.client(trusted=True, token_endpoint_auth_method="none")
    key, thief = HeldKey(), HeldKey()
    code = provider.code(public, provider.session(person), dpop_jkt=key.thumbprint)

    def send(held: HeldKey, **form: str) -> dict[str, str]:
        proof = held.proof("/token", provider.now)
        answer: dict[str, str] = provider.posted("/token", public, proof=proof, **form).json
        return answer

    token = send(key, grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=VERIFIER)
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    first = send(key, **form)
    assert send(thief, **form)["error"] == "invalid_grant"
    assert send(key, **{**form, "refresh_token": first["refresh_token"]})["error"] == "invalid_grant"
    assert provider.userinfo(first["access_token"]).status == 401


def test_a_confidential_client_with_another_key_is_not_the_same_sender(
    provider: Provider, client: Registered, token: str
) -> None:
    key, form = HeldKey(), {"grant_type": "refresh_token", "refresh_token": token}
    first = provider.posted("/token", client, proof=key.proof("/token", provider.now), **form).json
    again = provider.posted("/token", client, proof=key.proof("/token", provider.now), **form).json
    assert again["refresh_token"] == first["refresh_token"]
    other = provider.posted("/token", client, proof=HeldKey().proof("/token", provider.now), **form)
    assert other.json["error"] == "invalid_grant"
    assert provider.refresh(client, first["refresh_token"]).json["error"] == "invalid_grant"


def test_the_window_is_open_by_default() -> None:
    assert IdpSettings().refresh_grace_seconds == 10


def test_a_client_bound_to_its_key_keeps_its_token(provider: Provider, person: str, clock: FixedClock) -> None:
    """FAPI 2.0 Security Profile 5.3.2.1: no rotation."""
    own, proof = HeldKey(), HeldKey()
    made = provider.client(
        profile="fapi2", jwks=own.jwks, trusted=True, token_endpoint_auth_method=None, scope="openid offline_access"
    )
    client = Registered(made.client, "", own)

    def send(**form: str) -> dict[str, str]:
        answer = provider.posted("/token", client, proof=proof.proof("/token", provider.now), **form)
        found: dict[str, str] = answer.json
        return found

    cookie = provider.session(person)
    code = provider.begin(client, provider.pushed(client, scope="openid offline_access", prompt=None), cookie)
    form = {"redirect_uri": REDIRECT, "code_verifier": VERIFIER, "code": code.params["code"]}
    token = send(grant_type="authorization_code", **form)["refresh_token"]
    for _ in range(3):
        answer = send(grant_type="refresh_token", refresh_token=token)
        assert "access_token" in answer
        assert "refresh_token" not in answer
        clock.move(25 * 86_400)
    assert rows(provider) == 1
    clock.move(15 * 86_400 + 1)
    assert send(grant_type="refresh_token", refresh_token=token)["error"] == "invalid_grant"


def test_the_window_does_not_outlive_the_session(
    provider: Provider, client: Registered, person: str, token: str
) -> None:
    assert provider.refresh(client, token).status == 200
    end_all(provider.services, person, "person")
    assert provider.refresh(client, token).json["error"] == "invalid_grant"


def test_a_repeated_answer_may_be_narrower_but_never_wider(provider: Provider, client: Registered, token: str) -> None:
    provider.refresh(client, token)
    assert provider.refresh(client, token, scope="openid email").json["error"] == "invalid_scope"
    assert provider.refresh(client, token, scope="openid").status == 200


def test_nobody_else_can_compute_what_follows(provider: Provider, client: Registered, token: str) -> None:
    successor = provider.refresh(client, token).json["refresh_token"]
    assert len(successor) == 43
    with provider.services.base.db.read() as connection:
        kept = str(connection.execute(select(refresh_tokens)).all())
    assert token not in kept
    assert successor not in kept


def test_without_a_window_no_answer_comes_twice_whatever_the_clocks(
    provider: Provider, client: Registered, token: str, clock: FixedClock
) -> None:
    """The server that spent it was a second ahead: the difference is then below zero, and must not count as in time."""
    strict = provider.with_settings(refresh_grace_seconds=0)
    clock.move(1)
    assert strict.refresh(client, token).status == 200
    clock.move(-1)
    assert strict.refresh(client, token).json["error"] == "invalid_grant"
