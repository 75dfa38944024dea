"""The process of a signing device begins the next signature of a busy key: never another key's, nor an old one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from keys.algorithms import Algorithm
from keys.backends.base import NewKey
from keys.backends.pairwise import check_signature
from keys.backends.pkcs11 import KINDS, Pkcs11Backend
from tests.softhsm import LABEL, PIN, Token
from tests.unit.keys.device_keys import made

DONE, MISSING = b"d".hex(), b"m".hex()
ROOT = Path(__file__).parents[3]


@pytest.fixture
def keys(device: Pkcs11Backend) -> list[NewKey]:
    """One of each kind; the last is RSA, whose mechanism says when there is too much to sign."""
    algorithms = (Algorithm.ES256, Algorithm.EDDSA, Algorithm.PS256, Algorithm.RS256)
    return [made(device, one, f"key_{one}") for one in algorithms if one in device.algorithms]


@pytest.fixture
def found(token: Token, keys: list[NewKey]) -> dict[str, Any]:
    """What the process answered (device_ahead.py): its module is loaded there, once."""
    what = json.dumps([(KINDS[Algorithm(one.algorithm)].letter.decode(), one.handle) for one in keys])
    words = [sys.executable, "-m", "tests.unit.keys.device_ahead", token.module, LABEL, PIN, what]
    answer = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    return dict(json.loads(answer.stdout))


def check(key: NewKey, answer: str) -> None:
    """Raises: KeysUnavailable: not this key's signature."""
    algorithm = Algorithm(key.algorithm)
    assert answer[:2] == DONE, bytes.fromhex(answer)
    raw = bytes.fromhex(answer)[1:]
    if algorithm is Algorithm.ES256:
        half = len(raw) // 2
        raw = encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
    public: Any = load_der_public_key(key.public_key)
    check_signature(algorithm, public, raw, b"message")


def test_begun_ahead(keys: list[NewKey], found: dict[str, Any]) -> None:
    for key in keys:
        told = found[key.handle]
        assert told["used"] == told["most"] > 0, key.algorithm
        for answer in told["answers"]:
            check(key, answer)
    assert {answer[:2] for answer in found["another key"]} == {MISSING}
    assert found["too much data"][:2] != DONE
    check(keys[-1], found["then"])
    assert found["stale"]["used"] == 0
    check(keys[-1], found["stale"]["answer"])
    assert found["destroyed"][:2] == MISSING
