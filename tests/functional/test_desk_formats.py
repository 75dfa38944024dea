"""Files that are no PDF at the desk: shown as what they are, signed in their own form or in a container."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator

import pytest

from base.services import BaseServices
from signing.flows.self_check import judge_document
from signing.flows.upload import folder
from signing.validation.indications import Indication
from tests.desk_city import BINH, MAI, Browser, DeskCity, asked_for, desk_city
from tests.desk_ledger import evidence, reasons
from tests.desk_papers import decision

XML = "<quyet-dinh><so>12</so><noi-dung>Phê duyệt</noi-dung></quyet-dinh>".encode()
JSON = '{"so": 12, "noi_dung": "Phê duyệt"}'.encode()
TABLE = "số;nội dung\n12;Phê duyệt\n".encode()
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
FILES = {
    "XAdES": ("qd.xml", XML, "application/xml", "qd.signed.xml"),
    "JAdES": ("qd.json", JSON, "application/jose+json", "qd.signed.json"),
    "ASiC-E with CAdES": ("bang.csv", TABLE, "application/vnd.etsi.asic-e+zip", "bang.csv.signed.asice"),
}
ROLE = "Chủ tịch, UBND phường Hải Châu"


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


@pytest.fixture
def browser(city: DeskCity) -> Browser:
    opened = city.browser()
    opened.sign_in()
    return opened


@pytest.mark.parametrize("form", FILES)
def test_each_kind_is_signed_in_its_own_form(city: DeskCity, browser: Browser, form: str) -> None:
    name, content, media_type, signed_name = FILES[form]
    document = browser.uploaded(content, name)
    assert "Phê duyệt" in browser.get(document).get_data(as_text=True)
    away = browser.ask(document)
    (details,) = json.loads(asked_for(away)["authorization_details"])
    assert details["documentDigests"][0]["label"] == name
    back = browser.approve(away)
    assert browser.follow(back.headers["Location"]).headers["Location"] == document
    answer = browser.get(f"{document}/signed")
    assert answer.mimetype == media_type
    assert f"filename={signed_name}" in answer.headers["Content-Disposition"]
    report = judge_document(city.services, answer.data)
    assert report.indication is Indication.TOTAL_PASSED
    (signature,) = report.signatures
    assert (signature.format, signature.signer, signature.level) == (form, BINH.name, "B-T")
    (row,) = evidence(city)
    assert row.digest_in == hashlib.sha256(content).hexdigest()
    assert row.digest_out == hashlib.sha256(answer.data).hexdigest()
    original = browser.get(f"{document}/original")
    assert (original.data, original.mimetype) == (content, "application/octet-stream")
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert "Hồ sơ chữ ký" in browser.get(document).get_data(as_text=True)


@pytest.mark.parametrize("form", FILES)
def test_a_second_official_signs_what_the_first_has_signed(city: DeskCity, browser: Browser, form: str) -> None:
    name, content, _media_type, signed_name = FILES[form]
    first = browser.uploaded(content, name)
    browser.sign(first)
    other = city.browser()
    other.sign_in(MAI)
    second = other.uploaded(browser.get(f"{first}/signed").data, signed_name)
    assert BINH.name in other.get(second).get_data(as_text=True)
    other.sign(second, MAI)
    report = judge_document(city.services, other.get(f"{second}/signed").data)
    assert report.indication is Indication.TOTAL_PASSED
    assert sorted(one.signer or "" for one in report.signatures) == sorted((BINH.name, MAI.name))


def test_what_is_not_text_is_signed_in_a_container_and_not_shown(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(PICTURE, "anh.png")
    page = browser.get(document).get_data(as_text=True)
    assert "không hiện được nội dung" in page
    assert 'id="place"' not in page
    browser.sign(document)
    with zipfile.ZipFile(io.BytesIO(browser.get(f"{document}/signed").data)) as box:
        assert box.read("anh.png") == PICTURE


def test_the_official_chooses_among_the_formats_of_the_file(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(XML, "qd.xml")
    assert '<option value="XAdES" selected>' in browser.get(document).get_data(as_text=True)
    assert browser.post(f"{document}/format", {"format": "JAdES"}).status_code == 422
    assert browser.post(f"{document}/format", {"format": "PAdES"}).status_code == 422
    assert browser.post(f"{document}/format", {"format": "ASiC-E with CAdES"}).status_code == 303
    browser.sign(document)
    report = judge_document(city.services, browser.get(f"{document}/signed").data)
    assert [one.format for one in report.signatures] == ["ASiC-E with CAdES"]
    assert browser.post(f"{document}/format", {"format": "XAdES"}).status_code == 409


def test_what_is_made_is_what_was_chosen_when_the_approval_was_asked_for(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(XML, "qd.xml")
    away = browser.ask(document)
    assert browser.post(f"{document}/format", {"format": "ASiC-E with CAdES"}).status_code == 303
    browser.follow(browser.approve(away).headers["Location"])
    answer = browser.get(f"{document}/signed")
    assert answer.mimetype == "application/xml"
    assert [one.format for one in judge_document(city.services, answer.data).signatures] == ["XAdES"]


def test_a_pdf_is_signed_within_and_no_other_way(browser: Browser) -> None:
    document = browser.uploaded(decision())
    assert 'id="kind"' not in browser.get(document).get_data(as_text=True)
    assert browser.post(f"{document}/format", {"format": "ASiC-E with CAdES"}).status_code == 422
    assert browser.post(f"{document}/code").status_code == 303
    other = browser.uploaded(XML, "qd.xml")
    assert browser.post(f"{other}/code").status_code == 409
    assert browser.get(f"{other}/pages/1.png").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("qd.pdf", XML),
        ("trong.xml", b""),
        ("ky.p7m", b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02broken"),
        ("C:.txt", TABLE),
    ],
)
def test_what_cannot_be_signed_is_refused_beside_the_field(browser: Browser, name: str, content: bytes) -> None:
    answer = browser.upload(content, name)
    assert 400 <= answer.status_code < 500
    assert 'id="file-error"' in answer.get_data(as_text=True)


def test_a_document_changed_on_the_disk_is_not_signed(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(JSON, "qd.json")
    away = browser.ask(document)
    path = folder(city.services).path(document.rsplit("/", 1)[-1], hashlib.sha256(JSON).hexdigest())
    path.chmod(0o600)
    path.write_bytes(JSON.replace(b"12", b"13"))
    browser.follow(browser.approve(away).headers["Location"])
    assert reasons(city) == ["document_damaged"]
    assert browser.get(f"{document}/signed").status_code == 404


def test_what_cannot_be_seen_in_a_text_is_shown_by_number(browser: Browser) -> None:
    page = browser.get(browser.uploaded("<a>\u202e<script>alert(1)</script></a>".encode(), "a.xml")).get_data(True)
    assert "⟨U+202E⟩" in page
    assert "\u202e" not in page
    assert "<script>alert" not in page
