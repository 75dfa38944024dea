"""Every registry has a contract suite that runs over all its entries."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.tree import ROOT, parsed, product_files, relative

EXTENSION_POINTS = {
    "GRANTS": "idp.oauth.grants",
    "CLIENT_AUTH": "idp.oauth.client_auth",
    "FACTORS": "idp.accounts.factors",
    "DETAIL_TYPES": "idp.protocol.details",
    "FORMATS": "signing.formats",
    "CHECKS": "signing.validation.judge",
    "BACKENDS": "keys.backends",
    "LINTS": "keys.ca.lints",
    "WEAKNESSES": "keys.weaknesses",
}
"""Registry → the module that declares it. A contract suite names the registry and is parametrised over it."""


def declared() -> dict[str, list[str]]:
    """Module-level tuples and mappings with an upper-case plural name whose elements are things to call, by name."""
    found: dict[str, list[str]] = {}
    for path in product_files():
        for node in parsed(path).body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                found.setdefault(node.target.id, []).append(relative(path))
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found.setdefault(node.targets[0].id, []).append(relative(path))
    return found


@pytest.mark.parametrize(("registry", "module"), EXTENSION_POINTS.items())
def test_the_registry_stands_where_the_documents_say(registry: str, module: str) -> None:
    place = module.replace(".", "/")
    assert any(name in (f"{place}.py", f"{place}/__init__.py") for name in declared()[registry])


@pytest.mark.parametrize(("registry", "module"), EXTENSION_POINTS.items())
def test_the_registry_has_a_contract_suite(registry: str, module: str) -> None:
    """The suite imports the registry from its home, so a new entry is tested without touching the suite."""
    wanted = re.compile(
        rf"from {re.escape(module)} import [^\n]*\b{registry}\b|from {re.escape(module)} import \([^)]*\b{registry}\b"
    )
    suites = [path for path in (ROOT / "tests/contract").glob("test_*.py") if wanted.search(path.read_text("utf-8"))]
    assert suites, f"no suite in tests/contract runs over {module}.{registry}"
