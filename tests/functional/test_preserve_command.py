"""`antin preserve` over a folder: what it says, what it records, how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from base.services import BaseServices
from tests import ledger
from tests.desk_city import DeskCity, desk_city
from tests.desk_papers import decision
from tests.functional.test_asic_commands import run, sign


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


def test_a_folder_is_kept_and_every_step_told(city: DeskCity, tmp_path: Path) -> None:
    archive, report, paper = tmp_path / "archive", tmp_path / "report.jsonl", tmp_path / "decision.pdf"
    archive.mkdir()
    paper.write_bytes(decision())
    assert sign(city, "asic-s", decision(), archive / "signed.asics", paper).exit_code == 0
    (archive / "notes.txt").write_text("nothing signed")
    dry = run(city, "preserve", archive, "--offline", "--dry-run")
    assert (dry.exit_code, "due: 1" in dry.output) == (0, True), dry.output
    done = run(city, "preserve", archive, "--offline", "--report", report)
    assert done.exit_code == 0, done.output
    assert "[1/2] skipped notes.txt unknown_format" in done.output
    assert "[2/2] done    signed.asics not-kept" in done.output
    lines = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
    assert [(line["name"], line["outcome"]) for line in lines] == [("notes.txt", "skipped"), ("signed.asics", "done")]
    assert ledger.kinds(city.base.db).count("signing.archived_file.renewed") == 1
    again = run(city, "preserve", archive, "--offline", "--report", report)
    assert (again.exit_code, "current: 1" in again.output) == (0, True), again.output
    assert len(report.read_text("utf-8").splitlines()) == 4
    (archive / "broken.asics").write_bytes((archive / "signed.asics").read_bytes()[:-1])
    failed = run(city, "preserve", archive, "--offline")
    assert (failed.exit_code, "failed: 1" in failed.output) == (1, True), failed.output
