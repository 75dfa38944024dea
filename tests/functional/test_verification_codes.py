"""Verification codes: from the desk to paper, and from paper to what was signed."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
from collections.abc import Callable, Iterator

import pypdfium2
import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from base.clock import FixedClock
from base.services import BaseServices
from keys.api import KeyHandle, RevocationReason
from signing.flows import codes
from signing.flows.background import reap_api, reap_documents
from signing.flows.self_check import judge_document
from signing.models import document_codes
from signing.validation.indications import Indication
from tests.api_caller import application
from tests.desk_city import BINH, MAI, Browser, DeskCity, desk_city
from tests.desk_ledger import evidence
from tests.desk_papers import Layout, decision


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


@pytest.fixture
def browser(city: DeskCity) -> Browser:
    opened = city.browser()
    opened.sign_in()
    return opened


def signed(browser: Browser, content: bytes) -> tuple[str, bytes, str]:
    """The document's address at the desk, the signed bytes, and the address of its code."""
    document = browser.uploaded(content)
    browser.sign(document)
    page = browser.get(document).get_data(as_text=True)
    found = re.search(r'href="(/v/[0-9A-Z]{26})"', page)
    assert found
    return document, bytes(browser.get(f"{document}/signed").data), found[1]


def seen(city: DeskCity, address: str, lang: str = "vi") -> str:
    answer = city.app.test_client().get(address, headers={"Accept-Language": lang})
    assert (answer.status_code, answer.headers["X-Robots-Tag"]) == (200, "noindex")
    assert "Set-Cookie" not in answer.headers
    return html.unescape(answer.get_data(as_text=True))


def compared(city: DeskCity, address: str, content: bytes) -> TestResponse:
    boundary, body = encode_multipart({"file": FileStorage(io.BytesIO(content), filename="x.pdf")})
    kind = f"multipart/form-data; boundary={boundary}"
    answer: TestResponse = city.app.test_client().post(address, data=body, content_type=kind)
    return answer


def words(document: bytes, page: int = 0) -> str:
    pdf = pypdfium2.PdfDocument(document)
    said = str(pdf[page].get_textpage().get_text_range())
    pdf.close()
    return " ".join(said.split())


def test_a_code_leads_to_who_signed_and_to_nothing_of_the_content(city: DeskCity, browser: Browser) -> None:
    _document, content, address = signed(browser, decision())
    page = seen(city, address)
    (row,) = evidence(city)
    for expected in (BINH.name, "Chủ tịch", "UBND phường Hải Châu", "hiện còn hiệu lực", row.digest_out[:4]):
        assert expected in page
    for kept_back in ("Quyết định 12", row.credential, row.owner, row.id, row.document_id):
        assert kept_back not in page
    assert hashlib.sha256(content).hexdigest() == row.digest_out
    assert "The signer's certificate is valid now" in seen(city, address, "en")


def test_a_file_is_compared_by_its_digest(city: DeskCity, browser: Browser) -> None:
    paper = decision()
    _document, content, address = signed(browser, paper)
    for given, expected in (
        (content, "đúng là bản đã ký"),
        (paper, "trước khi ký"),
        (content + b"\n% more", "có phần thêm vào sau"),
        (b"%PDF-1.9" + content[8:] + b"more", "không phải là văn bản mang mã này"),
        (content[:-1], "không phải là văn bản mang mã này"),
        (decision(Layout(pages=2)), "không phải là văn bản mang mã này"),
    ):
        answer = compared(city, address, given)
        assert (answer.status_code, expected in html.unescape(answer.get_data(as_text=True))) == (200, True), expected
    assert compared(city, address, bytes(city.services.settings.document_max_bytes + 1)).status_code == 413
    assert city.app.test_client().post(address).status_code == 400


def test_how_it_stands_now(city: DeskCity, browser: Browser, clock: FixedClock) -> None:
    _document, _content, address = signed(browser, decision())
    (row,) = evidence(city)
    city.keys.suspend(row.credential)
    assert "đang tạm dừng" in seen(city, address)
    city.keys.resume(row.credential)
    held = city.keys.credential(KeyHandle(row.credential))
    moment = clock.now()
    clock.move(held.not_after - moment + 1)
    assert "đã hết hạn sau khi ký" in seen(city, address)
    clock.move(moment - clock.now())
    city.keys.revoke(row.credential, RevocationReason.KEY_COMPROMISE)
    assert "đã bị thu hồi" in seen(city, address)


def test_a_code_cannot_be_guessed_and_is_kept_by_its_hash(city: DeskCity, browser: Browser) -> None:
    _document, _content, address = signed(browser, decision())
    code = address.removeprefix("/v/")
    assert codes.LENGTH * 5 >= 128
    with city.base.db.read() as connection:
        (row,) = connection.execute(select(document_codes)).all()
    assert code.encode() not in row.sealed_code
    assert code not in json.dumps([str(value) for value in row])
    for other in (code[:-1] + ("0" if code[-1] != "0" else "1"), code[:-1], "x", "0" * 26, "Ế" * 26):
        assert city.app.test_client().get(f"/v/{other}").status_code == 404
    spoken = codes.grouped(code).lower().replace("0", "o").replace("1", "l")
    answer = city.app.test_client().get("/v", query_string={"code": spoken})
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    assert city.app.test_client().get("/v", query_string={"code": "abc"}).status_code == 400
    assert city.app.test_client().get("/v").status_code == 200


def test_printed_before_it_is_signed_it_is_part_of_what_is_approved(city: DeskCity, browser: Browser) -> None:
    paper = decision(Layout(pages=2))
    document = browser.uploaded(paper)
    assert "In mã vào văn bản" in browser.get(document).get_data(as_text=True)
    answer = browser.post(f"{document}/code")
    assert answer.status_code == 303, html.unescape(answer.get_data(as_text=True))[-1500:]
    shown = browser.get(f"{document}/original").data
    assert shown.startswith(paper)
    said = words(shown, 1)
    code = re.search(r"((?:[0-9A-Z]{5}-){5}[0-9A-Z])", said)
    assert code, said
    assert "Mã kiểm tra văn bản ký số" in said
    assert words(shown, 0) == words(paper, 0)
    address = "/v/" + code[1].replace("-", "")
    assert "Chưa có ai ký văn bản này" in seen(city, address)
    page = browser.get(document).get_data(as_text=True)
    assert code[1] in page
    assert "In mã vào văn bản" not in page
    assert browser.post(f"{document}/code").status_code == 409
    browser.sign(document)
    content = bytes(browser.get(f"{document}/signed").data)
    assert judge_document(city.services, content).indication is Indication.TOTAL_PASSED
    (row,) = evidence(city)
    assert row.digest_in == hashlib.sha256(shown).hexdigest()
    assert BINH.name in seen(city, address)
    assert "đúng là bản đã ký" in html.unescape(compared(city, address, content).get_data(as_text=True))


def test_an_approval_for_the_document_without_the_code_signs_nothing(city: DeskCity, browser: Browser) -> None:
    """The official asks, prints the code in another window, and approves what was asked first."""
    document = browser.uploaded(decision())
    away = browser.ask(document)
    browser.post(f"{document}/code")
    back = browser.approve(away)
    answer = browser.follow(back.headers["Location"])
    assert answer.status_code == 409
    assert evidence(city) == []


def test_where_no_code_can_be_printed(city: DeskCity, browser: Browser) -> None:
    _document, content, _address = signed(browser, decision())
    again = browser.uploaded(content)  # it carries a signature: nothing is printed over that
    assert "In mã vào văn bản" not in browser.get(again).get_data(as_text=True)
    assert browser.post(f"{again}/code").status_code == 409
    fields = {"signer_name": BINH.name, "signer_organisation": "H17.12"}
    asked = json.loads(application(city).post("/requests", decision(), **fields).data)
    taken = browser.post(f"/desk/offers/{asked['id']}/accept").headers["Location"]
    assert browser.post(f"{taken}/code").status_code == 409  # an application wants these very bytes signed
    stranger = city.browser()
    stranger.sign_in(MAI)
    assert stranger.post(f"{browser.uploaded(decision())}/code").status_code == 404


def test_the_sheet_that_goes_with_it(city: DeskCity, browser: Browser) -> None:
    document, content, address = signed(browser, decision())
    answer = browser.get(f"{document}/sheet.pdf")
    assert answer.mimetype == "application/pdf"
    said = words(answer.data)
    for expected in ("Phiếu xác thực văn bản ký số", BINH.name, codes.grouped(address.removeprefix("/v/")), address):
        assert expected in said
    assert hashlib.sha256(content).hexdigest() in said.replace(" ", "")
    assert judge_document(city.services, answer.data).indication is Indication.TOTAL_PASSED
    other = city.browser()
    other.sign_in(MAI)
    assert other.get(f"{document}/sheet.pdf").status_code == 404
    assert browser.get(f"{browser.uploaded(decision())}/sheet.pdf").status_code == 404


def test_a_second_signature_stands_on_the_same_page(city: DeskCity, browser: Browser) -> None:
    _document, content, address = signed(browser, decision())
    mai = city.browser()
    mai.sign_in(MAI)
    again = mai.uploaded(content)
    mai.sign(again, MAI)
    both = mai.get(f"{again}/signed").data
    page = seen(city, address)
    assert page.index(BINH.name) < page.index(MAI.name)
    assert "đúng là bản đã ký" in html.unescape(compared(city, address, both).get_data(as_text=True))


def test_the_code_outlives_the_document_and_not_a_draft(city: DeskCity, browser: Browser, clock: FixedClock) -> None:
    _document, _content, address = signed(browser, decision())
    browser.post(f"{browser.uploaded(decision())}/code")
    clock.move(city.services.settings.signed_retention_seconds + 1)
    reap_documents(city.services)
    reap_api(city.services)
    assert BINH.name in seen(city, address)
    with city.base.db.read() as connection:
        assert len(connection.execute(select(document_codes)).all()) == 1


def test_the_application_learns_the_address(city: DeskCity, browser: Browser) -> None:
    app = application(city)
    asked = json.loads(app.post("/requests", decision(), signer_name=BINH.name, signer_organisation="H17.12").data)
    browser.sign(browser.post(f"/desk/offers/{asked['id']}/accept").headers["Location"])
    found = json.loads(app.get(f"/requests/{asked['id']}").data)
    assert BINH.name in seen(city, found["verification"].removeprefix(city.base.base.issuer))
