"""The second reader accepts plain syntax and nothing that needs mending."""

from __future__ import annotations

import pytest

from signing.formats.pdf_tokens import Dictionary, Name, Reference, TokenError, read_object, read_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"12", 12),
        (b"-.5 ", -0.5),
        (b"true", True),
        (b"null", None),
        (b"/A#42c", Name("ABc")),
        (b"<48 65>", b"He"),
        (b"<486>", b"H\x60"),
        (b"[1 2 0 R /x]", [1, Reference(2, 0), "x"]),
        (b"% note\n 7", 7),
    ],
)
def test_values(text: bytes, value: object) -> None:
    assert read_value(text, 0)[0] == value


def test_strings_may_nest_and_escape() -> None:
    text = rb"(a (b) \) c) rest"
    assert read_value(text, 0)[1] == text.index(b" rest")


@pytest.mark.parametrize(
    "text", [b"", b"<< /A >>", b"[1", b"(open", b"<4z>", b"<< 1 2 >>", b"truely", b"[" * 100 + b"]" * 100, b"1 0 S"]
)
def test_what_is_not_plain_is_refused(text: bytes) -> None:
    with pytest.raises(TokenError):
        value, end = read_value(text, 0)
        if end != len(text):
            raise TokenError(str(value))


def test_a_key_given_twice_is_ambiguous() -> None:
    value, _ = read_value(b"<< /A 1 /#41 2 >>", 0)
    assert isinstance(value, Dictionary)
    with pytest.raises(TokenError):
        value.one("A")


def test_a_stream_ends_where_its_length_says() -> None:
    good = b"5 0 obj\n<< /Length 3 >>\nstream\nabc\nendstream\nendobj"
    assert read_object(good, 0).is_stream
    with pytest.raises(TokenError):
        read_object(good.replace(b"/Length 3", b"/Length 2"), 0)
    by_reference = good.replace(b"/Length 3", b"/Length 9 0 R")
    assert read_object(by_reference, 0, {9: 3}.__getitem__).end == len(by_reference)
    with pytest.raises(TokenError):
        read_object(by_reference, 0)
