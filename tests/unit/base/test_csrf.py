"""Forged, foreign and damaged form tokens are refused; programs' endpoints are exempt."""

from __future__ import annotations

import re

import flask
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def token_of(client: FlaskClient) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/form").text)
    assert found
    return found[1]


def send(client: FlaskClient, token: str, **options: object) -> TestResponse:
    return client.post("/form", data={"csrf": token}, **options)


def test_the_form_of_this_browser_is_accepted(client: FlaskClient) -> None:
    assert send(client, token_of(client)).text == "accepted"


def test_every_page_has_a_token_of_its_own(client: FlaskClient) -> None:
    assert token_of(client) != token_of(client)


def test_an_older_page_of_this_browser_stays_good(client: FlaskClient) -> None:
    first = token_of(client)
    token_of(client)
    assert send(client, first).status_code == 200


def test_no_cookie_no_token_foreign_token(app: flask.Flask) -> None:
    mine, other, blank = app.test_client(), app.test_client(), app.test_client()
    foreign = token_of(other)
    token_of(mine)
    assert send(blank, foreign).status_code == 403
    assert mine.post("/form").status_code == 403
    assert send(mine, foreign).status_code == 403


@pytest.mark.parametrize(
    "damage",
    [
        lambda t: t[:-2] + "AA",
        lambda t: ("B" if t[0] == "A" else "A") + t[1:],
        lambda t: "",
        lambda t: "%%%",
        lambda t: t[:8],
    ],
)
def test_a_damaged_token_is_refused(client: FlaskClient, damage: object) -> None:
    token = token_of(client)
    assert callable(damage)
    damaged = damage(token)
    assert damaged != token
    assert send(client, damaged).status_code == 403


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
def test_the_browser_says_where_a_form_was_sent_from(client: FlaskClient, site: str, status: int) -> None:
    assert send(client, token_of(client), headers={"Sec-Fetch-Site": site}).status_code == status


def test_a_token_in_the_address_does_not_count(client: FlaskClient) -> None:
    assert client.post(f"/form?csrf={token_of(client)}").status_code == 403


def test_a_refusal_offers_the_form_again_in_both_languages(client: FlaskClient) -> None:
    vietnamese, english = client.post("/form"), client.post("/form", headers={"Accept-Language": "en"})
    assert "Biểu mẫu đã cũ" in vietnamese.text
    assert "out of date" in english.text
    assert 'href="/form"' in vietnamese.text


def test_a_program_needs_no_token(client: FlaskClient) -> None:
    assert client.post("/program").status_code == 200


def test_a_planted_cookie_of_another_shape_is_replaced(client: FlaskClient) -> None:
    client.set_cookie("antin_browser", "short")
    first = client.get("/browser")
    assert "antin_browser=" in first.headers["Set-Cookie"]
    assert client.get("/browser").text == first.text
    assert len(first.text) == 43
    cookie = client.get_cookie("antin_browser")
    assert cookie
    assert cookie.value not in first.text
