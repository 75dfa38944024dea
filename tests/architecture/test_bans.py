"""What nobody may write: a second clock, weak randomness, prints, machine paths, registry hosts, secrets."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.tree import (
    calls,
    dotted,
    imported_names,
    parsed,
    product_files,
    python_files,
    relative,
    repository_files,
)

CLOCKS = {
    "time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today",
}  # fmt: skip
FLASK_LIMITS = (".max_content_length", ".max_form_memory_size")
"""What Flask documents to be set on a request: the limits of one view."""
WEAK = ("random", "uuid")
PLACES = re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+|work|tmp)/[\w.-]+")
HOSTS = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|--(?:extra-)?index-url|--find-links|--trusted-host"
)
PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/=]{40}")
READABLE = {"", *".py .md .toml .lock .sh .json .html .css .yml .yaml .txt .mako .js .mjs".split(" ")}


def test_one_clock() -> None:
    found = [
        f"{relative(path)}:{line} {name}"
        for path in product_files()
        if relative(path) != "base/clock.py"
        for name, line in calls(parsed(path))
        if name in CLOCKS
    ]
    assert not found


def test_nothing_is_said_of_a_document_for_which_there_was_no_memory() -> None:
    """
    Where a document is read under limits, a handler of every Exception lets MemoryError pass first: it would make
    "damaged" of "too large".
    """
    found = []
    for path in product_files():
        if not relative(path).startswith(("signing/validation/", "signing/formats/")):
            continue
        for node in ast.walk(parsed(path)):
            handlers = node.handlers if isinstance(node, ast.Try) else []
            kinds = [ast.unparse(handler.type) if handler.type else "Exception" for handler in handlers]
            for before, kind, handler in zip(["", *kinds], kinds, handlers, strict=False):
                if re.search(r"\bException\b", kind) and "MemoryError" not in before + kind:
                    found.append(f"{relative(path)}:{handler.lineno}")
    assert found == ["signing/formats/pdf_picture.py:70"]  # a person's own picture, for a signature


def test_no_weak_randomness() -> None:
    found = [relative(path) for path in product_files() if imported_names(path) & set(WEAK)]
    assert not found


def test_no_print_in_the_product() -> None:
    found = [
        f"{relative(path)}:{line}"
        for path in product_files()
        for name, line in calls(parsed(path))
        if name in ("print", "pprint")
    ]
    assert not found


def test_no_evaluation_of_text() -> None:
    banned = {"eval", "exec", "pickle.loads", "marshal.loads", "flask.render_template_string", "render_template_string"}
    found = [
        f"{relative(p)}:{line} {name}" for p in product_files() for name, line in calls(parsed(p)) if name in banned
    ]
    assert not found


def test_nothing_hangs_on_the_request() -> None:
    """Facts travel in frozen dataclasses; flask.g and attributes of the request are for the web shell alone."""
    found = []
    for path in product_files():
        if relative(path).startswith("base/web/"):
            continue
        for node in ast.walk(parsed(path)):
            targets = node.targets if isinstance(node, ast.Assign) else []
            names = [dotted(target) for target in targets]
            hung = [name for name in names if re.match(r"(flask\.)?(g|request)\.", name)]
            found += [f"{relative(path)} {name}" for name in hung if not name.endswith(FLASK_LIMITS)]
    assert not found


def test_no_place_of_one_machine_and_no_registry_host() -> None:
    found = []
    for path in repository_files():
        name = relative(path)
        if path.suffix not in READABLE or name in ("tests/architecture/test_bans.py", "deploy/lock.sh"):
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {hit.group()}" for rule in (PLACES, HOSTS) for hit in rule.finditer(text)]
    assert not found


def test_no_private_key_lies_about() -> None:
    found = [
        relative(p)
        for p in repository_files()
        if p.suffix in READABLE and PRIVATE_KEY.search(p.read_text("utf-8", "ignore"))
    ]
    assert not [name for name in found if not name.startswith("tests/vectors/")]


def test_every_exemption_from_a_check_gives_its_reason() -> None:
    bare = re.compile(r"#\s*(?:noqa(?!:)|type: ignore(?!\[))|#\s*(?:noqa: [A-Z0-9, ]+|type: ignore\[[\w, -]+\])\s*$")
    found = [
        f"{relative(path)}:{number}"
        for path in python_files()
        if relative(path) != "tests/architecture/test_bans.py"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if bare.search(line)
    ]
    assert not found


@pytest.mark.parametrize("code", ["time.time()", "datetime.now(UTC)", "datetime.datetime.now()"])
def test_the_clock_rule_can_fail(code: str) -> None:
    assert {name for name, _ in calls(ast.parse(code))} & CLOCKS
