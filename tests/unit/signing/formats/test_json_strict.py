"""JSON and base64 in one form only."""

from __future__ import annotations

import pytest

from signing.formats.json_strict import (
    MOST_DEPTH,
    NotStrict,
    base64url,
    compact_json,
    from_base64,
    from_base64url,
    parse_object,
)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'"a"',
        b"{",
        b'{"a":1}x',
        b'{"a":1}{"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
        b"\xef\xbb\xbf{}",
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":' + b"[" * MOST_DEPTH + b"]" * MOST_DEPTH + b"}",
        b'{"a":' + b"[" * 100_000,
        b'{"a":' + b"9" * 10_000 + b"}",
        b'{"a":[' + b"[" * MOST_DEPTH + b'"' + rb"\"" * 500_000,  # nobody closes it: no second look from each mark
        b'{"a":"' + b"[" * MOST_DEPTH + b'","b":' + b"[" * MOST_DEPTH + b"]" * MOST_DEPTH + b"}",
        '{"a":1}'.encode("utf-16"),
    ],
)
def test_what_is_not_strict_is_refused(raw: bytes) -> None:
    with pytest.raises(NotStrict):
        parse_object(raw)


def test_brackets_inside_strings_are_not_depth() -> None:
    words = "[" * 100 + '"\\'
    assert parse_object(compact_json({"a": words, "b": "\u20ac"})) == {"a": words, "b": "€"}
    assert parse_object(b' {"a" : "\\ud83d\\ude00"}\n') == {"a": "😀"}


@pytest.mark.parametrize("text", ["YQ==", "YR", "Y", "YQ\n", " YQ", "Y+", "Y/", "é", None, 1, b"YQ"])
def test_base64url_has_one_spelling(text: object) -> None:
    with pytest.raises(NotStrict):
        from_base64url(text)
    assert from_base64url("YQ") == b"a"
    assert base64url(b"\xfb\xff") == "-_8"


@pytest.mark.parametrize("text", ["YQ", "YR==", "YQ==\n", "YQ=", "Y-==", "é", None])
def test_base64_has_one_spelling(text: object) -> None:
    with pytest.raises(NotStrict):
        from_base64(text)
    assert from_base64("YQ==") == b"a"
