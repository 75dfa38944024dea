"""The digest that the provider's frame compares."""

from __future__ import annotations

import hashlib

import pytest

from idp.protocol.session_state import session_state, web_origin


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://Portal.Example.VN/cb?x=1", "https://portal.example.vn"),
        ("https://portal.example.vn:443/cb", "https://portal.example.vn"),
        ("https://portal.example.vn:8443/cb", "https://portal.example.vn:8443"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:7000/cb", "http://[::1]:7000"),
        ("vn.example.app:/cb", None),
        ("https:///cb", None),
        ("https://evil.example;script-src/cb", None),
        ("https://a'b/cb", None),
    ],
)
def test_an_origin_is_what_a_browser_writes(uri: str, origin: str | None) -> None:
    assert web_origin(uri) == origin


def test_the_state_is_a_digest_with_its_salt() -> None:
    expected = hashlib.sha256(b"portal https://portal.example.vn abc s4lt").hexdigest()
    assert session_state("portal", "https://portal.example.vn/cb", "abc", "s4lt") == f"{expected}.s4lt"


def test_everything_it_is_made_of_counts() -> None:
    changes = [("other", "https://a.vn/", "b", "s"), ("c", "https://x.vn/", "b", "s"), ("c", "https://a.vn/", "x", "s")]
    states = {session_state(*one) for one in [("c", "https://a.vn/", "b", "s"), *changes]}
    assert len(states) == 4


def test_an_app_without_a_web_origin_gets_none() -> None:
    assert session_state("portal", "vn.example.app:/cb", "abc", "s") is None
