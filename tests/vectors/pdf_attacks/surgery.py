"""Find and change pieces of a signed PDF without a PDF library."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\] *")
_STARTXREF = re.compile(rb"startxref\s+(\d+)\s+%%EOF")


@dataclass(frozen=True)
class Anatomy:
    """Where the last signature's parts stand: its byte range text, the gap, and the last startxref."""

    range_start: int
    range_end: int
    numbers: tuple[int, int, int, int]
    startxref: int

    @property
    def gap(self) -> tuple[int, int]:
        return self.numbers[1], self.numbers[2]


def dissect(document: bytes) -> Anatomy:
    match = list(_RANGE.finditer(document))[-1]
    a, b, c, d = (int(number) for number in match.groups())
    return Anatomy(match.start(), match.end(), (a, b, c, d), int(list(_STARTXREF.finditer(document))[-1][1]))


def with_range(document: bytes, text: bytes) -> bytes:
    """Replace the /ByteRange entry, same length."""
    found = dissect(document)
    room = found.range_end - found.range_start
    assert len(text) <= room
    return document[: found.range_start] + text.ljust(room) + document[found.range_end :]


def with_gap(document: bytes, text: bytes) -> bytes:
    """Replace the signature value including its brackets, same length."""
    start, end = dissect(document).gap
    assert len(text) <= end - start
    return document[:start] + text.ljust(end - start) + document[end:]


def object_of(document: bytes, pattern: bytes) -> tuple[int, bytes]:
    """The number and body of the last object whose body matches."""
    found = [
        (int(match[1]), match[2])
        for match in re.finditer(rb"(?:^|\n)(\d+) 0 obj\s*(.*?)\s*endobj", document, re.S)
        if re.search(pattern, match[2], re.S)
    ]
    return found[-1]


def append_objects(document: bytes, objects: dict[int, bytes], *, trailer_extra: bytes = b"") -> bytes:
    """A well-formed incremental update with a classic table."""
    found = dissect(document)
    root = re.findall(rb"/Root (\d+ 0 R)", document)[-1]
    size = max(int(number) for number in re.findall(rb"/Size (\d+)", document))
    out = bytearray(document)
    if not out.endswith(b"\n"):
        out += b"\n"
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n"
    for number, place in sorted(places.items()):
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    size = max(size, *(number + 1 for number in objects))
    out += b"trailer\n<< /Size %d /Root %s /Prev %d %s>>\n" % (size, root, found.startxref, trailer_extra)
    out += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(out)
