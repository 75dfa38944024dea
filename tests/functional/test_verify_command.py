"""`antin verify` on a machine without any installation of ours."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.cli import verify
from signing.formats.base import Packaging
from signing.services import SigningServices
from tests import signing_cms as cms
from tests import signing_pdfs as pdfs
from tests.encrypted_pdfs import encrypted
from tests.signing_pki import NOW, City, found_city


@dataclass
class Desk:
    """An empty folder with the files one would bring."""

    folder: Path
    city: City

    def run(self, *words: str, typed: str | None = None) -> Result:
        group = click.Group()
        verify.register(group, no_installation)
        return CliRunner().invoke(group, ["verify", *words], input=typed)

    def put(self, name: str, content: bytes) -> str:
        (self.folder / name).write_bytes(content)
        return str(self.folder / name)

    def trusting(self) -> list[str]:
        root = self.put("root.pem", self.city.root.certificate.public_bytes(Encoding.PEM))
        lists = [self.put(f"{number}.crl", der) for number, der in enumerate(self.city.crls)]
        return [
            "--anchor",
            root,
            "--offline",
            "--at",
            str(NOW + 60),
            *(word for path in lists for word in ("--crl", path)),
        ]


def no_installation() -> SigningServices:
    raise AssertionError("there is no installation here, and none may be made")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    for name in ("ANTIN_DATA_DIR", "ANTIN_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return Desk(tmp_path, found_city())


def test_passed_is_zero(desk: Desk) -> None:
    result = desk.run(desk.put("a.pdf", pdfs.sign(pdfs.plain(), desk.city)), *desk.trusting())
    assert result.exit_code == 0, result.output
    assert "Chữ ký hợp lệ (TOTAL-PASSED)" in result.output
    assert "Nguyễn Văn An" in result.output
    assert sorted(path.name for path in desk.folder.iterdir()) == ["0.crl", "1.crl", "a.pdf", "root.pem"]


def test_a_password_comes_from_a_file_or_is_typed(desk: Desk) -> None:
    name = desk.put("a.pdf", pdfs.sign(encrypted("AES-256", "mật khẩu"), desk.city, password="mật khẩu"))
    held, other = desk.put("held", "mật khẩu\n".encode()), desk.put("other", b"khac")
    assert desk.run(name, "--password-file", held, *desk.trusting()).exit_code == 0
    typed = desk.run(name, "--ask-password", *desk.trusting(), typed="mật khẩu\n")
    assert (typed.exit_code, "mật khẩu" in typed.output) == (0, False)
    for words, said in ([], "mật khẩu mở tệp"), (["--password-file", other], "Mật khẩu không mở được tệp"):
        result = desk.run(name, *words, *desk.trusting())
        assert (result.exit_code, said in result.output) == (2, True), result.output
    assert desk.run(name, "--ask-password", "--password-file", held).exit_code == 2
    assert desk.run(name, "--password-file", desk.put("bad", b"\xff")).exit_code == 2


def test_failed_is_one(desk: Desk) -> None:
    document = bytearray(pdfs.sign(pdfs.plain(), desk.city))
    document[100] ^= 1
    result = desk.run(desk.put("a.pdf", bytes(document)), *desk.trusting())
    assert result.exit_code == 1
    assert "TOTAL-FAILED" in result.output


@pytest.mark.parametrize("words", [("--offline",), ("--offline", "--lang", "en")])
def test_indeterminate_is_two(desk: Desk, words: tuple[str, ...]) -> None:
    result = desk.run(desk.put("a.pdf", pdfs.sign(pdfs.plain(), desk.city)), "--at", str(NOW + 60), *words)
    assert result.exit_code == 2
    assert "INDETERMINATE / NO_CERTIFICATE_CHAIN_FOUND" in result.output


def test_offline_without_lists_cannot_be_sure(desk: Desk) -> None:
    result = desk.run(desk.put("a.pdf", pdfs.sign(pdfs.plain(), desk.city)), *desk.trusting()[:5], "--json")
    assert (result.exit_code, json.loads(result.output)["sub_indication"]) == (2, "TRY_LATER")


def test_json(desk: Desk) -> None:
    result = desk.run(desk.put("a.pdf", pdfs.sign(pdfs.plain(), desk.city)), *desk.trusting(), "--json")
    report = json.loads(result.output)
    assert report["indication"] == "TOTAL-PASSED"
    assert report["validated_at"] == "2025-11-24T23:01:00+07:00"


def test_der_anchor_and_iso_time(desk: Desk) -> None:
    root = desk.put("root.der", desk.city.root.der)
    document = desk.put("a.pdf", pdfs.sign(pdfs.plain(), desk.city))
    words = ["--anchor", root, "--offline", "--json", "--at", "2025-11-24T16:01:00+00:00"]
    report = json.loads(desk.run(document, *words).output)
    assert report["validated_at"] == "2025-11-24T23:01:00+07:00"
    assert report["signatures"][0]["trust"] == "trusted"


@pytest.mark.parametrize("words", [("--at", "yesterday"), ("--anchor", "a.pdf"), ("--crl", "a.pdf")])
def test_bad_words_are_explained(desk: Desk, words: tuple[str, ...]) -> None:
    result = desk.run(desk.put("a.pdf", pdfs.plain()), *words)
    assert result.exit_code == 2
    assert "Error" in result.output
    assert "Traceback" not in result.output


def test_a_broken_installation_does_not_stop_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIN_DATABASE_URL", "postgresql://nowhere.invalid/antin")
    group = click.Group()

    def broken() -> SigningServices:
        raise ConnectionError

    verify.register(group, broken)
    document = desk.put("a.pdf", pdfs.sign(pdfs.plain(), desk.city))
    assert CliRunner().invoke(group, ["verify", document, *desk.trusting()]).exit_code == 0
    assert x509.load_pem_x509_certificate((desk.folder / "root.pem").read_bytes()).subject


def test_a_detached_signature_with_its_content_or_its_digest(desk: Desk) -> None:
    signature = desk.put("a.p7s", cms.sign(city=desk.city, packaging=Packaging.DETACHED))
    content, trusting = desk.put("a.txt", cms.CONTENT), desk.trusting()
    digest = hashlib.sha256(cms.CONTENT).hexdigest()
    assert desk.run(signature, "--detached", content, *trusting).exit_code == 0
    by_digest = desk.run(signature, "--digest", digest, *trusting)
    assert by_digest.exit_code == 0
    assert "Nội dung có mã băm đã nhập" in by_digest.output
    assert desk.run(signature, *trusting).exit_code == 2
    assert desk.run(signature, "--digest", "00" * 32, *trusting).exit_code == 1
    for words in (("--digest", "xyz"), ("--digest", digest, "--detached", content)):
        assert "Error" in desk.run(signature, *words, *trusting).output
