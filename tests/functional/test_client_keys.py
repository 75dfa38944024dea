"""
Fetching the keys of clients from where they publish them, against real servers: nothing but a small JWK set counts.

X54; FI-07 (the address itself is judged by base/http.py, tests/functional/test_outgoing_http.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from base.audit import audit_events
from base.clock import FixedClock
from idp.errors import RegistrationRefused
from idp.oauth.client_auth.client_keys import NO_KEYS
from tests.proofs import HeldKey
from tests.provider import Provider, Registered
from tests.readers import Published, published_keys
from tests.unit.keys.test_shared_primes import pair

KEY = HeldKey("ES256")


@pytest.fixture
def servers() -> Iterator[list[Published]]:
    with ExitStack() as stack:
        yield [stack.enter_context(published_keys()) for _ in range(2)]


def registered(provider: Provider, address: str) -> Registered:
    added = provider.client(token_endpoint_auth_method="private_key_jwt", jwks_uri=address)
    return Registered(added.client, "", KEY)


def authenticates(provider: Provider, client: Registered) -> bool:
    answer = provider.token(client, grant_type="refresh_token", refresh_token="x").json["error"]
    return bool(answer == "invalid_grant")


def test_who_shares_an_address_does_not_wait_for_the_others(provider: Provider, servers: list[Published]) -> None:
    """A suite's clients all publish at one address, each after another and each another key."""
    server, following = servers[0], HeldKey("ES256")
    server.keys = KEY.jwks["keys"]
    assert authenticates(provider, registered(provider, server.address))
    server.keys = [{**following.jwks["keys"][0], "kid": "k2"}]
    second = registered(provider, server.address)
    claims = following.assertion(second.id, provider.now, header={"kid": "k2"})
    form = {"grant_type": "refresh_token", "refresh_token": "x", **claims}
    assert provider.ask("/token", method="POST", form=form).json["error"] == "invalid_grant"


def test_keys_are_kept_for_a_while(provider: Provider, servers: list[Published], clock: FixedClock) -> None:
    server = servers[0]
    server.keys = KEY.jwks["keys"]
    client = registered(provider, server.address)
    assert all(authenticates(provider, client) for _ in range(3))
    assert server.asked == 1
    clock.move(301)
    assert authenticates(provider, client)
    assert server.asked == 2


def test_a_new_key_is_found_at_once_and_a_stranger_cannot_make_us_ask_for_ever(
    provider: Provider, servers: list[Published], clock: FixedClock
) -> None:
    server = servers[0]
    server.keys = HeldKey("ES256").jwks["keys"]
    client = registered(provider, server.address)
    assert not authenticates(provider, client)
    assert not authenticates(provider, client)
    asked = server.asked
    assert asked <= 2
    server.keys = KEY.jwks["keys"]
    clock.move(31)
    assert authenticates(provider, client)


def test_one_damaged_key_does_not_spoil_the_set(provider: Provider, servers: list[Published]) -> None:
    server = servers[0]
    damaged: list[Any] = [
        7,
        None,
        "key",
        [],
        {},
        {"kty": "EC"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": 7},
        {"kty": "XYZ"},
    ]
    server.keys = [*damaged, *KEY.jwks["keys"]]
    assert authenticates(provider, registered(provider, server.address))


def test_a_redirect_is_not_followed(provider: Provider, servers: list[Published]) -> None:
    first, second = servers
    second.keys = KEY.jwks["keys"]
    first.keys, first.redirect_to = KEY.jwks["keys"], second.address
    assert not authenticates(provider, registered(provider, first.address))
    assert first.asked
    assert not second.asked


def test_a_set_that_is_too_big_does_not_count(provider: Provider, servers: list[Published]) -> None:
    server = servers[0]
    server.keys = [*KEY.jwks["keys"], {"kty": "RSA", "n": "A" * 256 * 1024}]
    assert not authenticates(provider, registered(provider, server.address))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"keys": {}}', b'{"keys": null}', b"\xff", b"[" * 100_000, b"null"]
)
def test_what_is_no_key_set(provider: Provider, servers: list[Published], body: bytes) -> None:
    server = servers[0]
    server.body = body
    client = registered(provider, server.address)
    assert not authenticates(provider, client)
    assert provider.services.client_keys.of(client.client, anew=False) == NO_KEYS


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "data:application/json,{}", "ftp://x.test/jwks", "jwks", "//x"]
)
def test_addresses_of_other_kinds(provider: Provider, address: str) -> None:
    try:
        client = registered(provider, address)
    except RegistrationRefused:
        return
    assert not authenticates(provider, client)
    assert provider.services.client_keys.of(client.client, anew=True) == NO_KEYS


def test_a_key_that_shares_a_prime_is_left_out(provider: Provider, servers: list[Published], clock: FixedClock) -> None:
    """Whoever has both public keys has both private ones; the other keys of the set go on. An alarm, once a set."""
    first, _second, sharing = pair()
    known = HeldKey("RS256", first)
    provider.client(token_endpoint_auth_method="private_key_jwt", jwks=known.jwks)
    weak = HeldKey("RS256", sharing)
    server = servers[0]
    server.keys = [{**weak.jwks["keys"][0], "kid": "weak"}, *KEY.jwks["keys"]]
    client = registered(provider, server.address)
    assert authenticates(provider, client)
    for _ in range(2):
        assert not authenticates(provider, replace(client, key=weak))
        clock.move(301)
    with provider.services.base.db.read() as connection:
        kinds = connection.execute(select(audit_events.c.kind)).scalars().all()
    assert kinds.count("keys.shared_prime.found") == 1
