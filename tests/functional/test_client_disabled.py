"""A disabled client: nothing it holds counts, whatever the form of its tokens."""

from __future__ import annotations

import pytest

from base.clock import FixedClock
from idp.flows.disable_client import disable_client
from tests.provider import Provider


@pytest.mark.parametrize("form", ["jwt", "opaque"])
def test_its_tokens_die_with_it(provider: Provider, form: str, clock: FixedClock) -> None:
    client = provider.client(trusted=True, resource="https://api.example.vn", access_token_format=form)
    api = provider.machine(resource="https://api.example.vn")
    machine = provider.machine(resource="https://api.example.vn", access_token_format=form)
    person = provider.redeem(client, provider.code(client, provider.session(provider.person()))).json
    own = provider.token(machine, grant_type="client_credentials").json["access_token"]
    assert provider.userinfo(person["access_token"]).status == 200
    assert provider.posted("/introspect", api, token=own).json["active"] is True
    for each in (client, machine):
        assert disable_client(provider.services, each.id)
        assert not disable_client(provider.services, each.id)
    clock.move(1)
    assert provider.userinfo(person["access_token"]).status == 401
    assert provider.posted("/introspect", api, token=own).json == {"active": False}
    assert provider.refresh(client, person["refresh_token"]).json["error"] == "invalid_client"
    assert provider.token(machine, grant_type="client_credentials").json["error"] == "invalid_client"


def test_an_unknown_client_is_not_disabled(provider: Provider) -> None:
    assert not disable_client(provider.services, "nobody")
