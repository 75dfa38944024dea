"""Examples of the standards verify; every forged token is refused for the reason it was forged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keys.algorithms import Algorithm
from keys.compact import split
from keys.errors import JoseError
from keys.jose import foreign_key, verify_with

VECTORS = Path(__file__).parents[2] / "vectors" / "keys"
EXAMPLES = json.loads((VECTORS / "rfc_examples.json").read_text())
ATTACKS = json.loads((VECTORS / "attacks.json").read_text())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one["name"])
def test_examples_of_the_standards_verify(example: dict[str, Any]) -> None:
    key = foreign_key(example["jwk"], Algorithm(example["alg"]))
    key.check(split(example["token"]))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one["name"])
def test_examples_with_one_bit_changed_do_not(example: dict[str, Any]) -> None:
    key = foreign_key(example["jwk"], Algorithm(example["alg"]))
    head, payload, signature = example["token"].split(".")
    changed = ("A" if signature[0] != "A" else "B") + signature[1:]
    with pytest.raises(JoseError, match="signature_invalid"):
        key.check(split(f"{head}.{payload}.{changed}"))


def test_rfc_7515_claims_come_out() -> None:
    example = next(one for one in EXAMPLES if one["name"] == "rfc7515_a3_es256")
    claims = verify_with(example["token"], {"keys": [example["jwk"]]}, algs=["ES256"], typ=None)
    assert claims == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one["name"])
def test_attacks(attack: dict[str, Any]) -> None:
    def verify() -> dict[str, Any]:
        return verify_with(attack["token"], attack["jwks"], algs=attack["algs"], typ=attack["typ"])

    if not attack["error"]:
        assert verify()["sub"] == "u1"
        return
    with pytest.raises(JoseError) as refused:
        verify()
    assert refused.value.code == attack["error"]
