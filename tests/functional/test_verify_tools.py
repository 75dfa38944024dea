"""Other people's programs on our files: they agree that a file is good, and that one flipped byte makes it bad."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signing.formats.base import Packaging, VisibleSignature
from signing.formats.pdf_locate import locate_signatures
from signing.validation.located import Beside
from tests import signing_cms as cms
from tests import signing_pdfs as pdfs
from tests.signing_pki import City, shared_city

PICTURE = VisibleSignature(pdfs.handwriting(), 1, (300, 100, 480, 172))
DOCUMENTS = {
    "plain": pdfs.plain(),
    "rotated": pdfs.plain(2, 90),
    "scanned": pdfs.scanned(),
    "form": pdfs.with_form(),
    "compressed": pdfs.compressed(),
}


def tool(name: str, *words: str | Path, given: bytes | None = None) -> subprocess.CompletedProcess[str]:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run([name, *map(str, words)], input=given, capture_output=True, check=False)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def city() -> City:
    return shared_city()


def flipped(document: bytes) -> bytes:
    out = bytearray(document)
    out[document.index(b"stream") + 12] ^= 1
    return bytes(out)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_pdfsig_agrees(tmp_path: Path, city: City, name: str) -> None:
    signed = pdfs.sign(DOCUMENTS[name], city, visible=PICTURE)
    (tmp_path / "good.pdf").write_bytes(signed)
    (tmp_path / "bad.pdf").write_bytes(flipped(signed))
    good = tool("pdfsig", tmp_path / "good.pdf").stdout
    assert "Signature is Valid." in good
    assert "Total document signed" in good
    assert "Signature is Valid." not in tool("pdfsig", tmp_path / "bad.pdf").stdout


@pytest.mark.parametrize("name", DOCUMENTS)
def test_two_signatures_are_valid_for_pdfsig(tmp_path: Path, city: City, name: str) -> None:
    twice = pdfs.sign(pdfs.sign(DOCUMENTS[name], city, visible=PICTURE), city)
    (tmp_path / "twice.pdf").write_bytes(twice)
    assert tool("pdfsig", tmp_path / "twice.pdf").stdout.count("Signature is Valid.") == 2


@pytest.mark.parametrize("name", DOCUMENTS)
def test_qpdf_finds_nothing_to_repair(tmp_path: Path, city: City, name: str) -> None:
    (tmp_path / "signed.pdf").write_bytes(pdfs.sign(DOCUMENTS[name], city, visible=PICTURE))
    checked = tool("qpdf", "--check", tmp_path / "signed.pdf")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_mutool_agrees(tmp_path: Path, city: City) -> None:
    signed = pdfs.sign(pdfs.plain(), city)
    (tmp_path / "good.pdf").write_bytes(signed)
    (tmp_path / "bad.pdf").write_bytes(flipped(signed))
    assert "unchanged since signing" in tool("mutool", "sign", "-v", tmp_path / "good.pdf").stdout
    assert "unchanged since signing" not in tool("mutool", "sign", "-v", tmp_path / "bad.pdf").stdout


def test_openssl_verifies_cms_and_time_stamp(tmp_path: Path, city: City) -> None:
    from signing.validation.cms import read_cms

    signed = pdfs.sign(pdfs.plain(), city)
    (found,) = locate_signatures(signed)
    content = b"".join(signed[start : start + length] for start, length in found.content.ranges)
    facts = read_cms(found.cms)
    for name, data in {"s.p7": found.cms, "data": content, "value": facts.signature, "token": facts.stamps[0]}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "root.pem").write_bytes(city.root.certificate.public_bytes(Encoding.PEM))
    at = ("-attime", "1764000060")
    words = ("-cades", "-inform", "DER", "-in", tmp_path / "s.p7", "-CAfile", tmp_path / "root.pem", "-purpose", "any")
    checked = tool(
        "openssl", "cms", "-verify", *words, "-binary", *at, "-content", tmp_path / "data", "-out", "/dev/null"
    )
    assert checked.returncode == 0, checked.stderr
    stamp = ("-in", tmp_path / "token", "-token_in", "-data", tmp_path / "value", "-CAfile", tmp_path / "root.pem")
    assert "Verification: OK" in tool("openssl", "ts", "-verify", *stamp, *at).stdout


@pytest.mark.parametrize("packaging", [Packaging.ATTACHED, Packaging.DETACHED])
def test_openssl_verifies_cades(tmp_path: Path, city: City, packaging: Packaging) -> None:
    """With two signers, and with one bit of the content or of the signature changed."""
    beside = Beside(content=cms.CONTENT)
    signed = cms.add(cms.sign(packaging=packaging), city.person(), beside=beside)
    (tmp_path / "root.pem").write_bytes(city.root.certificate.public_bytes(Encoding.PEM))
    detached = packaging is Packaging.DETACHED

    def agrees(signature: bytes, content: bytes) -> bool:
        (tmp_path / "s.p7").write_bytes(signature)
        (tmp_path / "data").write_bytes(content)
        words = ("-cades", "-inform", "DER", "-in", tmp_path / "s.p7", "-CAfile", tmp_path / "root.pem", "-binary")
        outside = ("-content", tmp_path / "data") if detached else ()
        purpose = ("-purpose", "any", "-attime", "1764000060", "-out", "/dev/null")
        return tool("openssl", "cms", "-verify", *words, *outside, *purpose).returncode == 0

    assert agrees(signed, cms.CONTENT)
    at = signed.index(cms.value_of(signed, "Nguyễn Văn An")) + 20
    assert not agrees(signed[:at] + bytes((signed[at] ^ 1,)) + signed[at + 1 :], cms.CONTENT)
    assert not agrees(signed if detached else signed.replace(cms.CONTENT, cms.CONTENT[::-1]), cms.CONTENT[::-1])


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_picture_is_where_it_was_put_and_transparent(tmp_path: Path, city: City, rotate: int) -> None:
    """In seen coordinates: a dark stroke inside the box, none outside, and the page shines through the rest."""
    from PIL import Image

    box = (100.0, 60.0, 280.0, 132.0)
    visible = VisibleSignature(pdfs.handwriting(), 2, box)
    (tmp_path / "signed.pdf").write_bytes(pdfs.sign(pdfs.plain(2, rotate), city, visible=visible))
    drawn = tool(
        "pdftoppm", "-r", "72", "-f", "2", "-l", "2", "-png", "-singlefile", tmp_path / "signed.pdf", tmp_path / "p"
    )
    assert drawn.returncode == 0
    with Image.open(tmp_path / "p.png") as picture:
        page = picture.convert("RGB")
    height, dots = page.height, page.tobytes()  # three bytes a dot, row by row
    blue = [
        (at % page.width, height - at // page.width)
        for at in range(page.width * height)
        if dots[3 * at + 2] > dots[3 * at] + 60
    ]
    assert len(blue) > 100
    assert min(x for x, _ in blue) >= box[0] - 1
    assert max(x for x, _ in blue) <= box[2] + 1
    assert min(y for _, y in blue) >= box[1] - 2
    assert max(y for _, y in blue) <= box[3] + 2
    assert page.getpixel((int(box[0]) + 4, page.height - int(box[3]) + 4)) == (255, 255, 255)
