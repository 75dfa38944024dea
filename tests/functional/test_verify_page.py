"""The verification page as people and programs use it; keys and authorities are the product's own unless said."""

from __future__ import annotations

import html
import io
import json
import re
import socket
from collections.abc import Callable
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import signing.web.verify
from base.clock import FixedClock
from base.run.confined import Confinement
from base.services import BaseServices
from base.web.shell import make_app
from keys.settings import KeysSettings
from keys.trust.anchor import Domain, anchor_facts
from signing.flows import verify
from signing.formats.base import VisibleSignature
from signing.services import SigningServices, open_signing
from signing.settings import SigningSettings
from tests import signing_pdfs as pdfs
from tests import warm
from tests.encrypted_pdfs import encrypted
from tests.ready_keys import open_ready_keys
from tests.signing_pki import found_city, shared_city
from tests.vectors.pdf_attacks import ATTACKS

LIMIT = 200_000
PICTURE = VisibleSignature(pdfs.handwriting(), 1, (300, 100, 480, 172))


class Page:
    """The page, and a city whose roots it trusts in place of its own."""

    def __init__(self, services: SigningServices, app: flask.Flask) -> None:
        self.services = services
        self.client: FlaskClient = app.test_client()

    def post(
        self,
        document: bytes | None,
        *,
        accept: str = "text/html",
        lang: str = "vi",
        name: str = "qd.pdf",
        password: str = "",
    ) -> TestResponse:
        data: dict[str, object] = {"password": password}
        if document is not None:
            data["file"] = (io.BytesIO(document), name)
        headers = {"Accept": accept, "Accept-Language": lang}
        return self.client.post("/verify", data=data, headers=headers, content_type="multipart/form-data")

    def text(self, document: bytes, lang: str = "vi", name: str = "qd.pdf", password: str = "") -> str:
        answer = self.post(document, lang=lang, name=name, password=password)
        assert answer.status_code == 200
        return html.unescape(answer.get_data(as_text=True))

    def report(self, document: bytes) -> dict[str, Any]:
        answer = self.post(document, accept="application/json")
        assert answer.status_code == 200
        assert answer.mimetype == "application/json"
        report: dict[str, Any] = json.loads(answer.data)
        return report


@pytest.fixture
def page(make_base: Callable[..., BaseServices], clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Page:
    base = make_base(KeysSettings(), SigningSettings(document_max_bytes=LIMIT))
    services = open_signing(base, open_ready_keys(base))
    app = warm.keep_templates(make_app(base, name="Ấn Tín", roads=(), cookie_key=bytes(32)))
    app.register_blueprint(flask.Blueprint("signing", "signing.web", template_folder="templates"))
    signing.web.verify.mount(app, services)
    return Page(services, app)


@pytest.fixture
def trusted(page: Page, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A signed document of a city whose roots the page trusts."""
    city = found_city()
    trusted = [anchor_facts(der, Domain.GOVERNMENT) for der in city.anchors]
    monkeypatch.setattr(type(page.services.keys), "anchors", lambda _self: trusted)
    monkeypatch.setattr(type(page.services.keys), "issuer_certificates", lambda _self: [city.issuing.der])
    lists = {"root": city.root.sign_crl(), "issuing": city.issuing.sign_crl()}
    monkeypatch.setattr(type(page.services.keys), "crl", lambda _self, issuer="issuing": lists[issuer])
    return pdfs.sign(pdfs.plain(), city)


def test_the_form_needs_no_script_and_no_cookie(page: Page) -> None:
    answer = page.client.get("/verify")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'enctype="multipart/form-data"' in text
    assert 'name="file"' in text
    assert re.search(r'name="file"[^>]* required', text)
    assert not re.search(r'name="detached"[^>]* required', text)
    assert "<script" not in text
    assert "Set-Cookie" not in answer.headers


def test_what_reads_a_document_is_made_ready_while_it_is_chosen(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Confinement] = []

    class Seen(Confinement):
        def _begin(self) -> socket.socket:
            begun.append(self)
            return super()._begin()

    monkeypatch.setattr(verify, "_INSIDE", Seen("tests.confined_tasks:act"))
    for _ in range(2):
        assert page.client.get("/verify").status_code == 200
    assert len(begun) == 1


def test_a_valid_document(page: Page, trusted: bytes) -> None:
    text = page.text(trusted)
    for expected in (
        "Chữ ký hợp lệ",
        "TOTAL-PASSED",
        "Nguyễn Văn An",
        "Sở Nội vụ",
        "23:00:00 +07:00 (dấu thời gian của Cấp dấu thời gian thử nghiệm)",
        "CA cấp phát thử nghiệm",
        "Toàn bộ tệp",
        "Nội dung được ký còn nguyên vẹn",
        "SHA-256, EC secp256r1",
    ):
        assert expected in text
    assert "CA chuyên dùng Chính phủ" in text
    english = page.text(trusted, lang="en")
    assert "The signature is valid" in english
    assert "Government CA for official use" in english


def test_an_altered_document(page: Page, trusted: bytes) -> None:
    altered = bytearray(trusted)
    altered[trusted.index(b"stream") + 20] ^= 1
    text = page.text(bytes(altered))
    assert "Chữ ký không hợp lệ" in text
    assert "TOTAL-FAILED / HASH_FAILURE" in text
    assert "xin lại bản gốc" in text


def test_a_stranger_is_never_called_valid(page: Page) -> None:
    """Intact but from an unknown issuer: the middle verdict, in words that do not say 'valid'."""
    text = page.text(pdfs.sign(pdfs.plain(), found_city()))
    assert "Chưa đủ cơ sở kết luận" in text
    assert "INDETERMINATE / NO_CERTIFICATE_CHAIN_FOUND" in text
    assert "Chữ ký hợp lệ" not in text


def test_an_unsigned_document(page: Page) -> None:
    assert "Văn bản không có chữ ký số" in page.text(pdfs.plain())


def test_json_for_programs(page: Page, trusted: bytes) -> None:
    report = page.report(trusted)
    assert report["indication"] == "TOTAL-PASSED"
    assert report["sub_indication"] is None
    (signature,) = report["signatures"]
    assert signature["signer"] == "Nguyễn Văn An"
    assert signature["trust_domain"] == {
        "name": "government",
        "vi": "CA chuyên dùng Chính phủ",
        "en": "Government CA for official use",
    }
    assert signature["time_source"] == "time-stamp"
    assert signature["signing_time"] == "2025-11-24T23:00:00+07:00"
    assert {"organisation", "integrity", "coverage", "trust", "issuer", "algorithm", "findings"} <= signature.keys()


def test_the_report_of_etsi_for_archives(page: Page, trusted: bytes) -> None:
    """A browser, whose Accept names XML too, gets the page."""
    answer = page.post(trusted, accept="application/xml")
    assert answer.mimetype == "application/xml"
    assert b"urn:etsi:019102:mainindication:" in answer.data
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert page.post(trusted, accept=browser).mimetype == "text/html"


def test_every_check_is_listed(page: Page, trusted: bytes) -> None:
    said = page.text(trusted)
    assert "Từng bước kiểm tra" in said
    assert len(page.report(trusted)["signatures"][0]["checks"]) > 20


@pytest.mark.parametrize("name", ["usf_contents_missing", "isa_b_empty_table", "page_added", "cms_two_signers"])
def test_forged_documents_get_a_verdict_not_an_error(page: Page, trusted: bytes, name: str) -> None:
    assert page.report(ATTACKS[name](trusted))["indication"] == "TOTAL-FAILED"


def test_no_file(page: Page) -> None:
    assert page.post(None).status_code == 400
    answer = page.post(None, accept="application/json")
    assert (answer.status_code, json.loads(answer.data)["error"]) == (400, "no_file")


def test_one_byte_too_many_is_413(page: Page) -> None:
    assert page.post(bytes(LIMIT)).status_code == 200
    assert page.post(bytes(LIMIT + 1)).status_code == 413
    answer = page.post(bytes(LIMIT + 1), accept="application/json")
    assert (answer.status_code, json.loads(answer.data)["error"]) == (413, "too_large")


@pytest.mark.parametrize("line", [b"\n", b"\r\n", b"\r", b"\r\n--", b"0123456789\r\n-"])
def test_what_a_document_holds_never_makes_it_too_large(page: Page, line: bytes) -> None:
    """The parser keeps what could be the start of a boundary, from the last line end on, beside the next buffer."""
    assert page.post((line * LIMIT)[:LIMIT]).status_code == 200


def test_an_endless_upload_without_a_length_is_cut_off(page: Page) -> None:
    """Chunked: there is no Content-Length to judge by; at most the limit and one buffer are read."""

    class Endless(io.RawIOBase):
        read_so_far = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            size = len(buffer)  # type: ignore[arg-type]  # a writable buffer
            start = HEAD[self.read_so_far : self.read_so_far + size] if self.read_so_far < len(HEAD) else b""
            data = start + b"x" * (size - len(start))
            buffer[:] = data  # type: ignore[index]  # a writable buffer
            self.read_so_far += size
            return size

    HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    endless = Endless()
    answer = page.client.open(
        "/verify",
        method="POST",
        content_type="multipart/form-data; boundary=b",
        environ_overrides={"wsgi.input": io.BufferedReader(endless), "wsgi.input_terminated": True},
        headers={"Transfer-Encoding": "chunked"},
    )
    assert answer.status_code == 413
    assert endless.read_so_far < LIMIT + 1_000_000


def test_the_report_can_be_kept_as_text(page: Page, trusted: bytes) -> None:
    text = page.text(trusted)
    link = re.search(r'href="data:text/plain;charset=utf-8;base64,([^"]+)" download="bao-cao-kiem-tra.txt"', text)
    assert link
    import base64

    report = base64.b64decode(link[1]).decode()
    assert "BÁO CÁO KIỂM TRA CHỮ KÝ SỐ" in report
    assert "Nguyễn Văn An" in report


def test_names_cannot_inject(page: Page, trusted: bytes) -> None:
    answer = page.post(trusted, name="<script>alert(1)</script>\u202efdp.exe")
    body = answer.get_data(as_text=True)
    assert "<script" not in body
    assert "\u202e" not in body


def test_nothing_is_kept(page: Page, trusted: bytes, tmp_path: object) -> None:
    import tempfile
    from pathlib import Path

    before = set(Path(tempfile.gettempdir()).iterdir())
    data = page.services.base.base.data_dir
    held = {path: path.stat().st_size for path in data.rglob("*") if path.is_file()}
    page.report(trusted)
    assert set(Path(tempfile.gettempdir()).iterdir()) <= before | {Path(str(tmp_path))}
    after = {path: path.stat().st_size for path in data.rglob("*") if path.is_file()}
    assert set(after) == set(held)


def test_a_full_house_is_said(page: Page, trusted: bytes) -> None:
    gate = page.services.verify_gate
    object.__setattr__(gate, "_wait_seconds", 0)
    with gate.enter(), gate.enter():
        answer = page.post(trusted, accept="application/json")
    assert (answer.status_code, json.loads(answer.data)["error"]) == (503, "busy")


def test_a_document_with_a_password(page: Page) -> None:
    city = shared_city()
    once = pdfs.sign(encrypted("AES-256", "mật khẩu"), city, password="mật khẩu")
    twice = pdfs.sign(once, city, password="mật khẩu", visible=PICTURE)
    assert "Tệp có mật khẩu nên chưa kiểm tra được" in page.text(twice)
    assert "Mật khẩu không mở được tệp" in page.text(twice, password="khác")
    text = page.text(twice, password="mật khẩu")
    assert "Nội dung được ký còn nguyên vẹn" in text
    assert "data:image/png" in text, "the pages before and after the second signature"
    assert "mật khẩu" not in text
    answer = page.post(twice, accept="application/json", password="mật khẩu")
    assert len(json.loads(answer.data)["signatures"]) == 2
