"""
Run as a program: whoever has the PIN and a session of a token tries to get the private keys out.

Prints, as JSON, by key and attempt, what came of it. Arguments: module, label of the token, PIN (a test's).
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass

SECRETS = (
    Attribute.VALUE,
    Attribute.PRIVATE_EXPONENT,
    Attribute.PRIME_1,
    Attribute.PRIME_2,
    Attribute.EXPONENT_1,
    Attribute.COEFFICIENT,
)


def outcome(attempt: Any) -> str:
    try:
        got = attempt()
    except pkcs11.PKCS11Error as error:
        return type(error).__name__
    return f"GOT {got!r}"


def allow(key: Any, attribute: Attribute, value: bool) -> None:
    key[attribute] = value


def main(module: str, label: str, pin: str) -> None:
    session: Any = pkcs11.lib(module).get_token(token_label=label).open(rw=True, user_pin=pin)
    wrapping: Any = session.generate_key(KeyType.AES, 256, store=False)
    found: dict[str, dict[str, str]] = {}
    for key in session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}):
        tried = {f"read {secret.name}": outcome(lambda key=key, secret=secret: key[secret]) for secret in SECRETS}
        for mechanism in (Mechanism.AES_KEY_WRAP, Mechanism.AES_KEY_WRAP_PAD):
            tried[f"wrap {mechanism.name}"] = outcome(
                lambda key=key, mechanism=mechanism: wrapping.wrap_key(key, mechanism=mechanism)
            )
        tried["copy as extractable"] = outcome(lambda key=key: key.copy({Attribute.EXTRACTABLE: True}))
        tried["copy as readable"] = outcome(lambda key=key: key.copy({Attribute.SENSITIVE: False}))
        tried["make extractable"] = outcome(lambda key=key: allow(key, Attribute.EXTRACTABLE, True))
        tried["make readable"] = outcome(lambda key=key: allow(key, Attribute.SENSITIVE, False))
        tried["let it decrypt"] = outcome(lambda key=key: allow(key, Attribute.DECRYPT, True))
        names = ("SENSITIVE", "EXTRACTABLE", "ALWAYS_SENSITIVE", "NEVER_EXTRACTABLE", "LOCAL", "DECRYPT", "UNWRAP")
        tried |= {name: str(key[Attribute[name]]) for name in names}
        found[key.label] = tried
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
