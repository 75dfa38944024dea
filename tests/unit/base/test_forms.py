"""Our own reading and writing of form-encoded parameters does what the standard library's does."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from base.forms import read_pairs, written_pairs

RAW = st.text(alphabet="ab&=+%;2fFếC3A9~.-_ \0é", max_size=30)


@given(RAW)
@example("a=1&&b&=c&d=%20+&%C3%A9=%ff&a=2&=")
def test_it_reads_as_the_standard_library(raw: str) -> None:
    assert read_pairs(raw) == parse_qsl(raw, keep_blank_values=True)


@given(RAW)
@example("a=%ff")
def test_it_refuses_the_same_bytes(raw: str) -> None:
    try:
        wanted: object = parse_qsl(raw, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        wanted = None
    try:
        found: object = read_pairs(raw, errors="strict")
    except UnicodeDecodeError:
        found = None
    assert found == wanted


@given(st.dictionaries(st.text(max_size=6), st.text(max_size=20)))
@example({"redirect_uri": "https://a.vn/?b=c&d", "scope": "openid a b", "tx": "aZ09-_.~", "": "", "ế": "\n/"})
def test_it_writes_as_the_standard_library(values: dict[str, str]) -> None:
    assert written_pairs(values) == urlencode(values)


def test_too_many_are_refused() -> None:
    assert len(read_pairs("a=1&b=2&c=3", most=3)) == 3
    with pytest.raises(ValueError, match="too many"):
        read_pairs("a=1&b=2&c=3&", most=3)
