"""The files of the repository, parsed once."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("base", "keys", "idp", "signing", "demo", "migrations", "runner")
RULES = ("idp/protocol", "signing/validation", "keys/lifecycle", "keys/ca/lints")


@cache
def repository_files() -> tuple[Path, ...]:
    """Everything git tracks or would track, that still exists."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = sorted(set(listed.stdout.decode().split("\0")) - {""})
    return tuple(ROOT / name for name in names if (ROOT / name).is_file())


@cache
def product_files() -> tuple[Path, ...]:
    """Python of the product: the packages and wsgi.py; without tests, bench and docs."""
    return tuple(path for path in python_files() if relative(path).split("/")[0] in (*PACKAGES, "wsgi.py"))


@cache
def python_files() -> tuple[Path, ...]:
    """Every Python file of the repository."""
    return tuple(path for path in repository_files() if path.suffix == ".py")


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def relative(path: Path) -> str:
    """The path inside the repository, with slashes."""
    return path.relative_to(ROOT).as_posix()


def calls(tree: ast.AST) -> list[tuple[str, int]]:
    """Every call as (dotted name, line): `time.time`, `print`."""
    return [(dotted(node.func), node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


@cache
def imported_names(path: Path) -> frozenset[str]:
    """Every module a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return frozenset(names)
