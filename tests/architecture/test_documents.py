"""Documents keep up with the code: generated pages are fresh, settings documented, links lead somewhere."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from base.settings import BaseSettings
from demo.settings import DemoSettings
from docs import generate
from idp.settings import IdpSettings
from keys.settings import KeysSettings
from signing.settings import SigningSettings
from tests.architecture.tree import ROOT, relative, repository_files
from wsgi import load_settings

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
CITED = re.compile(r"ADR (\d{4})|docs/adr/(\d{4})")

NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_generated_pages_are_fresh() -> None:
    assert generate.stale() == [], "run `make docs`"


def test_a_stale_page_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in generate.PAGES:
        (tmp_path / name).write_text((generate.FOLDER / name).read_text("utf-8"), "utf-8")
    (tmp_path / "config.md").write_text("old", "utf-8")
    (tmp_path / "extra.md").write_text("nobody makes this", "utf-8")
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    assert generate.stale() == ["config.md", "extra.md"]


def test_every_setting_is_documented_with_a_unit_where_it_counts_something() -> None:
    for name, _, default, facts in load_settings({}).rows():
        assert facts["doc"].endswith("."), name
        if isinstance(default, int | float) and not isinstance(default, bool):
            assert facts["unit"], f"{name} needs a unit"
        if name.endswith("_seconds"):
            assert facts["unit"] == "seconds", name


def test_secret_settings_are_masked() -> None:
    for name, _, _, facts in load_settings({}).rows():
        if re.search(r"secret$|password$|token$|database_url", name):
            assert facts["secret"], name


def test_settings_are_frozen() -> None:
    for group in (BaseSettings, KeysSettings, IdpSettings, SigningSettings, DemoSettings):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(group(), dataclasses.fields(group)[0].name, "changed")


def test_links_inside_the_repository_lead_somewhere() -> None:
    broken = [
        f"{relative(path)}: {target}"
        for path in repository_files()
        if path.suffix == ".md"
        for target in LINK.findall(path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]
    assert not broken


def test_tests_that_documents_name_exist() -> None:
    missing = [
        f"{relative(path)}: {name}::{test}"
        for path in repository_files()
        if path.suffix == ".md"
        for name, test in NAMED.findall(path.read_text("utf-8"))
        if not (ROOT / name).exists() or (test and f"def {test}(" not in (ROOT / name).read_text("utf-8"))
    ]
    assert not missing


def test_cited_decisions_exist() -> None:
    numbers = {path.name[:4] for path in (ROOT / "docs/adr").glob("*.md")}
    missing = [
        f"{relative(path)}: {cited}"
        for path in repository_files()
        if path.suffix in (".py", ".md")
        for pair in CITED.findall(path.read_text("utf-8"))
        if (cited := "".join(pair)) not in numbers
    ]
    assert not missing


def test_both_readmes_show_the_same_commands() -> None:
    blocks = [
        re.findall(r"```(?:sh|console)\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
        for name in ("README.md", "README.en.md")
    ]
    assert blocks[0] == blocks[1]
    assert "make run" in blocks[0][0]
