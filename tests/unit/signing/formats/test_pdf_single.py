"""The quick look at a document with one signature finds what the whole examination finds, or nothing."""

from __future__ import annotations

import random
from functools import cache

import pytest

from signing.errors import SigningError
from signing.formats.base import Level
from signing.formats.pdf_locate import examine
from signing.formats.pdf_refusals import trapping_library_errors
from signing.formats.pdf_single import locate_single
from signing.formats.pdf_sound import LARGE
from signing.validation.document_digests import DocumentDigests
from signing.validation.located import LocatedSignature
from tests import pdf_family
from tests import signing_pdfs as pdfs
from tests.signing_pki import shared_city
from tests.unit.signing.formats.test_pdf_room_mutants import mutant

FAMILY = pdf_family.family()
SOURCES = ("reportlab", "pyHanko streams", "form apart, fields apart", "streams revised")
MUTANTS = 120


@cache
def signed(name: str) -> bytes:
    return pdfs.sign(FAMILY[name], shared_city(), level=Level.B_B)


def examined(document: bytes) -> list[LocatedSignature] | None:
    """What both readers find; None: the file cannot be read."""
    try:
        with trapping_library_errors():
            return examine(document)
    except SigningError:
        return None


@pytest.mark.parametrize("name", FAMILY)
def test_both_find_the_same(name: str) -> None:
    document = signed(name)
    single = locate_single(document)
    assert single is not None
    assert [single] == examined(document)


@pytest.mark.parametrize("name", SOURCES)
def test_of_a_mutant_it_finds_the_same_or_nothing(name: str) -> None:
    dice = random.Random(f"single {name}")  # the same ones every time
    found = 0
    for _ in range(MUTANTS):
        broken = mutant(signed(name), dice)
        single = locate_single(broken)
        if single is not None:
            found += 1
            assert [single] == examined(broken)
    assert 0 < found < MUTANTS


UNUSUAL = {
    "the range begins later": (b"/ByteRange [0 ", b"/ByteRange [1 "),
    "a lock": (b"/Rect [0 0 0 0]", b"/Lock [0 0 0 0]"),
    "kids": (b"/F 132\n", b"/Kids 1"),
    "no kind of field": (b"/FT /Sig", b"/FU /Sig"),
    "an object elsewhere": (b"0000000061 00000 n", b"0000000062 00000 n"),
    "a transform": (b"/Type /Sig\n", b"/Reference "),
    "no version": (b"%PDF-1.3", b"%PDF-t.3"),
    "no revision before": (b"\n/Prev ", b"%/Prev "),
    "blank at the end": (b"%%EOF\n", b"%%EOF "),
    "a byte range elsewhere": (b"/Trans <<\n\n>> \n", b"/ByteRange []  "),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_the_least_unusual_is_left_to_both_readers(name: str) -> None:
    before, after = UNUSUAL[name]
    document = signed("reportlab")
    start, found, end = document.rpartition(before)
    assert (found, len(before)) == (before, len(after))
    assert locate_single(document) is not None
    assert locate_single(start + after + end) is None


@pytest.mark.parametrize("what", ["further signature", "bytes after", "certified"])
def test_more_than_one_signature_is_left_to_both_readers(what: str) -> None:
    once = signed("reportlab")
    documents = {
        "further signature": pdfs.sign(once, shared_city(), level=Level.B_B),
        "bytes after": once + b"\n",
        "certified": pdfs.sign(pdf_family.tree(b"", b"/Perms << >>"), shared_city(), level=Level.B_B),
    }
    assert locate_single(documents[what]) is None


@pytest.mark.parametrize(("kind", "left"), [(b"", True), (b"/Filter /DCTDecode ", False)])
def test_a_byte_range_in_a_large_stream_counts_unless_it_is_compressed(kind: bytes, left: bool) -> None:
    data = b"x" * LARGE + b"/ByteRange [0 1 2 3]" + b"x" * LARGE
    stream = b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(data), kind, data)
    document = pdfs.sign(pdf_family.tree(b"", b"", {9: stream}), shared_city(), level=Level.B_B)
    assert (locate_single(document) is None) is left


def test_digests_go_on_from_each_other() -> None:
    import hashlib

    document = bytes(range(256)) * 40
    digests = DocumentDigests(document)
    for ranges in (((0, 5000), (6000, 4000)), ((0, 100), (9000, 10)), ((0, 5000), (5000, 0)), ((7, 3), (1, 2)), ()):
        parts = b"".join(document[start : start + length] for start, length in ranges)
        for name in ("sha256", "sha512"):
            assert digests.of(name, ranges) == hashlib.new(name, parts).digest()
        assert digests.whole() == hashlib.sha256(document).hexdigest()
