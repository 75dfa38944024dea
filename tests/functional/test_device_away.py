"""The signing device is unplugged and comes back: 503 with Retry-After, no other key instead, and no restart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from base.services import BaseServices
from base.web.edge import dispatcher
from idp.flows.open_idp import open_idp
from idp.web.hot import routes
from keys.services import open_keys
from tests.provider import SETTINGS, Provider, Registered, environ_for
from tests.softhsm import Token, soft_token

PATIENCE_SECONDS = 30


@pytest.fixture
def token(tmp_path: Path) -> Iterator[Token]:
    with soft_token(tmp_path / "device") as made:
        yield made


@pytest.fixture
def provider(make_base: Callable[..., BaseServices], token: Token) -> Provider:
    base = make_base(SETTINGS[0], replace(token.settings, pkcs11_timeout_seconds=30))
    services = open_idp(base, open_keys(base))
    return Provider(services, routes(services))


def asked(provider: Provider, machine: Registered) -> tuple[int, dict[str, str]]:
    """A token request as the server answers it."""
    seen: list[Any] = []
    application = dispatcher(provider.table, lambda _environ, _start: ())
    headers = {"Authorization": machine.basic}
    environ = environ_for("/token", method="POST", form={"grant_type": "client_credentials"}, headers=headers)
    b"".join(application(environ, lambda status, sent: seen.extend((int(status.split()[0]), dict(sent)))))
    return seen[0], seen[1]


def test_unplugged_and_back(provider: Provider, token: Token) -> None:
    machine = provider.machine()
    assert asked(provider, machine)[0] == 200
    issued = provider.token(machine, grant_type="client_credentials").json["access_token"]
    token.unplug()
    for _ in range(10):
        status, headers = asked(provider, machine)
        assert (status, headers.get("Retry-After")) == (503, "2")
    introspected = provider.posted("/introspect", machine, token=issued)
    assert introspected.status == 200  # what needs no signature goes on
    token.plug_in()
    began = time.monotonic()
    while asked(provider, machine)[0] != 200:
        assert time.monotonic() - began < PATIENCE_SECONDS
        time.sleep(0.05)
