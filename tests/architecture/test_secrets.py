"""
Secrets are compared in constant time, and are random enough never to repeat.

CR-10, CR-11; OWASP ASVS 5.0 §11.2.4, §11.5.1.
"""

from __future__ import annotations

import ast
import re

import pytest

from base.ids import new_id, new_secret
from tests.architecture.tree import dotted, parsed, product_files, relative

SECRET = re.compile(r"(^|_)(secret|password|mac|hmac|verifier|csrf)$|^(hash_secret|s256_challenge|digest)$")
"""Names of values that somebody outside may try to guess, or of what makes them."""
EXEMPT = {
    "base/web/assets.py": "a digest of a file that everybody may read",
    "keys/ca/lints/authority_key.py": "a digest of a public key",
    "idp/flows/pending.py": "the hash of a stored hash, in a ticket that is sealed",
    "signing/store/files.py": "a digest of a file, against damage",
}


def compared(tree: ast.AST) -> list[int]:
    """Lines that compare a secret with == or !=. A column of a table is compared by the database, by its hash."""
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or not any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            continue
        sides = [node.left, *node.comparators]
        names = [dotted(side.func if isinstance(side, ast.Call) else side) for side in sides]
        constants = any(isinstance(side, ast.Constant) for side in sides)
        columns = any(re.search(r"(^|\.)c\.\w+$", name) for name in names)
        if not columns and not constants and any(SECRET.search(name.rsplit(".", 1)[-1]) for name in names):
            lines.append(node.lineno)
    return lines


def test_no_secret_is_compared_letter_by_letter() -> None:
    found = [
        f"{relative(path)}:{line}"
        for path in product_files()
        if relative(path) not in EXEMPT
        for line in compared(parsed(path))
    ]
    assert not found, "use hmac.compare_digest"


@pytest.mark.parametrize(
    "code", ["given == secret", "hash_secret(given) != row.secret_hash", "_mac(body) == mac", "client_secret == given"]
)
def test_the_rule_can_fail(code: str) -> None:
    assert compared(ast.parse(code))


@pytest.mark.parametrize("code", ['kind == "secret"', "table.c.secret == bindparam", "count == limit"])
def test_the_rule_lets_pass(code: str) -> None:
    assert not compared(ast.parse(code))


def test_exemptions_are_needed() -> None:
    assert {relative(path) for path in product_files() if compared(parsed(path))} == set(EXEMPT)


def test_a_million_secrets_do_not_repeat() -> None:
    """128 bits and more: a repetition would mean that randomness is broken, not that luck ran out."""
    made = {new_secret() for _ in range(500_000)}
    made |= {new_id("cod") for _ in range(500_000)}
    assert len(made) == 1_000_000
    assert min(map(len, made)) >= 26
