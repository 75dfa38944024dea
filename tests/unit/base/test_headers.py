"""Security headers and cookie attributes, on every kind of answer."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

EVERYWHERE = (
    "/",
    "/form",
    "/nope",
    "/refused",
    "/boom",
    "/health/live",
    "/standards",
    "/static/app.css",
    "/language/en",
)


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_is_dressed(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", [path for path in EVERYWHERE if "static" not in path])
def test_pages_are_neither_stored_nor_shared(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert "Cookie" in headers["Vary"]


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("http://localhost:8001/callback?a=1", "http://localhost:8001"),
        ("https://dichvu.example.vn/cb", "https://dichvu.example.vn"),
        ("http://[::1]:9000/cb", "http://[::1]:9000"),
    ],
)
def test_a_form_may_end_at_a_named_origin(client: FlaskClient, address: str, origin: str) -> None:
    policy = client.get("/away", query_string={"to": address}).headers["Content-Security-Policy"]
    assert f"form-action 'self' {origin};" in policy
    assert origin not in client.get("/form").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "address", ["com.example:/cb", "javascript:alert(1)", "https://a; script-src *", "https://*/x", "//x"]
)
def test_nothing_else_gets_into_the_policy(client: FlaskClient, address: str) -> None:
    policy = client.get("/away", query_string={"to": address}).headers["Content-Security-Policy"]
    assert "form-action 'self';" in policy
    assert "script-src *" not in policy


def test_cookies_over_http(client: FlaskClient) -> None:
    cookie = client.get("/form").headers["Set-Cookie"]
    assert cookie.startswith("antin_browser=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_cookies_and_transport_over_https(https_client: FlaskClient) -> None:
    answer = https_client.get("/form")
    assert answer.headers["Set-Cookie"].startswith("__Host-antin_browser=")
    assert "; Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
