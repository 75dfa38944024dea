"""Hostile files cost bounded work: counted, not timed, so that a busy machine changes nothing."""

from __future__ import annotations

import io

import pytest
from pyhanko.pdf_utils import generic

from signing.errors import DocumentRefused
from signing.flows.verify import verify_document
from signing.formats import pdf_graph, pdf_hex, pdf_reader
from signing.formats.pdf_lint import lint_pdf
from signing.formats.pdf_reader import MOST_READS, CountedStream, ReadBudgetSpent
from signing.formats.pdf_tokens import MOST_TOKENS, Budget, TokenError, read_value
from signing.validation.indications import Indication

SIZE = 3_000_000
PAGE = {
    2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>",
}


def built(catalogue: bytes, more: dict[int, bytes] | None = None, trailer: bytes = b"") -> bytes:
    objects = {1: b"<< /Type /Catalog /Pages 2 0 R %s>>" % catalogue, **PAGE, **(more or {})}
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, trailer, table)
    return bytes(out)


NUMBERS = b"/X [" + b"1 " * (SIZE // 2) + b"]"
ONE_SIGNATURE = b"/AcroForm << /Fields [4 0 R] >> "
FIELD = {4: b"<< /FT /Sig /T (a) /V 5 0 R >>"}
HOSTILE = {
    "numbers": built(NUMBERS),
    "literal string": built(b"/X (" + b"a" * SIZE + b")"),
    "trailer of numbers": built(b"", trailer=NUMBERS),
    "deep arrays": built(b"/X " + b"[" * 100_000 + b"]" * 100_000),
    "one field many times": built(b"/AcroForm << /Fields [" + b"4 0 R " * (SIZE // 6) + b"] >> ", FIELD),
    "a chain of fields": built(
        ONE_SIGNATURE, {number: b"<< /T (a) /Kids [%d 0 R] >>" % (number + 1) for number in range(4, 9000)}
    ),
    "a signature full of numbers": built(
        ONE_SIGNATURE, FIELD | {5: b"<< /ByteRange [0 10 20 30] /Contents <30> " + NUMBERS + b" >>"}
    ),
}


@pytest.fixture
def small_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thirtieth of what is allowed, for files that would spend the whole: the same end, which comes sooner."""
    monkeypatch.setattr(pdf_reader, "MOST_READS", MOST_READS // 30)
    monkeypatch.setattr(pdf_graph, "MOST_TOKENS", pdf_graph.MOST_TOKENS // 30)
    monkeypatch.setattr(Budget.__init__, "__defaults__", (MOST_TOKENS // 30,))


@pytest.mark.usefixtures("small_budgets")
@pytest.mark.parametrize("name", HOSTILE)
def test_it_ends_with_a_verdict_that_is_not_passed(name: str) -> None:
    assert verify_document(HOSTILE[name], moment=0).indication is not Indication.TOTAL_PASSED


@pytest.mark.usefixtures("small_budgets")
@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in ("a signature full of numbers",)])
def test_it_is_not_signed(name: str) -> None:
    with pytest.raises(DocumentRefused):
        lint_pdf(HOSTILE[name])


@pytest.mark.usefixtures("small_budgets")
def test_reads_are_counted() -> None:
    stream = CountedStream(b"x")
    for _ in range(pdf_reader.MOST_READS):
        stream.read(0)
    with pytest.raises(ReadBudgetSpent):
        stream.read(0)


def test_tokens_are_counted() -> None:
    text = b"[" + b"1 " * 100 + b"]"
    assert read_value(text, 0, Budget(101))[1] == len(text)
    with pytest.raises(TokenError):
        read_value(text, 0, Budget(100))
    with pytest.raises(TokenError):
        read_value(b"(" + rb"\(" * 100 + b")", 0, Budget(100))


HEX = [
    b"<>",
    b"<4",
    b"<48656C6C6F>",
    b"<48 65\n6c>",
    b"<486>",
    b"<FEFF00410042>",
    b"<4%c\n8>",
    b"<4g>",
    b"<" + b"41" * 99_999 + b">x",
]


@pytest.mark.parametrize("text", HEX)
def test_hex_is_read_as_the_library_reads_it(text: bytes) -> None:
    """The replaced function and the library's own: same value, same position, same error."""

    def outcome(read: object) -> object:
        stream = io.BytesIO(b"  " + text + b" /Next")
        stream.seek(2)
        try:
            value = read(stream)  # type: ignore[operator]  # one of the two functions
        except Exception as error:
            return type(error)
        return type(value), value.original_bytes, stream.tell()

    assert outcome(pdf_hex.read_hex) == outcome(pdf_hex.read_odd_hex)
    assert generic.read_hex_string_from_stream is pdf_hex.read_hex
