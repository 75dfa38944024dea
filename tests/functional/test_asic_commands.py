"""`antin pack`, `antin sign --format asic-…`, `antin extend` and `antin verify` on containers; `/verify` with one."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import signing.cli
from base.errors import AntinError
from base.services import BaseServices
from signing.flows.self_check import judge_document
from signing.formats.asic_container import open_container
from signing.validation.indications import Indication
from tests.desk_city import BINH, DeskCity, asked_for, desk_city
from tests.desk_papers import decision


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


def run(city: DeskCity, *words: str | Path, given: str = "") -> Result:
    group = click.Group()
    signing.cli.register(group, lambda: city.services)
    return CliRunner().invoke(group, [str(word) for word in words], input=given)


def approval(city: DeskCity, document: bytes) -> str:
    """What the provider issues once BINH has approved a document of that digest."""
    browser = city.browser()
    browser.sign_in()
    asked = asked_for(browser.ask(browser.uploaded(decision())))
    old, new = (hashlib.sha256(content).digest() for content in (decision(), document))
    details = asked["authorization_details"]
    for shown in (base64.b64encode, base64.urlsafe_b64encode):
        details = details.replace(json.dumps(shown(old).decode())[1:-1], json.dumps(shown(new).decode())[1:-1])
    details = details.replace(old.hex(), new.hex())
    return city.provider.access_token(BINH, asked | {"authorization_details": details})


def sign(city: DeskCity, form: str, document: bytes, out: Path, *files: Path) -> Result:
    token = approval(city, document)
    (credential,) = city.keys.credentials_of(BINH.sub)
    words: tuple[str | Path, ...] = ("--credential", credential.handle, "--token-stdin", "--format", form, "--out", out)
    return run(city, "sign", *files, *words, given=token)


def test_one_file_from_approval_to_verdict_and_on(city: DeskCity, tmp_path: Path) -> None:
    paper, out, archived = tmp_path / "Quyết định 12.pdf", tmp_path / "a.asics", tmp_path / "b.asics"
    paper.write_bytes(decision())
    done = sign(city, "asic-s", decision(), out, paper)
    assert done.exit_code == 0, done.output
    assert [file.name for file in open_container(out.read_bytes()).files][1] == "Quyết định 12.pdf"
    done = run(city, "extend", out, "--offline", "--out", archived)
    assert done.exit_code == 0, done.output
    report = judge_document(city.services, archived.read_bytes())
    assert (report.indication, report.signatures[0].level) == (Indication.TOTAL_PASSED, "B-LTA")
    said = run(city, "verify", archived, "--offline", "--lang", "en", "--at", str(city.base.clock.now()))
    assert "Files in the container: Quyết định 12.pdf" in said.output


def test_several_files_are_approved_as_one(city: DeskCity, tmp_path: Path) -> None:
    files = [tmp_path / "decision.pdf", tmp_path / "list.csv"]
    files[0].write_bytes(decision())
    files[1].write_bytes(b"1;An\n")
    packed, out = tmp_path / "packed", tmp_path / "signed.asice"
    done = run(city, "pack", *files, "--out", packed)
    assert hashlib.sha256(packed.read_bytes()).hexdigest() in done.output
    assert run(city, "pack", *files, "--out", packed).exit_code != 0
    assert sign(city, "asic-e", packed.read_bytes(), out, *files).exit_code == 0
    again = tmp_path / "again.asice"
    city.base.clock.move(60)  # type: ignore[attr-defined]  # the clock of a test
    done = sign(city, "asic-e", out.read_bytes(), again, out)
    assert done.exit_code == 0, done.output
    report = judge_document(city.services, again.read_bytes())
    assert [one.indication for one in report.signatures] == [Indication.TOTAL_PASSED] * 2
    client = city.app.test_client()
    page = client.post("/verify", data={"file": (io.BytesIO(again.read_bytes()), "a.asice")})
    assert "Các tệp trong gói: decision.pdf, list.csv" in page.get_data(as_text=True)
    answer = client.post(
        "/verify", data={"file": (io.BytesIO(again.read_bytes()), "x")}, headers={"Accept": "application/json"}
    )
    assert answer.get_json()["signatures"][0]["files"] == ["decision.pdf", "list.csv"]


def test_other_files_than_those_approved_are_not_signed(city: DeskCity, tmp_path: Path) -> None:
    paper, other, out = tmp_path / "a.pdf", tmp_path / "b.pdf", tmp_path / "out"
    paper.write_bytes(decision())
    other.write_bytes(b"other")
    assert isinstance(sign(city, "asic-e", decision(), out, other).exception, AntinError)
    assert sign(city, "asic-s", decision(), out, paper, other).exit_code == 2
    assert not out.exists()
