"""Keys on an empty database, with RSA keys small enough for a test to wait for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import keys.models  # noqa: F401  # the tables must be known before make_base() creates them
from base.services import BaseServices
from keys.api import Keys
from keys.settings import KeysSettings
from tests.ready_keys import open_ready_keys

ISSUER = "http://localhost:8000"
SETTINGS = KeysSettings(rsa_key_bits=2048)


@pytest.fixture
def services(make_base: Callable[..., BaseServices]) -> BaseServices:
    return make_base(SETTINGS)


@pytest.fixture
def held(services: BaseServices) -> Keys:
    """Opened keys, made once in a run; `keys` itself is the package."""
    return open_ready_keys(services)


@pytest.fixture
def claims(services: BaseServices) -> dict[str, Any]:
    now = services.clock.now()
    return {"iss": ISSUER, "aud": "client", "sub": "u1", "iat": now, "exp": now + 600, "jti": "j" * 22}
