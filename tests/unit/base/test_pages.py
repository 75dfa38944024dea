"""Error pages: bilingual, always a way on, JSON for programs, and nothing of the inside."""

from __future__ import annotations

import logging

import flask
import pytest
from flask.testing import FlaskClient

from base.texts import Text
from base.web.pages import message_page
from base.web.ways import local_path

JSON = {"Accept": "application/json"}


@pytest.mark.parametrize(
    ("path", "status", "vietnamese", "english"),
    [
        ("/nope", 404, "Không có trang này", "There is no such page"),
        ("/program", 405, "Không mở được theo cách này", "does not open this way"),
        ("/boom", 500, "Máy chủ gặp lỗi", "The server failed"),
        ("/refused", 409, "Tên đã có người dùng.", "The name is taken."),
    ],
)
def test_errors_speak_both_languages(
    client: FlaskClient, path: str, status: int, vietnamese: str, english: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert vietnamese in answer.text
    assert '<html lang="vi">' in answer.text
    assert 'class="ways"' in answer.text
    in_english = client.get(path, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert english in in_english.text
    assert '<html lang="en">' in in_english.text


def test_programs_get_json(client: FlaskClient) -> None:
    assert client.get("/nope", headers=JSON).json == {
        "error": "not_found",
        "error_description": "The address may be mistyped, or the page has moved.",
    }
    assert client.get("/refused", headers=JSON).json == {"error": "taken", "error_description": "The name is taken."}
    assert "Allow" in client.get("/program", headers=JSON).headers


def test_browsers_and_curl_get_pages(client: FlaskClient) -> None:
    for accept in ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "*/*"):
        assert client.get("/nope", headers={"Accept": accept}).mimetype == "text/html"


def test_a_failure_shows_a_reference_and_nothing_else(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.get("/boom")
    assert "inner detail" not in answer.text
    assert "Traceback" not in answer.text
    reference = caplog.records[-1].args[0]  # type: ignore[index]  # (reference, endpoint)
    assert str(reference) in answer.text
    assert caplog.records[-1].exc_info


def test_the_debug_text_goes_to_the_log_only(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert "row 7" not in client.get("/refused").text
    assert "row 7" in caplog.text


def test_a_large_body_is_refused(app: flask.Flask) -> None:
    client = app.test_client()
    client.get("/form")
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = client.post("/form", data={"csrf": "x" * 2000})
    assert answer.status_code == 413
    assert "Tệp quá lớn" in answer.text


def test_what_a_visitor_sends_is_escaped(client: FlaskClient) -> None:
    assert "<script>" not in client.get("/<script>alert(1)</script>?a=<script>").text


def test_a_message_page(app: flask.Flask) -> None:
    with app.test_request_context("/"):
        answer = message_page(Text("Đã đăng xuất", "Signed out"), Text("Hẹn gặp lại.", "See you."))
    assert answer.status_code == 200
    assert 'role="status"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/desk?a=1&b=2", "/desk?a=1&b=2"),
        ("/", "/"),
        ("", "/"),
        (None, "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("/" + "a" * 50_000, "/"),
    ],
)
def test_only_paths_of_this_site_are_followed(given: str | None, kept: str) -> None:
    assert local_path(given) == kept
