"""Names of uploads are labels: cleaned for people, harmless in paths and headers (FI-06)."""

from __future__ import annotations

import unicodedata

import pytest

from signing.flows.label import LONGEST, NAMELESS, clean_label, signed_name

HOSTILE = [
    "../../etc/passwd",
    "..\\..\\windows\\system32\\a.pdf",
    "/absolute/path.pdf",
    "C:\\Users\\binh\\quyết định.pdf",
    "a\r\nSet-Cookie: x=1.pdf",
    "a\nb.pdf",
    "a\x00b.pdf",
    "\u202efdp.exe",
    "\u2066hidden\u2069.pdf",
    "zero\u200bwidth\u200djoiner.pdf",
    "soft\u00adhyphen.pdf",
    "\ufeffbom.pdf",
    "line\u2028separator.pdf",
    "para\u2029graph.pdf",
    "nbsp\u00a0name.pdf",
    "tab\tname.pdf",
    "bell\x07.pdf",
    "del\x7f.pdf",
    "c1\x85.pdf",
    "private\ue000.pdf",
    "lone\ud800surrogate.pdf",
    '"quoted".pdf',
    "semi;colon.pdf",
    "percent%0d%0a.pdf",
    "<script>alert(1)</script>.pdf",
    "=HYPERLINK(1).pdf",
    "con",
    "",
    "   ",
    "....",
    "x" * 5000 + ".pdf",
    unicodedata.normalize("NFD", "Quyết định số 12.pdf"),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_label_is_one_printable_line(name: str) -> None:
    label = clean_label(name)
    assert label.isprintable()
    assert 1 <= len(label) <= LONGEST
    assert "/" not in label
    assert "\\" not in label
    assert ".." not in label
    assert label == unicodedata.normalize("NFC", label)
    label.encode()  # no lone surrogate is left


def test_a_good_name_stays() -> None:
    assert clean_label("Quyết định số 12.pdf") == "Quyết định số 12.pdf"
    assert clean_label(unicodedata.normalize("NFD", "Quyết định.pdf")) == "Quyết định.pdf"


def test_a_long_name_keeps_its_kind() -> None:
    assert clean_label("à" * 300 + ".pdf").endswith("….pdf")


def test_a_nameless_file_gets_a_name() -> None:
    assert clean_label("../..") == NAMELESS


def test_the_signed_copy_has_a_name_of_its_own() -> None:
    assert signed_name("Quyết định 12.PDF") == "Quyết định 12.signed.pdf"
    assert signed_name("tờ trình") == "tờ trình.signed.pdf"
