"""`antin sign --format cades` and `antin verify` on signature files; `/verify` with the content beside."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import signing.cli.extend
import signing.cli.sign
import signing.cli.verify
from base.services import BaseServices
from signing.errors import SigningError
from signing.flows.self_check import judge_document
from signing.validation.indications import Indication
from signing.validation.located import Beside
from tests.desk_city import BINH, DeskCity, asked_for, desk_city
from tests.desk_ledger import evidence
from tests.desk_papers import decision


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


def run(city: DeskCity, *words: str | Path, given: str = "") -> Result:
    group = click.Group()
    signing.cli.sign.register(group, lambda: city.services)
    signing.cli.verify.register(group, lambda: city.services)
    signing.cli.extend.register(group, lambda: city.services)
    return CliRunner().invoke(group, [str(word) for word in words], input=given)


def sign(city: DeskCity, folder: Path, *words: str) -> Path:
    """Approve the sample decision, and sign it as the words say."""
    browser = city.browser()
    browser.sign_in()
    asked = asked_for(browser.ask(browser.uploaded(decision())))
    (credential,) = city.keys.credentials_of(BINH.sub)
    paper, out = folder / "paper", folder / "paper.p7s"
    paper.write_bytes(decision())
    options: tuple[str | Path, ...] = (
        "--credential",
        credential.handle,
        "--token-stdin",
        "--out",
        out,
        "--format",
        "cades",
        *words,
    )
    done = run(city, "sign", paper, *options, given=city.provider.access_token(BINH, asked))
    assert done.exit_code == 0, done.output
    return out


def test_a_detached_signature_from_approval_to_verdict(city: DeskCity, tmp_path: Path) -> None:
    out = sign(city, tmp_path, "--detached", "--role", "Chủ tịch", "--place", "Huế", "--commitment", "approval")
    signature = out.read_bytes()
    assert decision() not in signature
    assert "Chủ tịch".encode() in signature
    assert len(evidence(city)) == 1
    report = judge_document(city.services, signature, (), Beside(content=decision()))
    assert report.indication is Indication.TOTAL_PASSED
    assert judge_document(city.services, signature).indication is Indication.INDETERMINATE
    client = city.app.test_client()
    files = {"file": (io.BytesIO(signature), "a.p7s"), "detached": (io.BytesIO(decision()), "a.pdf")}
    page = client.post("/verify", data=files, content_type="multipart/form-data").get_data(as_text=True)
    assert "Tệp nội dung kèm theo" in page
    assert "CAdES B-T" in page
    alone = client.post("/verify", data={"file": (io.BytesIO(signature), "a.p7s")}).get_data(as_text=True)
    assert "chưa có tệp nội dung được ký" in alone


def test_an_attached_signature_holds_the_document(city: DeskCity, tmp_path: Path) -> None:
    out = sign(city, tmp_path)
    assert decision() in out.read_bytes()
    assert judge_document(city.services, out.read_bytes()).indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize(
    "words",
    [
        ("--detached",),
        ("--format", "cades", "--detached", "--add"),
        ("--format", "cades", "--counter", "first"),
        ("--role", "Chủ tịch"),
    ],
)
def test_words_that_contradict_each_other_are_explained(city: DeskCity, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "paper").write_bytes(decision())
    options: tuple[str | Path, ...] = ("--credential", "key_x", "--token-stdin", "--out", tmp_path / "out", *words)
    done = run(city, "sign", tmp_path / "paper", *options, given="x")
    assert done.exit_code == 2
    assert "Error" in done.output
    assert not (tmp_path / "out").exists()


def test_extended_and_renewed(city: DeskCity, tmp_path: Path) -> None:
    out, archived, renewed = sign(city, tmp_path, "--detached"), tmp_path / "a.p7s", tmp_path / "b.p7s"
    paper = tmp_path / "paper"
    for level in ("B-T", "B-LT"):
        done = run(city, "extend", out, "--level", level, "--offline", "--out", tmp_path / level)
        assert done.exit_code == 0, done.output
    done = run(city, "extend", out, "--offline", "--detached", paper, "--out", archived)
    assert done.exit_code == 0, done.output
    assert "B-LTA" in done.output
    city.base.clock.move(3600)  # type: ignore[attr-defined]  # the clock of a test
    done = run(city, "extend", archived, "--offline", "--detached", paper, "--out", renewed)
    assert done.exit_code == 0, done.output
    report = judge_document(city.services, renewed.read_bytes(), (), Beside(content=decision()))
    assert (report.indication, report.signatures[0].level) == (Indication.TOTAL_PASSED, "B-LTA")
    assert len(renewed.read_bytes()) > len(archived.read_bytes())


def test_what_cannot_be_extended_is_told(city: DeskCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, target = sign(city, tmp_path), tmp_path / "out"
    broken, text = tmp_path / "broken", tmp_path / "text"
    content = bytearray(out.read_bytes())
    content[len(content) // 2] ^= 1
    broken.write_bytes(content)
    text.write_bytes(b"plain words")
    for file in (broken, text):
        done = run(city, "extend", file, "--offline", "--out", target)
        assert isinstance(done.exception, SigningError)
        assert done.exception.code == "not_extendable"
    assert isinstance(run(city, "extend", out, "--out", out).exception, SigningError)
    monkeypatch.setattr(type(city.keys), "timestamp", dead)
    assert isinstance(run(city, "extend", out, "--offline", "--out", target).exception, ConnectionError)
    assert not target.exists()


def dead(*_: object, **__: object) -> bytes:
    raise ConnectionError
