"""Small files and small functions; an exception cites the decision that allows it."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, parsed, product_files, python_files, relative

FILE_LIMIT, FUNCTION_LIMIT, MEDIAN_LIMIT = 400, 40, 120
JOURNEY_LIMIT = 80
"""Lines of a test function: a journey through the product is read from top to bottom."""
GENERATED = "0008-migrations-are-generated.md"
EXCEPTIONS: dict[str, str] = {
    "migrations/versions/2026_11_25_initial.py": GENERATED,
    "migrations/versions/2026_11_25_initial.py:upgrade": GENERATED,
    "migrations/versions/2026_11_25_initial.py:downgrade": GENERATED,
}
"""`path` or `path:function` → the ADR that allows it."""
VAGUE = {"utils", "helpers", "common", "manager", "misc", "util", "helper"}


def lengths() -> dict[str, int]:
    return {relative(path): len(path.read_text("utf-8").splitlines()) for path in python_files()}


def long_functions(tree: ast.AST) -> list[tuple[str, int]]:
    """Functions over the limit as (name, lines); decorators and the docstring do not count."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            inner = sum(
                (child.end_lineno or 0) - child.lineno + 1 for child in body if isinstance(child, ast.FunctionDef)
            )  # a view inside mount() is measured on its own
            size = ((body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0) - inner
            if size > FUNCTION_LIMIT:
                found.append((node.name, size))
    return found


def test_no_file_is_longer_than_the_limit() -> None:
    over = {name: size for name, size in lengths().items() if size > FILE_LIMIT and name not in EXCEPTIONS}
    assert not over


def test_the_median_file_is_short() -> None:
    sizes = [len(path.read_text("utf-8").splitlines()) for path in product_files()]
    assert statistics.median(sizes) <= MEDIAN_LIMIT


def test_no_function_is_longer_than_the_limit() -> None:
    over = [
        f"{relative(path)}:{name} ({size})"
        for path in python_files()
        for name, size in long_functions(parsed(path))
        if f"{relative(path)}:{name}" not in EXCEPTIONS
        and (size > JOURNEY_LIMIT or not relative(path).startswith("tests/"))
    ]
    assert not over


def test_exceptions_cite_a_decision_and_are_still_needed() -> None:
    for where, adr in EXCEPTIONS.items():
        assert (ROOT / "docs/adr" / adr).exists(), where
        assert (ROOT / where.partition(":")[0]).exists(), where


def test_no_file_has_a_vague_name() -> None:
    assert not [relative(path) for path in python_files() if path.stem in VAGUE or path.parent.name in VAGUE]


def test_every_file_says_what_it_is() -> None:
    """In the module's docstring, or, where a file is one rule, in that of its first function or class."""
    assert not [relative(path) for path in product_files() if path.stat().st_size and not says_what_it_is(path)]


def says_what_it_is(path: Path) -> bool:
    tree = parsed(path)
    first = next((node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)), None)
    generated = relative(path) == "migrations/env.py"
    return generated or bool(ast.get_docstring(tree) or (first and ast.get_docstring(first)))


@pytest.mark.parametrize("lines", [FUNCTION_LIMIT, FUNCTION_LIMIT + 1])
def test_the_measure_itself_can_fail(lines: int) -> None:
    tree = ast.parse("def long():\n" + "    x = 1\n" * lines)
    assert bool(long_functions(tree)) == (lines > FUNCTION_LIMIT)
