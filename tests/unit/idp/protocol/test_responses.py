"""How answers travel: `iss` and `state` always, nothing breaks out of the address or the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.errors import OAuthError
from idp.protocol.request import Target
from idp.protocol.response_modes import CARRIERS, SIGNED_MODES, Answer, failure, success

ISSUER = "https://op.example.vn"
GRANTED = {"code": "c"}


class Fields(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        if tag == "input":
            self.values[found["name"] or ""] = found["value"] or ""


def values_of(answer: Answer) -> dict[str, str]:
    if answer.status == 200:
        return Fields(answer.body.decode()).values
    parts = urlsplit(dict(answer.headers)["Location"])
    return {name: found[0] for name, found in parse_qs(parts.fragment or parts.query).items()}


def sign(target: Target, values: Mapping[str, str]) -> str:
    """Stands for a signature: the values and for whom they are."""
    return json.dumps({**values, "aud": target.client_id})


@pytest.mark.parametrize("mode", SIGNED_MODES)
@given(state=st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_a_signed_answer_is_one_parameter(mode: str, state: str) -> None:
    target = Target("https://rp.example.vn/cb", mode, state, "rp")
    for answer in (
        success(target, ISSUER, GRANTED, sign),
        failure(target, ISSUER, OAuthError("x", "no"), sign),
    ):
        values = values_of(answer)
        assert values.keys() == {"response"}
        inside = json.loads(values["response"])
        assert (inside["state"], inside["iss"], inside["aud"]) == (state, ISSUER, "rp")


@pytest.mark.parametrize("mode", CARRIERS)
@given(state=st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_state_and_issuer_come_back_whole(mode: str, state: str) -> None:
    target = Target("https://rp.example.vn/cb?keep=1", mode, state)
    for answer in (
        success(target, ISSUER, GRANTED, sign),
        failure(target, ISSUER, OAuthError("access_denied", "no"), sign),
    ):
        values = values_of(answer)
        assert (values["state"], values["iss"]) == (state, ISSUER)
        assert dict(answer.headers)["Cache-Control"] == "no-store"
        assert dict(answer.headers)["Referrer-Policy"] == "no-referrer"


def test_a_fragment_stays_behind_the_address() -> None:
    location = dict(success(Target("https://rp.example.vn/cb?keep=1", "fragment"), ISSUER, GRANTED, sign).headers)[
        "Location"
    ]
    assert location.startswith("https://rp.example.vn/cb?keep=1#code=c&iss=")


def test_query_keeps_what_the_address_holds() -> None:
    answer = success(Target("https://rp.example.vn/cb?keep=1"), ISSUER, GRANTED, sign)
    assert answer.status == 303
    assert dict(answer.headers)["Location"].startswith("https://rp.example.vn/cb?keep=1&code=c&iss=")


@given(st.text())
def test_no_line_breaks_in_an_address(state: str) -> None:
    location = dict(success(Target("https://rp.example.vn/cb", "query", state), ISSUER, GRANTED, sign).headers)[
        "Location"
    ]
    assert location.isascii()
    assert not {"\r", "\n", " "} & set(location)


@given(st.text())
def test_nothing_breaks_out_of_the_form(state: str) -> None:
    page = success(Target("https://rp.example.vn/cb", "form_post", state), ISSUER, GRANTED, sign).body.decode(
        "utf-8", "replace"
    )
    parsed = Fields(page)
    assert parsed.tags.count("script") == 1
    assert parsed.tags.count("form") == 1
    assert parsed.values.keys() == {"code", "state", "iss"}
