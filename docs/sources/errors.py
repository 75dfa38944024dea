"""errors.md: every stable error code, where it is raised, and the sentence people read."""

from __future__ import annotations

import ast
from pathlib import Path

from docs.sources.markdown import heading, table

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("base", "keys", "idp", "signing")
ENDINGS = ("Error", "Refused", "Broken", "Expired", "Invalid", "UnsafeToRedirect")


def page() -> str:
    """The table of codes, by package."""
    found: dict[tuple[str, str], tuple[set[str], str]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for code, sentence in _raised(ast.parse(path.read_text("utf-8"))):
                where, known = found.setdefault((package, code), (set(), ""))
                where.add(path.relative_to(ROOT).as_posix())
                found[package, code] = (where, known or sentence)
    rows = [
        (f"`{code}`", sentence or "–", ", ".join(f"`{name}`" for name in sorted(where)))
        for (_, code), (where, sentence) in sorted(found.items())
    ]
    return (
        heading("Errors", "the places that raise them")
        + "\nA code is stable; the sentence beside it is for the person at the screen and may be reworded.\n\n"
        + table(("Code", "Sentence", "Raised in"), rows)
    )


def _raised(tree: ast.AST) -> list[tuple[str, str]]:
    """(code, English sentence) of every error made with a literal code."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _name(node.func).endswith(ENDINGS):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and _is_code(first.value):
                found.append((first.value, next((_text(word.value) for word in node.keywords if word.arg == "en"), "")))
    return found


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _is_code(value: str) -> bool:
    return value.replace("_", "").isalnum() and value == value.lower()


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""
