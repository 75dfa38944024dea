"""`antin sign --format xades`, `antin verify` and `antin extend` on XML; `/verify` knows XML by what it holds."""

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

import signing.cli.extend
import signing.cli.sign
from base.services import BaseServices
from signing.errors import SigningError
from signing.flows.self_check import judge_document
from signing.validation.indications import Indication
from signing.validation.located import Beside
from tests.desk_city import BINH, DeskCity, asked_for, desk_city
from tests.desk_ledger import evidence
from tests.desk_papers import decision
from tests.signing_xades import INVOICE, XML


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


def run(city: DeskCity, *words: str | Path, given: str = "") -> Result:
    group = click.Group()
    signing.cli.sign.register(group, lambda: city.services)
    signing.cli.extend.register(group, lambda: city.services)
    return CliRunner().invoke(group, [str(word) for word in words], input=given)


def sign(city: DeskCity, folder: Path, document: bytes, *words: str) -> Result:
    """Approve these very bytes at the provider, and sign them as the words say."""
    browser = city.browser()
    browser.sign_in()
    asked = asked_for(browser.ask(browser.uploaded(decision())))
    details = json.loads(asked["authorization_details"])
    details[0]["documentDigests"][0]["hash"] = base64.b64encode(hashlib.sha256(document).digest()).decode()
    token = city.provider.access_token(BINH, asked | {"authorization_details": json.dumps(details)})
    (credential,) = city.keys.credentials_of(BINH.sub)
    paper = folder / "paper.xml"
    paper.write_bytes(document)
    options = ("--credential", credential.handle, "--token-stdin", "--format", "xades", *words)
    return run(city, "sign", paper, "--out", folder / "out.xml", *options, given=token)


def test_from_approval_to_an_archived_document(city: DeskCity, tmp_path: Path) -> None:
    done = sign(city, tmp_path, XML, "--role", "Chủ tịch", "--place", "Huế", "--commitment", "approval")
    assert done.exit_code == 0, done.output
    signed = (tmp_path / "out.xml").read_bytes()
    assert "<xades:ClaimedRole>Chủ tịch</xades:ClaimedRole>".encode() in signed
    assert len(evidence(city)) == 1
    done = run(city, "extend", tmp_path / "out.xml", "--offline", "--out", tmp_path / "kept.xml")
    assert done.exit_code == 0, done.output
    report = judge_document(city.services, (tmp_path / "kept.xml").read_bytes())
    assert (report.indication, report.signatures[0].level) == (Indication.TOTAL_PASSED, "B-LTA")
    client = city.app.test_client()
    page = client.post("/verify", data={"file": (io.BytesIO(signed), "any name")}).get_data(as_text=True)
    assert "XAdES B-T" in page
    assert "Toàn bộ tệp" in page
    forged = signed.replace(b"&amp;", b"hay")
    page = client.post("/verify", data={"file": (io.BytesIO(forged), "any name")}).get_data(as_text=True)
    assert "Chữ ký không hợp lệ" in page


@pytest.mark.parametrize("packaging", ["detached", "enveloping"])
def test_any_file_gets_an_xml_signature(city: DeskCity, tmp_path: Path, packaging: str) -> None:
    done = sign(city, tmp_path, b"plain words", "--packaging", packaging, "--media-type", "text/plain")
    assert done.exit_code == 0, done.output
    signature = (tmp_path / "out.xml").read_bytes()
    assert (b'URI="paper.xml"' in signature) == (packaging == "detached")
    beside = Beside(content=b"plain words") if packaging == "detached" else Beside()
    assert judge_document(city.services, signature, (), beside).indication is Indication.TOTAL_PASSED


def test_one_element_is_signed(city: DeskCity, tmp_path: Path) -> None:
    done = sign(city, tmp_path, INVOICE, "--node", "data")
    assert done.exit_code == 0, done.output
    page = city.app.test_client().post("/verify", data={"file": (io.BytesIO((tmp_path / "out.xml").read_bytes()), "a")})
    assert "#data" in page.get_data(as_text=True)


def test_what_would_leave_a_part_unsigned_is_not_handed_out(city: DeskCity, tmp_path: Path) -> None:
    """Our own check refuses what the verification page would not confirm."""
    done = sign(city, tmp_path, XML, "--node", "noi-dung")
    assert isinstance(done.exception, SigningError)
    assert done.exception.code == "own_check_failed"
    assert not (tmp_path / "out.xml").exists()


def test_no_xml_no_signature_within(city: DeskCity, tmp_path: Path) -> None:
    done = sign(city, tmp_path, b"<!DOCTYPE a><a/>")
    assert isinstance(done.exception, SigningError)
    assert done.exception.code == "not_readable"


@pytest.mark.parametrize("words", [("--format", "cades", "--node", "x"), ("--packaging", "enveloped", "--detached")])
def test_words_that_contradict_each_other_are_explained(city: DeskCity, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = sign(city, tmp_path, XML, *words)
    assert done.exit_code == 2
    assert "Error" in done.output
