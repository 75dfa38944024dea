"""Keys in a test's own token: opened, made, tried."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.serialization import load_der_public_key

from keys.algorithms import Algorithm
from keys.backends.base import NewKey
from keys.backends.pairwise import check_signature
from keys.backends.pkcs11 import Pkcs11Backend
from keys.handles import KeyHandle
from keys.sealing import MasterKey
from tests.softhsm import Token

MASTER = MasterKey(b"m" * 32)


def opened(token: Token, **changes: Any) -> Pkcs11Backend:
    """The back end as one more process would open it."""
    return Pkcs11Backend(MASTER, token.with_settings(**changes), token.folder)


def made(device: Pkcs11Backend, algorithm: Algorithm = Algorithm.ES256, name: str = "key_1") -> NewKey:
    return device.generate(KeyHandle(name), algorithm)


def sign_and_check(device: Pkcs11Backend, key: NewKey) -> None:
    assert isinstance(key.algorithm, Algorithm)
    signature = device.open(key.handle, key.algorithm, key.stored).sign(b"message")
    public: Any = load_der_public_key(key.public_key)
    check_signature(key.algorithm, public, signature, b"message")
