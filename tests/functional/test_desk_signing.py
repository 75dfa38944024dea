"""The official's road from approval to a signed document, pressed once or often, and `antin sign`."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from PIL import Image

import signing.cli.sign
from base.audit import verify
from base.services import BaseServices
from signing.flows.self_check import judge_document
from signing.validation.indications import Indication
from tests.desk_city import BINH, MAI, Browser, DeskCity, asked_for, desk_city
from tests.desk_ledger import events, evidence, reasons
from tests.desk_papers import Layout, decision, large_scan, scan


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


@pytest.fixture
def browser(city: DeskCity) -> Browser:
    opened = city.browser()
    opened.sign_in()
    return opened


def test_the_whole_road(city: DeskCity, browser: Browser) -> None:
    content = decision(Layout(pages=2))
    document = browser.uploaded(content)
    away = browser.ask(document)
    asked = asked_for(away)
    assert asked["acr_values"] == "urn:vn:xt:2"
    (details,) = json.loads(asked["authorization_details"])
    assert details["numSignatures"] == 1
    assert details["documentDigests"][0]["label"] == "Quyết định 12.pdf"
    back = browser.approve(away)
    assert back.status_code == 303
    assert browser.follow(back.headers["Location"]).headers["Location"] == document
    page = browser.get(document).get_data(as_text=True)
    assert "Hồ sơ chữ ký" in page
    signed = browser.get(f"{document}/signed").data
    assert signed.startswith(content)  # an incremental update: the approved bytes are all there
    shown = Image.open(io.BytesIO(browser.get(f"{document}/pages/2.png").data)).split()
    blue = sum(b > r + 60 for r, b in zip(shown[0].tobytes(), shown[2].tobytes(), strict=True))
    assert blue > 500  # the handwriting is on the page, as drawn by PDFium from the signed bytes
    report = judge_document(city.services, signed)
    assert report.indication is Indication.TOTAL_PASSED
    assert report.signatures[0].signer == BINH.name
    assert report.signatures[0].level == "B-T"
    (row,) = evidence(city)
    assert row.digest_in == hashlib.sha256(content).hexdigest()
    assert row.digest_out == hashlib.sha256(signed).hexdigest()
    assert (row.full_name, row.position_title, row.acr) == (BINH.name, "Chủ tịch", "urn:vn:xt:2")
    assert row.signing_time == row.stamp_time == city.base.clock.now()
    kinds = [kind for kind, _ in events(city)]
    assert "signing.approval.asked" in kinds
    assert kinds[-1] == "signing.signature.made"
    verify(city.base.db)


def test_no_personal_data_in_the_audit_log(city: DeskCity, browser: Browser) -> None:
    browser.sign(browser.uploaded(decision()))
    log = json.dumps(events(city), ensure_ascii=False)
    for datum in (BINH.name, "Chủ tịch", "Hải Châu", "Quyết định 12"):
        assert datum not in log


@pytest.mark.parametrize(
    "content", [scan(), decision(Layout(rotate=270)), decision(Layout(pages=30))], ids=["scan", "rotated", "30 pages"]
)
def test_real_input_is_signed(city: DeskCity, browser: Browser, content: bytes) -> None:
    document = browser.uploaded(content)
    browser.sign(document)
    assert judge_document(city.services, browser.get(f"{document}/signed").data).indication is Indication.TOTAL_PASSED


@pytest.mark.slow
def test_a_large_document(city: DeskCity, browser: Browser) -> None:
    content = large_scan()
    assert 18_000_000 < len(content) < 25 * 1024 * 1024
    document = browser.uploaded(content)
    browser.sign(document)
    assert browser.get(f"{document}/signed").data.startswith(content)


def test_without_a_picture(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    browser.post(f"{document}/placement", {"way": "none"})
    browser.sign(document)
    assert judge_document(city.services, browser.get(f"{document}/signed").data).indication is Indication.TOTAL_PASSED


def test_a_second_official_signs_after_the_first(city: DeskCity, browser: Browser) -> None:
    first = browser.uploaded(decision())
    browser.sign(first)
    once = browser.get(f"{first}/signed").data
    other = city.browser()
    other.sign_in(MAI)
    second = other.uploaded(once)
    assert BINH.name in other.get(second).get_data(as_text=True)  # earlier signatures are listed
    other.sign(second, MAI)
    twice = other.get(f"{second}/signed").data
    report = judge_document(city.services, twice)
    assert [signature.signer for signature in report.signatures] == [BINH.name, MAI.name]
    assert report.indication is Indication.TOTAL_PASSED


def test_poppler_agrees(city: DeskCity, browser: Browser, tmp_path: Path) -> None:
    program = shutil.which("pdfsig")
    if program is None:
        pytest.skip("Poppler is not installed")
    document = browser.uploaded(decision())
    browser.sign(document)
    path = tmp_path / "signed.pdf"
    path.write_bytes(browser.get(f"{document}/signed").data)
    said = subprocess.run([program, "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in said


# ── The same outcome however often somebody presses ──────────────────────────────────────────────────────────────


def test_back_button_and_reload_change_nothing(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    url = city.provider.approve(browser.ask(document), BINH)
    answers = [browser.follow(url) for _ in range(3)]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    waiting = answers[0].headers["Location"]
    assert {browser.follow(waiting).headers["Location"] for _ in range(3)} == {document}
    assert len(evidence(city)) == 1
    assert browser.post(f"{document}/sign").status_code == 409


def test_two_approvals_of_one_document_make_one_signature(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    first = browser.approve(browser.ask(document)).headers["Location"]
    second = browser.approve(browser.ask(document)).headers["Location"]
    assert first != second
    browser.follow(first)
    browser.follow(second)
    assert len(evidence(city)) == 1
    assert sorted(reasons(city)) == ["", "already_signed"]


def test_a_full_gate_shows_a_waiting_page_and_uses_nothing_up(make_base: Callable[..., BaseServices]) -> None:
    with desk_city(make_base, signing_concurrency=1, signing_wait_seconds=0) as city:
        browser = city.browser()
        browser.sign_in()
        document = browser.uploaded(decision())
        back = browser.approve(browser.ask(document))
        with city.services.signing_gate.enter():
            page = browser.follow(back.headers["Location"])
        assert page.status_code == 200
        assert page.headers["Refresh"]
        assert "chờ đến lượt" in page.get_data(as_text=True)
        assert evidence(city) == []
        assert browser.follow(back.headers["Location"]).headers["Location"] == document
        assert len(evidence(city)) == 1


# ── antin sign ───────────────────────────────────────────────────────────────────────────────────────────────────


def command(city: DeskCity) -> click.Group:
    group = click.Group()
    signing.cli.sign.register(group, lambda: city.services)
    return group


def test_the_command_signs_once(city: DeskCity, browser: Browser, tmp_path: Path) -> None:
    document = browser.uploaded(decision())
    asked = asked_for(browser.ask(document))
    (credential,) = city.keys.credentials_of(BINH.sub)
    token = city.provider.access_token(BINH, asked)
    paper, out = tmp_path / "paper.pdf", tmp_path / "signed.pdf"
    paper.write_bytes(decision())
    arguments = ["sign", str(paper), "--credential", credential.handle, "--token-stdin", "--out"]
    done = CliRunner().invoke(command(city), [*arguments, str(out)], input=token + "\n")
    assert done.exit_code == 0, done.output
    assert judge_document(city.services, out.read_bytes()).indication is Indication.TOTAL_PASSED
    assert len(evidence(city)) == 1
    again = CliRunner().invoke(command(city), [*arguments, str(tmp_path / "again.pdf")], input=token)
    assert again.exit_code != 0
    assert not (tmp_path / "again.pdf").exists()
    assert events(city)[-1][0] == "signing.signature.turned_down"
    assert len(evidence(city)) == 1


def test_the_command_overwrites_nothing(city: DeskCity, tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(decision())
    arguments = ["sign", str(paper), "--credential", "key_x", "--token-stdin", "--out", str(paper)]
    assert CliRunner().invoke(command(city), arguments, input="x").exit_code != 0
    assert paper.read_bytes() == decision()


def test_bytes_of_a_signed_file_that_change_fail(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    browser.sign(document)
    signed = bytearray(browser.get(f"{document}/signed").data)
    signed[len(decision()) // 2] ^= 1
    assert judge_document(city.services, bytes(signed)).indication is Indication.TOTAL_FAILED
