"""A file shown as text: nothing of it unseen, nothing in another order than it is."""

from __future__ import annotations

import pytest

from signing.preview.source_text import MOST_CHARACTERS, source_text


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xff\xfe", b"\x89PNG\r\n", b"a\x00b", b"\x00k"])
def test_what_is_no_text_is_not_shown(content: bytes) -> None:
    assert source_text(content) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_shown_as_it_is(encoding: str) -> None:
    found = source_text("một\r\nhai\t3".encode(encoding))
    assert found is not None
    assert (found.text, found.cut, found.marked) == ("một\nhai\t3", False, 0)


def test_what_is_not_seen_gets_its_number() -> None:
    found = source_text("a\u202eb\u200bc\rd\u2028".encode())
    assert found is not None
    assert found.text == "a⟨U+202E⟩b⟨U+200B⟩c⟨U+000D⟩d⟨U+2028⟩"
    assert found.marked == 4


def test_the_beginning_of_a_long_text_is_shown() -> None:
    found = source_text(b"x" * (MOST_CHARACTERS + 1))
    assert found is not None
    assert (len(found.text), found.cut) == (MOST_CHARACTERS, True)
