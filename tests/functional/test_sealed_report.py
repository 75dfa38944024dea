"""The simple report as a PDF under the seal of this service: readable, verifiable, and nobody else's words."""

from __future__ import annotations

import html
import io
import json
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from base.clock import FixedClock
from base.services import BaseServices
from keys.api import PersonSubject
from keys.errors import KeyRefused
from keys.lifecycle.states import Purpose, State
from keys.signers import DocumentSigner, ReportSigner
from keys.store import keys as key_rows
from signing.flows import carried_sheet
from signing.flows.self_check import judge_document
from signing.reports.pdf_sheet import draw_sheet
from signing.reports.sheet import FAILED, Part, Sheet, read_sheet
from signing.validation.indications import Indication
from tests import signing_pdfs as pdfs
from tests.api_caller import application
from tests.desk_city import DeskCity, desk_city
from tests.signing_pki import found_city

SIGNED = pdfs.sign(pdfs.plain(), found_city())
FIELD = re.compile(r'name="report" value="([^"]+)"')


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


def text_of(document: bytes) -> str:
    pdf = pypdfium2.PdfDocument(document)
    said = "\n".join(page.get_textpage().get_text_range() for page in pdf)
    pdf.close()
    return unicodedata.normalize("NFC", said)


def verified(
    city: DeskCity, accept: str, *, lang: str = "vi", names: tuple[str, ...] = ("Quyết định 12.pdf",)
) -> bytes:
    files = [FileStorage(io.BytesIO(SIGNED), filename=name) for name in names]
    boundary, body = encode_multipart({"file": files})
    answer = city.app.test_client().post(
        "/verify",
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
        headers={"Accept": accept, "Accept-Language": lang},
    )
    assert answer.status_code == 200
    assert answer.mimetype == accept
    return bytes(answer.data)


def test_a_program_gets_it_by_accept_and_our_verifier_believes_it(city: DeskCity) -> None:
    report = verified(city, "application/pdf")
    said = " ".join(text_of(report).split())
    for words in (
        "Báo cáo kiểm tra chữ ký số",
        "Chưa đủ cơ sở kết luận",
        "Quyết định 12.pdf",
        "Nguyễn Văn An",
        "Sở Nội vụ",
    ):
        assert words in said
    judged = judge_document(city.services, report)
    assert judged.indication is Indication.TOTAL_PASSED
    (signature,) = judged.signatures
    assert (signature.signer, signature.level) == ("Ấn Tín Report Seal", "B-T")
    assert b"/FontFile2" in report
    altered = bytearray(report)
    altered[report.index(b"stream") + 30] ^= 1
    assert judge_document(city.services, bytes(altered)).indication is Indication.TOTAL_FAILED
    english = " ".join(text_of(verified(city, "application/pdf", lang="en")).split())
    assert "Signature verification report" in english


def test_several_documents_in_one_report(city: DeskCity) -> None:
    said = " ".join(text_of(verified(city, "application/pdf", names=("một.pdf", "hai.pdf"))).split())
    assert "một.pdf" in said
    assert "hai.pdf" in said


def test_a_person_gets_it_from_the_page_for_an_hour(city: DeskCity, clock: FixedClock) -> None:
    page = verified(city, "text/html").decode()
    found = FIELD.search(page)
    assert found
    carried = html.unescape(found[1])
    client = city.app.test_client()
    answer = client.post("/verify/report.pdf", data={"report": carried})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "bao-cao-kiem-tra.pdf" in answer.headers["Content-Disposition"]
    assert judge_document(city.services, answer.data).indication is Indication.TOTAL_PASSED
    clock.move(carried_sheet.LIFE_SECONDS + 1)
    late = client.post("/verify/report.pdf", data={"report": carried})
    assert late.status_code == 400
    assert "quá một giờ" in html.unescape(late.get_data(as_text=True))


def test_nobody_gets_our_seal_under_other_words(city: DeskCity) -> None:
    """Another verdict, a longer life, a mark of something else: refused; nothing is drawn."""
    found = FIELD.search(verified(city, "text/html").decode())
    assert found
    until, mark, packed = html.unescape(found[1]).split(".")
    own = Sheet("Chữ ký hợp lệ", "vi", (Part("TOTAL-PASSED"),), "")
    forged = carried_sheet.carry(city.services, own).split(".")[2]
    later = str(int(until) + 1)
    for wrong in (f"{until}.{mark}.{forged}", f"{later}.{mark}.{packed}", f"{until}..{packed}", "", "x", "a.b.c", "…"):
        answer = city.app.test_client().post("/verify/report.pdf", data={"report": wrong})
        assert answer.status_code == 400, wrong


def test_the_api_gives_it_too(city: DeskCity) -> None:
    answer = application(city).post("/verifications", SIGNED, report="pdf")
    assert judge_document(city.services, answer.data).indication is Indication.TOTAL_PASSED


def test_the_seal_signs_nothing_else(city: DeskCity) -> None:
    seal = city.keys.report_seal()
    assert city.keys.report_seal().handle == seal.handle
    with city.base.db.read() as connection:
        key = key_rows.find(connection, seal.handle)
    assert key is not None
    assert (key.purpose, key.state) == (Purpose.REPORT, State.ACTIVE)
    city.keys.custody.open_for(ReportSigner, key)
    with pytest.raises(KeyRefused, match="wrong_purpose"):
        city.keys.custody.open_for(DocumentSigner, key)
    browser = city.browser()
    browser.sign_in()
    with pytest.raises(KeyRefused, match="unknown_key"):
        city.keys.credential(seal.handle)
    assert city.keys.credentials_of("service") == []


def test_a_person_key_is_no_seal(city: DeskCity) -> None:
    held = city.keys.enrol_person(PersonSubject("o", "Nguyễn Văn An", "UBND", "Chủ tịch"))
    with pytest.raises(KeyRefused, match="wrong_purpose"):
        city.keys.seal_report(held.handle, message=b"x")


def test_whatever_a_certificate_says_can_be_drawn() -> None:
    """Markup, letters of other scripts, endless words: a page comes out, and the words on it are words."""
    odd = "<b>&amp;</b> \u202e\x00 漢字 🎉 " + "x" * 5000
    sheet = Sheet(
        "T", "vi", tuple(Part(odd, FAILED, ((odd, odd),) * 3, (odd,)) for _ in range(3)), odd, "https://x.vn/v/A"
    )
    assert read_sheet(sheet.as_json()) == sheet
    drawn = draw_sheet(sheet)
    assert drawn == draw_sheet(sheet)
    assert "<b>&amp;</b>" in text_of(drawn)


def test_poppler_believes_it_too(city: DeskCity, tmp_path: Path) -> None:
    if shutil.which("pdfsig") is None:
        pytest.skip("pdfsig is not installed (Debian: apt install poppler-utils)")
    path = tmp_path / "report.pdf"
    path.write_bytes(verified(city, "application/pdf"))
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in said
    assert json.dumps("Total document signed")[1:-1] in said
