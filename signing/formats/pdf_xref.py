"""
The chain of cross-references of a file, followed from `startxref`, and the place of one object at a time.

No table is read as a whole: a line has twenty bytes, a row of a stream a fixed width, so the place of an object is
looked up where it must stand. Strict: what readers could understand in different ways is Unusual.
Source: ISO 32000-2 §7.5.4, §7.5.5, §7.5.8.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from signing.formats.pdf_revisions import LINE, MOST_REVISIONS, SUBSECTION
from signing.formats.pdf_scan import OBJECT, RawDictionary, Unusual, number, scan
from signing.formats.pdf_tokens import Budget, Document, skip_blanks, skip_space

MOST_SUBSECTIONS = 20_000
MOST_ROWS = 8 * 1024 * 1024
"""Bytes of one cross-reference stream, expanded."""
LINE_BYTES = 20
_ROOM_FOR_END = 1024
_EOL = rb" *(?:\r\n|\n|\r) *"
_HEADER = re.compile(rb"%PDF-[12]\.\d[\t\n\r ]")
_END = re.compile(rb"startxref" + _EOL + rb"(\d{1,12})" + _EOL + rb"%%EOF")
_STREAM = re.compile(rb"stream(?:\r\n|\n)")
_NUMBERS = re.compile(rb"\[[\x00\t\n\x0c\r ]*(?:\d{1,10}[\x00\t\n\x0c\r ]*)*\]")
_NUMBER = re.compile(rb"\d+")
_UP = 2


class Place(NamedTuple):
    """Where an object is: at an offset of the file, or the `nth` in the object stream of number `offset`."""

    offset: int
    generation: int
    nth: int | None = None


class Subsection(NamedTuple):
    """`entries` objects from number `first` on, the lines or rows of which begin at `at`."""

    first: int
    entries: int
    at: int


class Section(NamedTuple):
    """
    One cross-reference: its trailer, its parts, and the number after the highest in them; a stream has rows too, of
    fields as wide as `widths`.
    """

    trailer: RawDictionary
    parts: tuple[Subsection, ...]
    top: int
    rows: bytes = b""
    widths: tuple[int, ...] = ()
    predicted: bool = False


@dataclass(frozen=True, slots=True)
class Sections:
    """The cross-references, newest first; startxref of the newest; its /Size; whether they are streams."""

    chain: tuple[Section, ...]
    startxref: int
    size: int
    streams: bool

    @property
    def trailer(self) -> RawDictionary:
        return self.chain[0].trailer


def read_sections(document: Document, budget: Budget) -> Sections:
    """
    Follow the chain.

    Raises: Unusual: no header or end in its place, hybrid, encrypted, tables and streams mixed, a loop, an object
            beyond /Size; zlib.error: a stream that does not expand.
    """
    if not _HEADER.match(document):
        raise Unusual("no header at the start")
    begin = max(0, len(document) - _ROOM_FOR_END)
    last = max(begin, document.rfind(b"startxref", begin))
    closing = _END.match(document, last) if document[last - 1 : last] in (b"\n", b"\r") else None
    if closing is None or document[closing.end() :].strip(b"\x00\t\n\x0c\r "):
        raise Unusual("no end of file at the end")
    newest = int(closing[1])
    chain: list[Section] = []
    seen: set[int] = set()
    at: int | None = newest
    while at is not None:
        if at in seen or len(chain) == MOST_REVISIONS:
            raise Unusual("the chain of cross-references does not end")
        seen.add(at)
        section = _read_section(document, at, budget)
        chain.append(section)
        previous = section.trailer.get(b"Prev")
        at = None if previous is None else number(previous)
    return _checked(tuple(chain), newest)


def find(sections: Sections, document: Document, wanted: int) -> Place | None:
    """The place of an object by its number; None if no section lists it in use. Raises: Unusual."""
    for section in sections.chain:
        for part in section.parts:
            if part.first <= wanted < part.first + part.entries:
                row = wanted - part.first
                if section.widths:
                    return _of_row(section, part.at + row)
                return _of_line(document, part.at + LINE_BYTES * row)
    return None


def stream_span(document: Document, dictionary: RawDictionary, length: int) -> tuple[int, int]:
    """Where the encoded bytes of the stream of that dictionary are. Raises: Unusual: they do not end at /Length."""
    found = _STREAM.match(document, skip_space(document, dictionary.end))
    if found is None:
        raise Unusual(f"stream expected at {dictionary.end}")
    end = found.end() + length
    if document[end : end + 16].lstrip(b"\r\n")[:9] != b"endstream":
        raise Unusual(f"endstream expected at {end}")
    return found.end(), end


def expand(data: bytes, dictionary: RawDictionary, limit: int) -> bytes:
    """What a stream without filter, or of Flate only, holds. Raises: Unusual, zlib.error."""
    kind = dictionary.get(b"Filter")
    if kind is None:
        return data
    if kind.strip(b"[]\x00\t\n\x0c\r ") != b"/FlateDecode":
        raise Unusual("another filter than Flate")
    if limit < 1:
        raise Unusual("too much to expand")
    machine = zlib.decompressobj()
    expanded = machine.decompress(data, limit)
    if not machine.eof:
        raise Unusual("a stream too long or cut off")
    return expanded


def _checked(chain: tuple[Section, ...], startxref: int) -> Sections:
    streams = bool(chain[0].widths)
    size = number(chain[0].trailer.get(b"Size"))
    for section in chain:
        if bool(section.widths) is not streams:
            raise Unusual("tables and streams in one file")
        if b"Encrypt" in section.trailer or b"XRefStm" in section.trailer:
            raise Unusual("encrypted or hybrid")
        if section.top > min(size, number(section.trailer.get(b"Size"))):
            raise Unusual("an object beyond /Size")
    oldest = chain[-1]
    listed = sum(part.entries for part in oldest.parts)
    if (oldest.top, listed) != (number(oldest.trailer.get(b"Size")),) * 2:
        raise Unusual("a first revision that does not list all its objects")  # as when /Prev was lost
    return Sections(chain, startxref, size, streams)


def _read_section(document: Document, at: int, budget: Budget) -> Section:
    if document[at : at + 4] == b"xref":
        return _read_table(document, skip_blanks(document, at + 4), budget)
    header = OBJECT.match(document, at)
    if header is None:
        raise Unusual(f"cross-reference expected at {at}")
    dictionary = scan(document, header.end(), budget)
    if dictionary.get(b"Type") != b"/XRef":
        raise Unusual(f"cross-reference stream expected at {at}")
    return _read_stream(document, dictionary)


def _read_table(document: Document, at: int, budget: Budget) -> Section:
    parts: list[Subsection] = []
    top = 0
    while found := SUBSECTION.match(document, at):
        first, count = int(found[1]), int(found[2])
        parts.append(Subsection(first, count, found.end()))
        top = max(top, first + count)
        at = found.end() + LINE_BYTES * count
        if len(parts) > MOST_SUBSECTIONS:
            raise Unusual("too many subsections")
    if document[at : at + 7] != b"trailer":
        raise Unusual(f"trailer expected at {at}")
    return Section(scan(document, skip_space(document, at + 7), budget), tuple(parts), top)


def _read_stream(document: Document, dictionary: RawDictionary) -> Section:
    widths = _numbers(dictionary.get(b"W"))
    width = sum(widths)
    if len(widths) != 3 or not 1 <= width <= 24 or not widths[1]:
        raise Unusual("widths of a cross-reference stream")
    index = dictionary.get(b"Index")
    pairs = (0, number(dictionary.get(b"Size"))) if index is None else _numbers(index)
    if len(pairs) % 2:
        raise Unusual("an index of halves")
    parts: list[Subsection] = []
    total = 0
    for first, count in zip(pairs[::2], pairs[1::2], strict=True):
        parts.append(Subsection(first, count, total))
        total += count
    if not 1 <= len(parts) <= MOST_SUBSECTIONS:
        raise Unusual("no subsections, or too many")
    predicted = _is_predicted(dictionary.get(b"DecodeParms"), width)
    expected = total * (width + predicted)
    if expected > MOST_ROWS:
        raise Unusual("a cross-reference stream of many rows")
    start, end = stream_span(document, dictionary, number(dictionary.get(b"Length")))
    rows = expand(document[start:end], dictionary, expected + 1)
    if len(rows) != expected or (predicted and rows[:: width + 1] != bytes((_UP,)) * total):
        raise Unusual("rows of a cross-reference stream")
    return Section(dictionary, tuple(parts), max(part.first + part.entries for part in parts), rows, widths, predicted)


def _is_predicted(parameters: bytes | None, width: int) -> bool:
    """Whether each row holds the differences from the one above. Raises: Unusual: any other kind of prediction."""
    if parameters is None:
        return False
    known = scan(parameters, 0, Budget(100))
    predictor = known.get(b"Predictor") or b"1"
    if predictor == b"1":
        return False
    if known.get(b"Columns") != b"%d" % width or not 10 <= number(predictor) <= 15 or len(known.entries) != 2:
        raise Unusual("an unusual predictor")
    return True


def _numbers(value: bytes | None) -> tuple[int, ...]:
    if value is None or not _NUMBERS.fullmatch(value):
        raise Unusual("an array of numbers expected")
    return tuple(map(int, _NUMBER.findall(value)))


def _of_line(document: Document, at: int) -> Place | None:
    line = LINE.match(document, at)
    if line is None:
        raise Unusual(f"cross-reference entry expected at {at}")
    return Place(int(line[1]), int(line[2])) if line[3] == b"n" else None


def read_rows(section: Section) -> Iterator[tuple[int, Place]]:
    """Number and place of every object that a cross-reference stream lists in use. Raises: Unusual."""
    width = sum(section.widths)
    rows = section.rows
    if section.predicted:
        flat = bytearray(len(rows) // (width + 1) * width)
        for column in range(width):
            flat[column::width] = bytes(value & 0xFF for value in accumulate(rows[column + 1 :: width + 1]))
        rows = bytes(flat)
    for part in section.parts:
        for row in range(part.entries):
            at = (part.at + row) * width
            place = _place(rows[at : at + width], section.widths)
            if place is not None:
                yield part.first + row, place


def _of_row(section: Section, row: int) -> Place | None:
    width = sum(section.widths)
    if not section.predicted:
        return _place(section.rows[row * width : (row + 1) * width], section.widths)
    end = (row + 1) * (width + 1)
    values = bytes(sum(section.rows[column : end : width + 1]) & 0xFF for column in range(1, width + 1))
    return _place(values, section.widths)


def _place(values: bytes, widths: tuple[int, ...]) -> Place | None:
    kind_width = widths[0]
    middle = kind_width + widths[1]
    kind = int.from_bytes(values[:kind_width], "big") if kind_width else 1
    first, second = int.from_bytes(values[kind_width:middle], "big"), int.from_bytes(values[middle:], "big")
    if kind == 0:
        return None
    if kind == 1:
        return Place(first, second)
    if kind == 2:
        return Place(first, 0, second)
    raise Unusual("an unknown kind of entry")
