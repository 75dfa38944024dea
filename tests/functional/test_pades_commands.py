"""`antin sign` and `antin extend` on a PDF, from the approval to the archive and its renewal."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

import signing.cli.extend
import signing.cli.sign
from base.services import BaseServices
from signing.errors import SigningError
from signing.flows.self_check import judge_document
from signing.validation.indications import Indication
from tests.desk_city import BINH, DeskCity, asked_for, desk_city
from tests.desk_papers import decision
from tests.signing_pdfs import handwriting


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


def run(city: DeskCity, *words: str | Path, given: str = "") -> Result:
    group = click.Group()
    signing.cli.sign.register(group, lambda: city.services)
    signing.cli.extend.register(group, lambda: city.services)
    return CliRunner().invoke(group, [str(word) for word in words], input=given)


def sign(city: DeskCity, paper: Path, out: Path, *words: str) -> Result:
    """Approve a document, and sign it as the words say."""
    browser = city.browser()
    browser.sign_in()
    asked = asked_for(browser.ask(browser.uploaded(paper.read_bytes())))
    (credential,) = city.keys.credentials_of(BINH.sub)
    options: tuple[str | Path, ...] = ("--credential", credential.handle, "--token-stdin", "--out", out, *words)
    return run(city, "sign", paper, *options, given=city.provider.access_token(BINH, asked))


def test_signed_extended_and_renewed(city: DeskCity, tmp_path: Path) -> None:
    paper, signed = tmp_path / "paper.pdf", tmp_path / "signed.pdf"
    paper.write_bytes(decision())
    done = sign(city, paper, signed)
    assert done.exit_code == 0, done.output
    for level in ("B-T", "B-LT", "B-LTA"):
        done = run(city, "extend", signed, "--level", level, "--offline", "--out", tmp_path / level)
        assert done.exit_code == 0, (done.output, done.exception)
        extended = (tmp_path / level).read_bytes()
        assert extended.startswith(signed.read_bytes())
        report = judge_document(city.services, extended)
        assert (report.indication, report.signatures[0].level) == (Indication.TOTAL_PASSED, level)
    city.base.clock.move(3600)  # type: ignore[attr-defined]  # the clock of a test
    done = run(city, "extend", tmp_path / "B-LTA", "--offline", "--out", tmp_path / "renewed")
    assert done.exit_code == 0, done.output
    report = judge_document(city.services, (tmp_path / "renewed").read_bytes())
    assert (report.indication, report.signatures[0].level, len(report.stamps)) == (Indication.TOTAL_PASSED, "B-LTA", 2)


def test_certified_and_signed_within_what_that_permits(city: DeskCity, tmp_path: Path) -> None:
    paper, certified, out = tmp_path / "paper.pdf", tmp_path / "certified.pdf", tmp_path / "out.pdf"
    paper.write_bytes(decision())
    done = sign(city, paper, certified, "--certify", "2")
    assert done.exit_code == 0, (done.output, done.exception)
    report = judge_document(city.services, certified.read_bytes())
    assert report.signatures[0].judgement.case.facts.located.certified
    assert sign(city, certified, out, "--certify", "1").exception.code == "certify_not_first"  # type: ignore[union-attr]  # a SigningError
    assert sign(city, certified, out, "--field", "none").exception.code == "no_such_field"  # type: ignore[union-attr]  # a SigningError
    assert not out.exists()
    assert sign(city, certified, out).exit_code == 0
    report = judge_document(city.services, out.read_bytes())
    assert [one.indication for one in report.signatures] == [Indication.TOTAL_PASSED] * 2
    assert sign(city, certified, tmp_path / "other", "--format", "cades", "--certify", "2").exit_code == 2


def with_field(paper: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(paper))
    append_signature_field(writer, SigFieldSpec("O_ky", on_page=0, box=(300, 100, 500, 180)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_picture_in_a_field_that_is_there_and_a_lock(city: DeskCity, tmp_path: Path) -> None:
    paper, signed, picture = tmp_path / "paper.pdf", tmp_path / "signed.pdf", tmp_path / "hand.png"
    paper.write_bytes(with_field(decision()))
    picture.write_bytes(handwriting())
    done = sign(city, paper, signed, "--field", "O_ky", "--picture", str(picture), "--lock", "O_ky")
    assert done.exit_code == 0, (done.output, done.exception)
    report = judge_document(city.services, signed.read_bytes())
    located = report.signatures[0].judgement.case.facts.located
    assert (report.indication, located.field) == (Indication.TOTAL_PASSED, "O_ky")
    (signature,) = PdfFileReader(io.BytesIO(signed.read_bytes())).embedded_signatures
    assert (signature.fieldmdp.action.value, signature.fieldmdp.fields) == ("/Include", ["O_ky"])
    for words in (
        ("--picture", str(picture)),
        ("--lock-all", "--lock", "O_ky"),
        ("--format", "cades", "--lock-all"),
    ):
        assert sign(city, paper, tmp_path / "other", *words).exit_code == 2


def test_all_fields_are_locked_or_all_but_some(city: DeskCity, tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(with_field(decision()))
    for name, words, action in (("a", ["--lock-all"], "/All"), ("b", ["--lock-but", "O_ky"], "/Exclude")):
        done = sign(city, paper, tmp_path / name, *words)
        assert done.exit_code == 0, (done.output, done.exception)
        (signature,) = PdfFileReader(io.BytesIO((tmp_path / name).read_bytes())).embedded_signatures
        assert signature.fieldmdp.action.value == action
    assert sign(city, tmp_path / "a", tmp_path / "c", "--field", "O_ky").exception.code == "field_locked"  # type: ignore[union-attr]  # a SigningError
    assert sign(city, tmp_path / "b", tmp_path / "c", "--field", "O_ky").exit_code == 0


def test_a_pdf_without_a_signature_is_not_extended(city: DeskCity, tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(decision())
    done = run(city, "extend", paper, "--offline", "--out", tmp_path / "out")
    assert isinstance(done.exception, SigningError)
    assert done.exception.code == "not_extendable"
    assert not (tmp_path / "out").exists()
