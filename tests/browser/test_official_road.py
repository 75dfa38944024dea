"""Roads 2 and 3: an official signs the sample decision; everybody else finds out who signed, and whether it holds."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.browser.gallery import Gallery
from tests.browser.watch import Visitor
from tests.city import City


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where road 2 leaves the signed copy for road 3."""
    return tmp_path_factory.mktemp("signed") / "quyet-dinh-da-ky.pdf"


def test_an_official_signs_the_sample_decision(
    city: City, visit: Callable[..., Visitor], gallery: Gallery, signed: Path
) -> None:
    official = visit()
    page = official.page
    page.goto(f"{city.issuer}/desk")
    gallery.look(page, "desk-welcome")
    page.get_by_role("link", name="Đăng nhập để ký").click()
    official.sign_in("minh")
    expect(page.get_by_text("Phó Giám đốc").first).to_be_visible()
    gallery.look(page, "desk")

    official.expect_failures(400, 413, 422)
    page.set_input_files("input[name=file]", _locked(signed.parent))
    page.get_by_role("button", name="Tải lên và xem lại").click()
    expect(page.get_by_text("Tệp PDF có mật khẩu")).to_be_visible()
    gallery.look(page, "desk-refused-file")

    data = signed.parent / "so-lieu.xml"
    data.write_text("<so-lieu><dong so='1'>Phê duyệt kinh phí</dong></so-lieu>" + "<!-- ghi chú -->" * 40, "utf-8")
    page.set_input_files("input[name=file]", data)
    page.get_by_role("button", name="Tải lên và xem lại").click()
    expect(page.get_by_text("Phê duyệt kinh phí")).to_be_visible()
    gallery.look(page, "desk-xml")
    page.select_option("select[name=format]", "ASiC-E with CAdES")
    page.get_by_role("button", name="Đổi dạng").click()
    expect(page.locator("dd", has_text="ASiC-E (gói")).to_be_visible()
    page.get_by_role("button", name="Xóa khỏi bàn ký").click()

    document = city.document("quyet-dinh.pdf")
    page.set_input_files("input[name=file]", document)
    page.get_by_role("button", name="Tải lên và xem lại").click()
    expect(page.get_by_role("button", name="Xác nhận và ký")).to_be_visible()
    digest = hashlib.sha256(document.read_bytes()).hexdigest()
    assert digest in page.locator("code.digest").first.inner_text().replace(" ", "")
    official.see_pictures()
    gallery.look(page, "desk-document")

    page.get_by_role("button", name="Xác nhận và ký").click()
    expect(page.locator("input[name=code]")).to_be_visible()
    assert digest in page.locator("code.digest").first.inner_text().replace(" ", "")
    gallery.look(page, "code")
    official.enter_code("minh")
    expect(page.get_by_role("button", name="Đồng ý ký")).to_be_visible()
    assert digest in page.locator("code.digest").first.inner_text().replace(" ", "")
    gallery.look(page, "consent-signing")

    answers: list[str] = []
    page.on("request", lambda request: answers.append(request.url) if "/desk/callback?" in request.url else None)
    official.decide("allow")
    expect(page.get_by_role("link", name="Tải bản đã ký")).to_be_visible(timeout=20_000)
    official.see_pictures()
    gallery.look(page, "desk-signed")
    code = page.locator("a[href^='/v/']").get_attribute("href")
    anybody = visit()
    anybody.page.goto(f"{city.issuer}{code}")
    expect(anybody.page.locator("main")).to_contain_text("Trần Quang Minh")
    gallery.look(anybody.page, "verification-code")
    anybody.page.set_input_files("input[name=file]", document)
    anybody.page.get_by_role("button", name="Đối chiếu").click()
    expect(anybody.page.locator(".notice.warning")).to_contain_text("trước khi ký")
    anybody.page.goto(f"{city.issuer}/v")
    gallery.look(anybody.page, "verification-code-form")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải bản đã ký").click()
    download.value.save_as(signed)
    assert signed.read_bytes().startswith(document.read_bytes())  # an incremental update: the original is still inside

    official.expect_failures(400, 403, 404, 409)
    page.goto(answers[0])  # the provider's answer a second time: nothing is signed again
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{city.issuer}/desk")
    expect(page.locator("a[href^='/desk/documents/']")).to_have_count(1)
    gallery.look(page, "desk-list")
    page.locator("a[href^='/desk/documents/']").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải bản đã ký").click()
    assert download.value.path().read_bytes() == signed.read_bytes()
    page.goto(f"{city.issuer}/desk/picture")
    official.see_pictures()
    gallery.look(page, "desk-picture")


def test_antin_and_poppler_agree(city: City, signed: Path) -> None:
    if not signed.exists():
        pytest.skip("road 2 left no signed document")
    report = json.loads(city.antin("verify", str(signed), "--json").stdout)
    assert report["indication"] == "TOTAL-PASSED"
    assert report["signatures"][0]["signer"] == "Trần Quang Minh"
    if shutil.which("pdfsig") is None:
        pytest.skip("pdfsig is not installed (Debian: apt install poppler-utils)")
    said = subprocess.run(["pdfsig", "-nocert", str(signed)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in said
    assert "Trần Quang Minh" in said


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_anybody_sees_that_it_holds(
    city: City, visit: Callable[..., Visitor], gallery: Gallery, signed: Path, script: bool
) -> None:
    if not signed.exists():
        pytest.skip("road 2 left no signed document")
    anybody = visit(java_script_enabled=script)
    page = anybody.page
    page.goto(f"{city.issuer}/verify")
    if script:
        gallery.look(page, "verify")
    page.set_input_files("input[name=file]", signed)
    page.locator("form button[type=submit]").first.click()
    expect(page.locator(".verdict.passed")).to_be_visible()
    for words in ("TOTAL-PASSED", "Trần Quang Minh", "Sở Khoa học và Công nghệ"):
        expect(page.locator("main")).to_contain_text(words)
    if script:
        gallery.look(page, "verify-passed")


def test_anybody_sees_that_it_was_altered(
    city: City, visit: Callable[..., Visitor], gallery: Gallery, signed: Path, tmp_path: Path
) -> None:
    if not signed.exists():
        pytest.skip("road 2 left no signed document")
    altered = tmp_path / "sua-mot-byte.pdf"
    content = bytearray(signed.read_bytes())
    at = content.index(b"stream") + 40  # inside the first stream, which every signature covers
    content[at] ^= 1
    altered.write_bytes(content)
    anybody = visit()
    page = anybody.page
    page.goto(f"{city.issuer}/verify")
    page.set_input_files("input[name=file]", altered)
    page.locator("form button[type=submit]").first.click()
    expect(page.locator(".verdict.failed")).to_be_visible()
    expect(page.locator("main")).to_contain_text("TOTAL-FAILED")
    gallery.look(page, "verify-failed")
    said = city.antin("verify", str(altered), "--json", check=False)
    assert json.loads(said.stdout)["indication"] == "TOTAL-FAILED"
    assert said.returncode == 1
    if shutil.which("pdfsig"):
        poppler = subprocess.run(["pdfsig", "-nocert", str(altered)], capture_output=True, text=True, check=False)
        assert "Signature is Valid" not in poppler.stdout


def test_several_at_once_and_a_digest_alone(
    city: City, visit: Callable[..., Visitor], gallery: Gallery, signed: Path
) -> None:
    if not signed.exists():
        pytest.skip("road 2 left no signed document")
    anybody = visit(java_script_enabled=False)
    anybody.expect_failures(400)
    page = anybody.page
    page.goto(f"{city.issuer}/verify")
    page.set_input_files("input[name=file]", [signed, city.document("giay-moi.pdf")])
    page.locator("form button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("Đã kiểm tra 2 văn bản: Chữ ký hợp lệ: 1; Chưa đủ cơ sở kết luận: 1.")
    page.locator("details.card summary").first.click()
    expect(page.locator(".verdict.passed")).to_be_visible()
    scripted = visit()
    scripted.expect_failures(400)
    page = scripted.page
    page.goto(f"{city.issuer}/verify")
    page.set_input_files("input[name=file]", [signed, city.document("giay-moi.pdf")])
    page.locator("form button[type=submit]").first.click()
    page.locator("details.card summary").first.click()
    gallery.look(page, "verify-several")
    page.goto(f"{city.issuer}/verify")
    page.set_input_files("input[name=file]", signed)
    page.locator("form details summary").first.click()
    page.fill("input[name=digest]", "khong phai ma bam")
    page.locator("form button[type=submit]").first.click()
    expect(page.locator("#digest-error")).to_contain_text("thập lục phân")
    gallery.look(page, "verify-digest")


def test_an_unsigned_document_is_neither(city: City, visit: Callable[..., Visitor], gallery: Gallery) -> None:
    anybody = visit()
    page = anybody.page
    page.goto(f"{city.issuer}/verify")
    page.set_input_files("input[name=file]", city.document("giay-moi.pdf"))
    page.locator("form button[type=submit]").first.click()
    expect(page.locator(".verdict.indeterminate")).to_be_visible()
    gallery.look(page, "verify-unsigned")


def test_a_citizen_at_the_desk_is_told_why_not(city: City, visit: Callable[..., Visitor], gallery: Gallery) -> None:
    citizen = visit()
    citizen.expect_failures(403)
    page = citizen.page
    page.goto(f"{city.issuer}/desk/sign-in")
    citizen.sign_in("lan")
    expect(page.get_by_role("heading", level=1)).to_contain_text("chưa có quyền ký")
    gallery.look(page, "desk-not-official")


def _locked(folder: Path) -> Path:
    """A PDF that opens only with a password."""
    path = folder / "khoa.pdf"
    canvas = Canvas(str(path), encrypt=StandardEncryption("mat-khau", canPrint=0))
    canvas.drawString(100, 700, "secret")
    canvas.save()
    return path
