"""Which language is spoken: cookie, ui_locales, Accept-Language, Vietnamese; and the switch keeps the page."""

from __future__ import annotations

import flask
import pytest
from flask.testing import FlaskClient

from base.texts import Text, spoken_lang


@pytest.mark.parametrize(
    ("cookie", "query", "accept", "lang"),
    [
        (None, "", None, "vi"),
        (None, "", "fr", "vi"),
        (None, "", "fr, en-US;q=0.5, vi;q=0.1", "en"),
        (None, "?ui_locales=fr+en", "vi", "en"),
        ("vi", "?ui_locales=en", "en", "vi"),
        ("xx", "", "en", "en"),
    ],
)
def test_the_order(client: FlaskClient, cookie: str | None, query: str, accept: str | None, lang: str) -> None:
    if cookie:
        client.set_cookie("antin_lang", cookie)
    answer = client.get(f"/{query}", headers={"Accept-Language": accept} if accept else {})
    assert f'<html lang="{lang}">' in answer.text


def test_the_language_does_not_leak_to_the_next_request(client: FlaskClient) -> None:
    client.get("/", headers={"Accept-Language": "en"})
    assert spoken_lang.get() == "vi"
    assert Text("có", "yes").here() == "có"


def test_the_switch_keeps_the_page(client: FlaskClient) -> None:
    page = client.get("/form?tx=a%26b")
    assert 'href="/language/en?next=/form%3Ftx%3Da%2526b"' in page.text
    switched = client.get("/language/en?next=/form%3Ftx%3Da%2526b")
    assert switched.status_code == 303
    assert switched.headers["Location"] == "/form?tx=a%26b"
    assert '<html lang="en">' in client.get("/form").text


def test_the_switch_leads_nowhere_else(client: FlaskClient) -> None:
    assert client.get("/language/en?next=//evil.example").headers["Location"] == "/"
    assert client.get("/language/xx").status_code == 404


def test_after_a_post_the_switch_leads_to_a_page_that_opens(app: flask.Flask) -> None:
    client = app.test_client()
    assert "next=/form" in client.post("/form").text
    assert "next=/" in client.post("/nope").text
