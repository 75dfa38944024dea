"""The log: one line per event whatever is logged, secrets hidden, digests readable."""

from __future__ import annotations

import io
import json
import logging
import secrets
from collections.abc import Iterator

import pytest

from base.log import HIDDEN, JsonLine, configure, hide_secrets


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    captured = io.StringIO()
    configure("DEBUG", captured)
    yield captured
    logging.captureWarnings(False)
    root.handlers, root.level = handlers, level


@pytest.mark.parametrize(
    "nasty",
    [
        "a\r\nb",
        "\x1b[31mred",
        '"}\n{"level":"ERROR"',
        "\x9b31m",
        "a\u2028b\u2029c",
        "\u202egnp.exe",
        "\x00\x07",
        "\ud800",
    ],
)
def test_one_event_is_one_line(stream: io.StringIO, nasty: str) -> None:
    logging.getLogger("antin.test").warning("name %s", nasty)
    written = stream.getvalue()
    assert written.count("\n") == 1
    assert not set(written[:-1]) & set("\r\n\x1b\x9b\x00\x07\u2028\u2029\u202e\ud800")
    event = json.loads(written)
    assert event["message"] == f"name {nasty}"
    assert event["level"] == "WARNING"
    assert event["at"].endswith("Z")


def test_a_stack_trace_stays_on_the_line(stream: io.StringIO) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("antin.test").exception("failed")
    written = stream.getvalue()
    assert written.count("\n") == 1
    assert "ValueError: first\nsecond" in json.loads(written)["exception"]


TOKEN = "q8Zt3vYw-1LkPzR7_mXcNb2HdJfGsA5uEoKiTyVxW4Q"  # like ours; fixed, so that tests keep their names
JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("message", "secret"),
    [
        (f"Authorization: Bearer {TOKEN}", TOKEN),
        ("Authorization: Basic YWxhZGRpbjpvcGVu", "YWxhZGRpbjpvcGVu"),
        (f"got {JWT} from client", JWT),
        ("password=hunter2&x=1", "hunter2"),
        ('{"client_secret": "s3cr3t"}', "s3cr3t"),
        ("POST /token code=abc123&code_verifier=xyz789", "abc123"),
        ("POST /token code=abc123&code_verifier=xyz789", "xyz789"),
        ("/login?tx=c2hvcnQ", "c2hvcnQ"),
        ("otp=123456", "123456"),
        ("postgresql://antin:hunter2@db/antin", "hunter2"),
        ("totp JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "JBSWY3DP"),
        (f"row {TOKEN} deleted", TOKEN),
        ("-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----", "MIGH"),
    ],
)
def test_secrets_are_hidden(message: str, secret: str) -> None:
    hidden = hide_secrets(message)
    assert secret not in hidden
    assert HIDDEN in hidden


def test_every_token_that_we_make_is_hidden() -> None:
    for _ in range(2000):
        token = secrets.token_urlsafe(32)
        assert token not in hide_secrets(f"value {token}.")


@pytest.mark.parametrize(
    "message",
    [
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "outbox backchannel_logout out_0123456789abcdefABCDEF attempt 3 failed: TimeoutError",
        "exit code: 1",
        "GET /verify 200 in 12 ms",
        'File "/srv/antin/signing/flows/verify.py", line 12, in verify_document_with_detached_content_and_anchors',
    ],
)
def test_what_an_operator_needs_stays(message: str) -> None:
    assert hide_secrets(message) == message


def test_libraries_that_log_tokens_are_quiet(stream: io.StringIO) -> None:
    logging.getLogger("authlib.oauth2").debug("token %s", TOKEN)
    logging.getLogger("urllib3.connectionpool").debug("GET /?code=1")
    assert stream.getvalue() == ""


def test_a_wrong_format_string_loses_nothing() -> None:
    record = logging.LogRecord("antin", logging.INFO, __file__, 1, "%d files", ("three",), None)
    assert "three" in json.loads(JsonLine().format(record))["message"]
