"""An initial access token of one use, presented by eight at once: one client each time, and nothing of the rest."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from base.ids import hash_secret
from idp.errors import OAuthError, RegistrationRefused
from idp.flows.invite_client import invite_client
from idp.flows.manage_client import replace_client
from idp.flows.register_dynamically import register_dynamically
from idp.models import clients, initial_access_tokens
from tests.contract.races import race
from tests.provider import REDIRECT, Provider

pytestmark = [pytest.mark.race, pytest.mark.slow]
METADATA = {"client_name": "Đối tác", "redirect_uris": [REDIRECT]}
ROUNDS = 200


@pytest.fixture
def provider(pg_provider: Provider) -> Provider:
    return pg_provider.with_settings(registrations_per_network=1_000_000)


def test_an_invitation_is_spent_once(provider: Provider) -> None:
    def register(token: str) -> int:
        try:
            register_dynamically(provider.services, METADATA, token, "203.0.113.1")
        except OAuthError as error:
            return 400 if error.code == "invalid_token" else 500
        return 200

    tokens = [
        invite_client(provider.services, uses=1, lifetime_seconds=600, policy="standard", organisation_code=None)
        for _ in range(ROUNDS)
    ]
    outcome = race(tokens, register)
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)
    with provider.services.base.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(clients)).scalar() == ROUNDS
        assert connection.execute(select(func.sum(initial_access_tokens.c.uses_left))).scalar() == 0


def test_of_two_replacements_with_one_token_one_counts(provider: Provider) -> None:
    known: dict[str, str] = {}

    def replace(token: str) -> int:
        try:
            replace_client(
                provider.services, known[token], token, {**METADATA, "client_id": known[token]}, "203.0.113.1"
            )
        except RegistrationRefused:
            return 500
        except OAuthError:
            return 400
        return 200

    invitation = invite_client(
        provider.services, uses=ROUNDS, lifetime_seconds=600, policy="standard", organisation_code=None
    )
    for _ in range(ROUNDS):
        added = register_dynamically(provider.services, METADATA, invitation, "203.0.113.1")
        known[added["registration_access_token"]] = added["client_id"]
    outcome = race(list(known), replace)
    assert (outcome.doubles, outcome.unredeemed, outcome.faults) == (0, 0, 0)


def test_the_harness_catches_a_naive_build(provider: Provider) -> None:
    """Look, register, then count down."""
    database, table = provider.services.base.db, initial_access_tokens

    def naive(token: str) -> int:
        mine = table.c.token_hash == hash_secret(token)
        with database.read() as connection:
            left = connection.execute(select(table.c.uses_left).where(mine)).scalar_one()
        if left < 1:
            return 400
        provider.services.keys.mac("registering takes a moment", token)
        with database.begin() as connection:
            connection.execute(table.update().where(mine).values(uses_left=left - 1))
        return 200

    tokens = [
        invite_client(provider.services, uses=1, lifetime_seconds=600, policy="standard", organisation_code=None)
        for _ in range(30)
    ]
    assert race(tokens, naive).doubles > 0
