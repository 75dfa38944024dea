"""XML from strangers: what is refused before it becomes a tree, and canonical forms that are none."""

from __future__ import annotations

import pytest
from lxml import etree

from base.strict_xml import Limits, NotStrict, canonical, parse

LIMITS = Limits(10_000, elements=150, work=2_000)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty or too long"),
        (b"<a>" + b"x" * 10_000 + b"</a>", "empty or too long"),
        (b"<!DOCTYPE a><a/>", "DOCTYPE"),
        ("<!DOCTYPE a><a/>".encode("utf-16"), "DOCTYPE"),
        (b"<a>\x00</a>", "it holds a zero"),
        (b"<a>", "no XML"),
        (b"<a b='1' b='2'/>", "no XML"),
        (b"\xff\xfe<", "not UTF-16"),
        (b'<?xml version="1.1"?><a/>', "another version than XML 1.0"),
        (b'<?xml version="1.0" encoding="windows-1258"?><a/>', "XML windows-1258"),
        (b'<?xml version="1.0" encoding="UT' + b"x" * 64 + b'F-8"?><a/>', "another version than XML 1.0"),
        (b'<?xml version="1.0" encoding="UTF-8" more="x"?><a/>', "another version than XML 1.0"),
        (b'<?xml version="1.0" encoding="UTF-8\'?><a/>', "another version than XML 1.0"),
        (b'<?xml encoding="UTF-8"?><a/>', "another version than XML 1.0"),
        (b"<a>" + b"<b/>" * 150 + b"</a>", "more than 150 elements"),
        (b"<a>" * 101 + b"</a>" * 101, "more than 100 elements inside"),
        (b"<a" + b"".join(b" xmlns:n%d='u:%d'" % (n, n) for n in range(90)) + b"><b/><b/></a>", "cost too much"),
        (b"<a>&b;</a>", "no XML"),
    ],
)
def test_what_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(NotStrict, match=why):
        parse(raw, LIMITS)


@pytest.mark.parametrize(
    "raw",
    [
        b"<a>\xc3\xa2</a>",
        b"\xef\xbb\xbf<a>\xc3\xa2</a>",
        "<?xml version='1.0' encoding='UTF-16'?><a>â</a>".encode("utf-16"),
        b"<?xml version='1.0' encoding='utf-8' standalone='yes'?><a>\xc3\xa2</a>",
    ],
)
def test_unicode_is_read_however_it_is_written(raw: bytes) -> None:
    assert parse(raw, LIMITS).text == "â"


def test_comments_are_kept_only_where_wanted() -> None:
    assert parse(b"<a>x<!-- y -->z</a>", LIMITS).text == "xz"
    assert len(parse(b"<a>x<!-- y -->z</a>", LIMITS, comments=True)) == 1


def test_a_canonical_form_leaves_comments_out_and_inherits_nothing() -> None:
    root = parse(b"<a xml:lang='vi' xmlns:p='urn:p'><!-- x --><b>1</b></a>", LIMITS, comments=True)
    assert canonical(root[1]) == b"<b>1</b>"
    with pytest.raises(NotStrict, match="inherits"):
        canonical(root[1], exclusive=False)
    assert canonical(root.getroottree(), exclusive=False).startswith(b'<a xmlns:p="urn:p" xml:lang="vi"><b>')


def test_a_relative_name_space_has_no_canonical_form() -> None:
    root = etree.fromstring(b"<a xmlns:q='1'/>")
    with pytest.raises(NotStrict, match="no canonical form"):
        canonical(root, exclusive=False)
