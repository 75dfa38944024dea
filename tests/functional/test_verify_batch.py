"""Several files at once, and detached signatures whose content is elsewhere, at `POST /verify`."""

from __future__ import annotations

import hashlib
import html
import io
import json
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree import ElementTree

import flask
import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

import signing.web.verify
from base.services import BaseServices
from base.web.shell import make_app
from keys.settings import KeysSettings
from signing.formats.base import Packaging
from signing.services import open_signing
from signing.settings import SigningSettings
from signing.web.verify_upload import MOST_FILES
from tests import signing_cms as made
from tests import signing_pdfs as pdfs
from tests import warm
from tests.ready_keys import open_ready_keys
from tests.signing_pki import found_city

LIMIT = 200_000
Post = Callable[..., TestResponse]
Files = Sequence[tuple[str, bytes]]


@pytest.fixture
def post(make_base: Callable[..., BaseServices]) -> Post:
    base = make_base(KeysSettings(), SigningSettings(document_max_bytes=LIMIT))
    services = open_signing(base, open_ready_keys(base))
    app = warm.keep_templates(make_app(base, name="Ấn Tín", roads=(), cookie_key=bytes(32)))
    app.register_blueprint(flask.Blueprint("signing", "signing.web", template_folder="templates"))
    signing.web.verify.mount(app, services)
    client = app.test_client()

    def send(files: Files, accept: str = "application/json", **more: Any) -> TestResponse:
        parts = {"file": [FileStorage(io.BytesIO(content), filename=name) for name, content in files], **more}
        boundary, body = encode_multipart(parts)  # the client's own leaves files open
        kind = f"multipart/form-data; boundary={boundary}"
        return client.post("/verify", data=body, headers={"Accept": accept}, content_type=kind)

    return send


SIGNED = pdfs.sign(pdfs.plain(), found_city())
ALTERED = SIGNED.replace(b"1000", b"9000")
THREE = [("một.pdf", SIGNED), ("hai.pdf", ALTERED), ("ba.pdf", pdfs.plain())]


def test_each_file_has_its_report_and_all_a_summary(post: Post) -> None:
    found = json.loads(post(THREE).data)
    assert [one["name"] for one in found["documents"]] == ["một.pdf", "hai.pdf", "ba.pdf"]
    assert [one["indication"] for one in found["documents"]] == ["INDETERMINATE", "TOTAL-FAILED", "INDETERMINATE"]
    assert found["summary"]["counts"] == {"TOTAL-PASSED": 0, "INDETERMINATE": 2, "TOTAL-FAILED": 1}
    assert [one["document_digest"] for one in found["documents"]] == [
        hashlib.sha256(content).hexdigest() for _name, content in THREE
    ]


def test_the_page_names_every_file_with_its_verdict(post: Post) -> None:
    said = html.unescape(post(THREE, accept="text/html").get_data(as_text=True))
    assert "Đã kiểm tra 3 văn bản: Chưa đủ cơ sở kết luận: 2; Chữ ký không hợp lệ: 1." in said
    for number, words in ((1, "một.pdf: Chưa đủ"), (2, "hai.pdf: Chữ ký không"), (3, "ba.pdf: Văn bản không có")):
        assert f"{number}. {words}" in said


def test_one_xml_for_all(post: Post) -> None:
    tree = ElementTree.fromstring(post(THREE, accept="application/xml").data)
    assert len(tree.findall("{http://uri.etsi.org/19102/v1.4.1#}SignatureValidationReport")) == 3


def test_too_many_files_are_refused(post: Post) -> None:
    several = [(f"{number}.pdf", b"%PDF-1.7") for number in range(MOST_FILES + 1)]
    assert post(several[:-1]).status_code == 200
    answer = post(several)
    assert (answer.status_code, json.loads(answer.data)["error"]) == (400, "too_many_files")
    assert post([*several, *several]).status_code == 413


def test_all_files_together_are_limited(post: Post) -> None:
    assert post([("a", bytes(LIMIT)), ("b", bytes(LIMIT - 1000))]).status_code == 200
    assert post([("a", bytes(LIMIT)), ("b", bytes(LIMIT)), ("c", bytes(LIMIT))]).status_code == 413


def test_the_digest_of_the_content_is_enough(post: Post) -> None:
    """Typed as people copy it: capitals, groups, a line end."""
    apart = [("chu-ky.p7s", made.sign(packaging=Packaging.DETACHED))]
    digest = hashlib.sha256(made.CONTENT).hexdigest()
    typed = " ".join(digest.upper()[start : start + 8] for start in range(0, 64, 8)) + "\r\n"
    (signature,) = json.loads(post(apart, digest=typed).data)["signatures"]
    assert (signature["coverage"], signature["integrity"]) == ("digest", "intact")
    (signature,) = json.loads(post(apart, digest="ab" * 32).data)["signatures"]
    assert (signature["indication"], signature["integrity"]) == ("TOTAL-FAILED", "altered")
    (signature,) = json.loads(post(apart).data)["signatures"]
    assert signature["indication"] != "TOTAL-PASSED"


@pytest.mark.parametrize("typed", ["xyz", "ab" * 31, "ab" * 33, "0x" + "ab" * 32, "ế" * 64])
def test_what_is_no_digest_is_said_beside_its_field(post: Post, typed: str) -> None:
    answer = post([("a.p7s", b"x")], accept="text/html", digest=typed)
    said = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 400
    assert f'value="{typed}"' in said
    assert "thập lục phân (0–9, a–f). Hãy chép lại" in said
    assert "<details open>" in said


def test_content_and_digest_exclude_each_other(post: Post) -> None:
    answer = post([("a.p7s", b"x")], digest="ab" * 32, detached=FileStorage(io.BytesIO(b"content"), filename="content"))
    assert (answer.status_code, json.loads(answer.data)["error"]) == (400, "detached_and_digest")
