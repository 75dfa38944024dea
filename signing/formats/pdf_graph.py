"""
The objects of a file by reference, found through its cross-references and taken as they stand.

Source: ISO 32000-2 §7.3.10, §7.5.7 (object streams), §7.7.3 (page tree).
"""

from __future__ import annotations

import re

from signing.formats.pdf_scan import (
    OBJECT,
    RawDictionary,
    Unusual,
    end_of_value,
    number,
    reference,
    references,
    scan,
    scan_object,
)
from signing.formats.pdf_tokens import Budget, Document, skip_space
from signing.formats.pdf_xref import expand, find, read_sections, stream_span

Reference = tuple[int, int]
MOST_TOKENS = 200_000
MOST_DEPTH = 32
MOST_EXPANDED = 16 * 1024 * 1024
"""Bytes of all object streams of one file that are looked at."""
_ENDOBJ = b"endobj"
_PAIR = re.compile(rb"\d{1,10}")


class Graph:
    """
    A file whose cross-references were read; make one per document.

    All methods raise Unusual for what is not plain, zlib.error for a stream that does not expand.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.budget = Budget(MOST_TOKENS)
        self.sections = read_sections(document, self.budget)
        self._streams: dict[int, tuple[bytes, list[bytes], int]] = {}
        self._expanded = 0

    def dictionary(self, at: Reference) -> RawDictionary:
        """The dictionary under a reference; a stream is none."""
        place = find(self.sections, self.document, at[0])
        if place is not None and place.nth is None and place.generation == at[1]:
            return scan_object(self.document, place.offset, at, self.budget)
        data, start = self._where(at)
        return scan(data, start, self.budget)

    def array(self, at: Reference) -> bytes:
        """The array under a reference, as it stands."""
        data, start = self._where(at)
        end = end_of_value(data, start, self.budget)
        if data is self.document:
            self._check_end(end)
        return _array(data[start:end])

    def child(self, holder: RawDictionary, key: bytes) -> RawDictionary | None:
        """The dictionary under `key`, be it there or referred to."""
        value = holder.get(key)
        if value is None:
            return None
        at = reference(value)
        return self.dictionary(at) if at else scan(value, 0, self.budget)

    def array_of(self, holder: RawDictionary, key: bytes) -> bytes | None:
        """The array under `key`, be it there or referred to."""
        value = holder.get(key)
        if value is None:
            return None
        at = reference(value)
        return self.array(at) if at else _array(value)

    def root(self) -> tuple[Reference, RawDictionary]:
        """The catalogue."""
        at = _needed(self.sections.trailer.get(b"Root"))
        return at, self.dictionary(at)

    def page(self, root: RawDictionary, wanted: int) -> tuple[Reference, list[RawDictionary]]:
        """
        A page by its number, 1 for the first. Returns: its reference; the page and the nodes above it, nearest first.

        Raises: IndexError: there is no such page.
        """
        if wanted < 1:
            raise IndexError(wanted)
        at = _needed(root.get(b"Pages"))
        above: list[RawDictionary] = []
        left = wanted
        node = self.dictionary(at)
        while b"Kids" in node:
            above.insert(0, node)
            if len(above) > MOST_DEPTH:
                raise Unusual("a deep page tree")
            at, node, left = self._descend(node, left)
        if node.get(b"Type") != b"/Page":
            raise Unusual("a page without its type")
        return at, [node, *above]

    def _descend(self, node: RawDictionary, left: int) -> tuple[Reference, RawDictionary, int]:
        """The kid below which the `left`th page is, and which page of that one it is."""
        if node.get(b"Type") != b"/Pages":
            raise Unusual("a node of the page tree without its type")
        if left > number(node.get(b"Count")):
            raise IndexError(left)
        for at in references(self.array_of(node, b"Kids") or b""):
            kid = self.dictionary(at)
            count = number(kid.get(b"Count")) if b"Kids" in kid else 1
            if left <= count:
                return at, kid, left
            left -= count
        raise Unusual("fewer pages than counted")

    def stream(self, at: Reference, limit: int) -> tuple[int, int, bytes]:
        """Where the object of a stream begins and its data ends, and what it holds: at most `limit` bytes."""
        data, start = self._where(at)
        if data is not self.document:
            raise Unusual("a stream within a stream")
        dictionary = scan(data, start, self.budget)
        if dictionary.get(b"DecodeParms") is not None:
            raise Unusual("a stream with parameters")
        begin, end = self.stream_span(dictionary)
        if end - begin > limit:
            raise Unusual("a long stream")
        return start, end, expand(self.document[begin:end], dictionary, limit)

    def stream_span(self, dictionary: RawDictionary) -> tuple[int, int]:
        """Where the encoded bytes of the stream of a dictionary are."""
        return stream_span(self.document, dictionary, self._length(dictionary))

    def _where(self, at: Reference) -> tuple[Document, int]:
        """The bytes that hold an object and the offset of its value in them."""
        place = find(self.sections, self.document, at[0])
        if place is None:
            raise Unusual(f"object {at[0]} is missing")
        if place.nth is not None:
            return self._within(at, place.offset, place.nth)
        header = OBJECT.match(self.document, place.offset)
        if header is None or (int(header[1]), int(header[2])) != at or place.generation != at[1]:
            raise Unusual(f"object {at[0]} expected at {place.offset}")
        return self.document, header.end()

    def _within(self, at: Reference, stream: int, index: int) -> tuple[bytes, int]:
        if stream not in self._streams:
            self._streams[stream] = self._open(stream)
        data, heads, first = self._streams[stream]
        if at[1] or 2 * index + 1 >= len(heads) or int(heads[2 * index]) != at[0]:
            raise Unusual(f"object {at[0]} expected in stream {stream}")
        return data, skip_space(data, first + int(heads[2 * index + 1]))

    def _open(self, stream: int) -> tuple[bytes, list[bytes], int]:
        """An object stream: its bytes, the numbers at its head, the offset of its first object."""
        place = find(self.sections, self.document, stream)
        if place is None or place.nth is not None:
            raise Unusual(f"object stream {stream} is missing")
        data, start = self._where((stream, 0))
        dictionary = scan(data, start, self.budget)
        if dictionary.get(b"Type") != b"/ObjStm" or dictionary.get(b"DecodeParms") is not None:
            raise Unusual("an unusual object stream")
        begin, end = self.stream_span(dictionary)
        expanded = expand(data[begin:end], dictionary, MOST_EXPANDED - self._expanded)
        self._expanded += len(expanded)
        first = number(dictionary.get(b"First"))
        heads = _PAIR.findall(expanded[:first])
        if len(heads) != 2 * number(dictionary.get(b"N")) or expanded[:first].strip(b"0123456789\x00\t\n\x0c\r "):
            raise Unusual("the head of an object stream")
        return expanded, heads, first

    def _length(self, dictionary: RawDictionary) -> int:
        value = dictionary.get(b"Length")
        at = reference(value)
        if at is None:
            return number(value)
        place = find(self.sections, self.document, at[0])
        if place is None or place.nth is not None:
            raise Unusual("a length within a stream")  # which could be the very stream it is the length of
        data, start = self._where(at)
        return number(data[start : end_of_value(data, start, self.budget)])

    def _check_end(self, at: int) -> None:
        end = skip_space(self.document, at)
        if self.document[end : end + 6] != _ENDOBJ:
            raise Unusual(f"endobj expected at {end}")


def _array(value: bytes) -> bytes:
    if not value.startswith(b"["):
        raise Unusual("an array expected")
    return value


def _needed(value: bytes | None) -> Reference:
    at = reference(value)
    if at is None:
        raise Unusual("a reference expected")
    return at
