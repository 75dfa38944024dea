"""`antin evidence create`, `renew`, `verify`, and `antin verify --evidence`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from base.services import BaseServices
from signing.errors import SigningError
from signing.flows.existence import prove_existence
from signing.flows.own_trust import own_trust
from tests.desk_city import DeskCity, desk_city
from tests.desk_papers import decision
from tests.functional.test_asic_commands import run, sign


@pytest.fixture
def city(make_base: Callable[..., BaseServices], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeskCity]:
    monkeypatch.setenv("ANTIN_DATA_DIR", str(tmp_path))  # the trace of an installation
    with desk_city(make_base) as opened:
        yield opened


def test_records_from_the_first_stamp_to_a_new_tree(city: DeskCity, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.txt", "b.txt", "c.txt")]
    for file in files:
        file.write_text(file.name)
    began, out = city.base.clock.now(), tmp_path / "records"
    done = run(city, "evidence", "create", *files, "--out", out)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == ["a.txt.ers", "b.txt.ers", "c.txt.ers"]
    assert isinstance(run(city, "evidence", "create", *files, "--out", out).exception, SigningError)
    record = out / "a.txt.ers"
    for number, words in enumerate(((), ("--hash-tree",), ())):
        city.base.clock.move(60)  # type: ignore[attr-defined]  # the clock of a test
        renewed = tmp_path / f"{number}.ers"
        done = run(city, "evidence", "renew", record, files[0], *words, "--offline", "--out", renewed)
        assert done.exit_code == 0, done.output
        record = renewed
    now = city.base.clock.now()
    said = run(city, "evidence", "verify", record, files[0], "--at", str(now))
    assert (said.exit_code, "4. " in said.output) == (0, True), said.output
    assert run(city, "evidence", "verify", record, tmp_path / "0.ers", "--at", str(now)).exit_code == 2
    found = prove_existence(record.read_bytes(), b"a.txt", moment=now, own=own_trust(city.keys))
    assert found.since == began
    refused = run(city, "evidence", "renew", record, files[1], "--offline", "--out", tmp_path / "x.ers")
    assert isinstance(refused.exception, SigningError)
    assert not (tmp_path / "x.ers").exists()


def test_a_record_beside_a_signed_document(city: DeskCity, tmp_path: Path) -> None:
    paper, out = tmp_path / "a.pdf", tmp_path / "a.asics"
    paper.write_bytes(decision())
    assert sign(city, "asic-s", decision(), out, paper).exit_code == 0
    assert run(city, "evidence", "create", out, "--out", tmp_path).exit_code == 0
    words = ("--offline", "--lang", "en", "--at", str(city.base.clock.now()))
    said = run(city, "verify", out, "--evidence", tmp_path / "a.asics.ers", *words)
    assert (said.exit_code, "archive time stamp" in said.output) == (0, True), said.output
    other = run(city, "verify", paper, "--evidence", tmp_path / "a.asics.ers", *words)
    assert other.exit_code != 0
    assert run(city, "evidence", "create", paper, "--out", tmp_path).exit_code == 0
    unused = run(city, "verify", out, "--evidence", tmp_path / "a.pdf.ers", *words)
    assert (unused.exit_code, "was not counted" in unused.output) == (0, True), unused.output
