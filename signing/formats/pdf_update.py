"""
Write an incremental update in the style of the file: objects, then a cross-reference table or stream, then the end.

Source: ISO 32000-2 §7.5.4, §7.5.5, §7.5.6, §7.5.8, §14.4 (the second half of /ID changes with each revision).
"""

from __future__ import annotations

import os
import re

from signing.formats.pdf_scan import RawDictionary, Unusual, end_of_value
from signing.formats.pdf_tokens import Budget, skip_space
from signing.formats.pdf_xref import Sections

_OF_ITS_STREAM = frozenset(
    (b"Type", b"W", b"Index", b"Length", b"Filter", b"DecodeParms", b"F", b"FFilter", b"FDecodeParms", b"DL")
)
_OURS = frozenset((b"Size", b"Prev", b"ID"))
_LEFT_OUT = {False: _OURS, True: _OURS | _OF_ITS_STREAM}
"""Keys of the old trailer that are not taken over, by whether it is that of a stream."""
_USUAL_ID = re.compile(rb"\[ ?(<[0-9A-Fa-f]*>)")
_MOST_OFFSET = 10**10
_RANGE_WIDTH = 64
"""Bytes kept for /ByteRange, whose numbers are known when the end is."""


class Update:
    """
    What is appended to a file of `size` bytes: collect objects with `add()` and `add_stream()`, the signature
    dictionary, if there is one, last with `reserve()`, then take the bytes from `close()`.

    A number for a new object comes from `number()`.
    """

    def __init__(self, size: int, sections: Sections, newline: bool) -> None:
        self._sections = sections
        self._next = sections.size
        self._places: dict[int, tuple[int, int]] = {}
        self._parts: list[bytes] = [b"\n"] if newline else []
        self._at = size + newline
        self._place = (0, 0)
        self._slot = 0

    def number(self) -> int:
        """The number of a new object."""
        self._next += 1
        return self._next - 1

    def add(self, number: int, body: bytes, generation: int = 0) -> None:
        """An object, new or in place of an older one; `body` is its value as it shall stand."""
        if number in self._places:
            raise Unusual("one object in two places")
        self._places[number] = (self._at, generation)
        text = b"%d %d obj\n%s\nendobj\n" % (number, generation, body)
        self._parts.append(text)
        self._at += len(text)

    def add_stream(self, data: bytes) -> int:
        """A new stream, as it is. Returns: its number."""
        number = self.number()
        self.add(number, b"<<\n/Length %d\n>>\nstream\n%s\nendstream" % (len(data), data))
        return number

    def reserve(self, number: int, before: bytes, room: int, after: bytes) -> None:
        """
        A signature dictionary with an empty /Contents for `room` hexadecimal digits and a /ByteRange to be written in.

        before, after: what stands in the dictionary before the one and after the other.
        """
        head = b"%d 0 obj\n<<%s\n/Contents " % (number, before)
        tail = b"%s\n>>\nendobj\n" % after
        self._places[number] = (self._at, 0)
        start = self._at + len(head)
        self._place = (start, start + room + 2)
        self._slot = len(self._parts) + 4
        self._parts += (head, b"<", b"0" * room, b">", b"", tail)
        self._at = self._place[1] + _RANGE_WIDTH + len(tail)

    def close(self) -> tuple[bytes, tuple[int, int]]:
        """The whole update, and the empty place in it, (start, end) in bytes of the whole file; (0, 0) without one."""
        begin = self._at
        if begin >= _MOST_OFFSET:
            raise Unusual("a file of ten gigabytes")
        last = self._stream() if self._sections.streams else self._table()
        closing = b"%sstartxref\n%d\n%%%%EOF\n" % (last, begin)
        start, end = self._place
        if self._slot:
            byte_range = b"\n/ByteRange [0 %d %d %d]" % (start, end, begin + len(closing) - end)
            self._parts[self._slot] = byte_range.ljust(_RANGE_WIDTH)
        self._parts.append(closing)
        return b"".join(self._parts), self._place

    def _table(self) -> bytes:
        lines = [b"xref\n0 1\n0000000000 65535 f \n"]
        for run in _runs(sorted(self._places)):
            lines.append(b"%d %d\n" % (run[0], len(run)))
            lines.extend(b"%010d %05d n \n" % self._places[number] for number in run)
        lines.append(b"trailer\n<<%s\n>>\n" % self._trailer())
        return b"".join(lines)

    def _stream(self) -> bytes:
        number = self.number()
        self._places[number] = (self._at, 0)
        numbers = sorted(self._places)
        rows = b"".join(
            b"\x01%s%s" % (at.to_bytes(5, "big"), generation.to_bytes(2, "big"))
            for at, generation in map(self._places.__getitem__, numbers)
        )
        index = b" ".join(b"%d %d" % (run[0], len(run)) for run in _runs(numbers))
        head = b"%d 0 obj\n<<\n/Type /XRef\n/W [1 5 2]\n/Index [%s]\n/Length %d" % (number, index, len(rows))
        return b"%s%s\n>>\nstream\n%s\nendstream\nendobj\n" % (head, self._trailer(), rows)

    def _trailer(self) -> bytes:
        old = self._sections.trailer
        left_out = _LEFT_OUT[self._sections.streams]
        kept = b"".join(b"\n/%s %s" % (key, value) for key, value in old.entries.items() if key not in left_out)
        return b"%s\n/ID [%s <%s>]\n/Size %d\n/Prev %d" % (
            kept,
            _first_half(old),
            os.urandom(16).hex().encode(),
            self._next,
            self._sections.startxref,
        )


def real_number(value: float) -> bytes:
    """A number with at most four decimals."""
    return (b"%.4f" % (value + 0.0)).rstrip(b"0").rstrip(b".").replace(b"-0", b"0", value == 0)


def _runs(numbers: list[int]) -> list[list[int]]:
    """Ascending numbers in runs without a gap."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _first_half(trailer: RawDictionary) -> bytes:
    """The first string of /ID, which names the document for good; a new one if it has none."""
    identity = trailer.get(b"ID")
    if identity is not None and (usual := _USUAL_ID.match(identity)):
        return usual[1]
    if identity is None:
        return b"<%s>" % os.urandom(16).hex().encode()
    if not identity.startswith(b"["):
        raise Unusual("/ID is not an array")
    start = skip_space(identity, 1)
    if identity[start : start + 1] not in (b"<", b"("):
        raise Unusual("/ID is not an array of strings")
    return identity[start : end_of_value(identity, start, Budget(1000))]
