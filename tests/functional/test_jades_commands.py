"""`antin sign --format jades`, `antin extend`, `antin verify` and `/verify` on JSON signatures."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import signing.cli.extend
import signing.cli.sign
import signing.cli.verify
from base.services import BaseServices
from signing.flows.self_check import judge_document
from signing.formats.base import Packaging
from signing.validation.indications import Indication
from signing.validation.located import Beside
from tests import signing_jws as made
from tests.desk_city import BINH, DeskCity, asked_for, desk_city
from tests.desk_ledger import evidence
from tests.desk_papers import decision
from tests.signing_cms import CONTENT
from tests.signing_pki import NOW, shared_city


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


def test_a_detached_signature_from_approval_to_archive(city: DeskCity, tmp_path: Path) -> None:
    browser = city.browser()
    browser.sign_in()
    asked = asked_for(browser.ask(browser.uploaded(decision())))
    (credential,) = city.keys.credentials_of(BINH.sub)
    paper, out, kept = tmp_path / "quyết định.pdf", tmp_path / "paper.json", tmp_path / "kept.json"
    paper.write_bytes(decision())
    options = ("--credential", credential.handle, "--token-stdin", "--out", out, "--format", "jades", "--detached")
    token = city.provider.access_token(BINH, asked)
    done = run(city, "sign", paper, *options, "--role", "Chủ tịch", "--commitment", "approval", given=token)
    assert done.exit_code == 0, done.output
    signature = out.read_bytes()
    head = made.header(signature)
    assert head["sigD"]["pars"] == ["quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf"]
    assert head["srAts"]["claimed"][0]["qVals"] == ["Chủ tịch"]
    assert len(evidence(city)) == 1
    report = judge_document(city.services, signature, (), Beside(content=decision()))
    assert (report.indication, report.signatures[0].level) == (Indication.TOTAL_PASSED, "B-T")
    assert judge_document(city.services, signature).indication is Indication.INDETERMINATE
    client = city.app.test_client()
    files = {"file": (io.BytesIO(signature), "a.json"), "detached": (io.BytesIO(decision()), "a.pdf")}
    page = client.post("/verify", data=files, content_type="multipart/form-data").get_data(as_text=True)
    assert "Tệp nội dung kèm theo" in page
    assert "JAdES B-T" in page
    extended = run(city, "extend", out, "--out", kept, "--detached", paper, "--offline")
    assert extended.exit_code == 0, extended.output
    report = judge_document(city.services, kept.read_bytes(), (), Beside(content=decision()))
    assert (report.indication, report.signatures[0].level) == (Indication.TOTAL_PASSED, "B-LTA")


def test_several_files_are_brought_along_by_name(tmp_path: Path) -> None:
    """No installation is asked: the anchors are given."""
    city = shared_city()
    beside = Beside(files=(("annex 1.csv", b"a,b"),))
    signature = made.sign(packaging=Packaging.DETACHED, file_name="decision.pdf", beside=beside)
    for name, data in (
        ("s.json", signature),
        ("decision.pdf", CONTENT),
        ("annex 1.csv", b"a,b"),
        ("root.pem", city.root.pem),
        ("0.crl", city.crls[0]),
        ("1.crl", city.crls[1]),
    ):
        (tmp_path / name).write_bytes(data)
    group = click.Group()
    signing.cli.verify.register(group, lambda: pytest.fail("nobody is asked"))
    words = ["s.json", "--detached", "decision.pdf", "--detached", "annex 1.csv", "--anchor", "root.pem"]
    words += ["--crl", "0.crl", "--crl", "1.crl", "--at", str(NOW + 60), "--offline", "--json"]
    paths = [str(tmp_path / word) if (tmp_path / word).exists() else word for word in words]
    found = CliRunner().invoke(group, ["verify", *paths])
    assert (found.exit_code, json.loads(found.output)["indication"]) == (0, "TOTAL-PASSED"), found.output
    less = [one for one in paths if "annex" not in one]
    less.pop(less.index("--detached", 2))
    found = CliRunner().invoke(group, ["verify", *less])
    assert (found.exit_code, json.loads(found.output)["sub_indication"]) == (2, "SIGNED_DATA_NOT_FOUND"), found.output
