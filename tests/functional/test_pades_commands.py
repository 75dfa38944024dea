"""`antin sign` and `antin extend` on a PDF, from the approval to the archive and its renewal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import signing.cli.extend
import signing.cli.sign
from base.services import BaseServices
from signing.errors import SigningError
from signing.flows.self_check import judge_document
from signing.validation.indications import Indication
from tests.desk_city import BINH, DeskCity, asked_for, desk_city
from tests.desk_papers import decision


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


def run(city: DeskCity, *words: str | Path, given: str = "") -> Result:
    group = click.Group()
    signing.cli.sign.register(group, lambda: city.services)
    signing.cli.extend.register(group, lambda: city.services)
    return CliRunner().invoke(group, [str(word) for word in words], input=given)


def test_signed_extended_and_renewed(city: DeskCity, tmp_path: Path) -> None:
    browser = city.browser()
    browser.sign_in()
    asked = asked_for(browser.ask(browser.uploaded(decision())))
    (credential,) = city.keys.credentials_of(BINH.sub)
    paper, signed = tmp_path / "paper.pdf", tmp_path / "signed.pdf"
    paper.write_bytes(decision())
    words = ("--credential", credential.handle, "--token-stdin", "--out", signed)
    done = run(city, "sign", paper, *words, given=city.provider.access_token(BINH, asked))
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


def test_a_pdf_without_a_signature_is_not_extended(city: DeskCity, tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(decision())
    done = run(city, "extend", paper, "--offline", "--out", tmp_path / "out")
    assert isinstance(done.exception, SigningError)
    assert done.exception.code == "not_extendable"
    assert not (tmp_path / "out").exists()
