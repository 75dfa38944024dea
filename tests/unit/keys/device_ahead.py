"""
Run as a program: the process of a signing device is asked so often that it begins signatures ahead.

Prints, as JSON, by case, what it answered. Arguments: module, label of the token, PIN (a test's); then what to ask,
as JSON: pairs of a mechanism's letter and a key's label.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from typing import Any

from keys.backends import pkcs11_worker as worker
from keys.backends.pkcs11 import SHA256_INFO

LONG, ROUNDS = 10**15, 12
DIGEST = sha256(b"message").digest()
DATA = {b"e": DIGEST, b"p": DIGEST, b"d": b"message", b"r": SHA256_INFO + DIGEST}


class Watched(worker.Ahead):
    """Counts the signatures that had been begun."""

    used = 0

    def finish(self, head: bytes, data: bytes) -> bytes | None:
        found = super().finish(head, data)
        self.used += found is not None
        return found


def asked(device: Any, letter: bytes, label: bytes, data: bytes | None = None) -> bytes:
    """One request and its answer, as `serve` does it."""
    body = letter + bytes((len(label),)) + label + (data if data is not None else DATA[letter])
    answer = worker.answered(device, worker.SIGN, body)
    device.look_ahead()
    return answer


def main(module: str, label: str, pin: str, what: str) -> None:
    device: Any = worker.Device({"module": module, "label": label, "serial": "", "pin": pin})
    device._ahead = ahead = Watched(module, device._session.token)
    found: dict[str, Any] = {}

    def fresh_for(nanoseconds: int) -> None:
        worker.FRESH_NANOSECONDS, ahead.used = nanoseconds, 0

    pairs = [(letter.encode(), name.encode()) for letter, name in json.loads(what)]
    for letter, name in pairs:
        fresh_for(LONG)
        answers = [asked(device, letter, name).hex() for _ in range(ROUNDS)]
        found[name.decode()] = {"answers": answers, "used": ahead.used, "most": ROUNDS - worker.STREAK - 1}
    letter, name = pairs[-1]
    fresh_for(LONG)
    found["another key"] = [asked(device, letter, b"key_nowhere").hex() for _ in range(3 * worker.STREAK)]
    for _ in range(ROUNDS):
        asked(device, letter, name)
    found["too much data"] = asked(device, letter, name, b"x" * 4096).hex()
    found["then"] = asked(device, letter, name).hex()
    for _ in range(ROUNDS):
        asked(device, letter, name)
    fresh_for(0)
    found["stale"] = {"answer": asked(device, letter, name).hex(), "used": ahead.used}
    fresh_for(LONG)
    for _ in range(ROUNDS):
        asked(device, letter, name)
    worker.answered(device, worker.DESTROY, name)
    found["destroyed"] = asked(device, letter, name).hex()
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
