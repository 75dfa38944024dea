"""Keys on an empty database, with RSA keys small enough for a test to wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import keys.models  # noqa: F401  # the tables must be known before make_base() creates them
from base.services import BaseServices
from keys.api import Keys
from keys.backends import pkcs11_sessions
from keys.backends.pkcs11 import Pkcs11Backend
from keys.settings import KeysSettings
from tests.ready_keys import open_ready_keys
from tests.softhsm import Token, soft_token
from tests.unit.keys.device_keys import opened

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
def token(tmp_path: Path) -> Iterator[Token]:
    """A signing device of the test's own."""
    with soft_token(tmp_path / "device") as made:
        yield made


@pytest.fixture
def device(token: Token) -> Pkcs11Backend:
    return opened(token)


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each process that was started to speak with the device."""
    found: list[int] = []

    class Counted(pkcs11_sessions.Session):
        def __init__(self, timeout_seconds: int) -> None:
            super().__init__(timeout_seconds)
            found.append(self._process.pid)

    monkeypatch.setattr(pkcs11_sessions, "Session", Counted)
    return found


@pytest.fixture
def claims(services: BaseServices) -> dict[str, Any]:
    now = services.clock.now()
    return {"iss": ISSUER, "aud": "client", "sub": "u1", "iat": now, "exp": now + 600, "jti": "j" * 22}
