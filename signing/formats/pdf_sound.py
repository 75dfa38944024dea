"""
Whether every object stands exactly where the cross-references say, so that no reader has a reason to rebuild the file.

The same check as pdf_reader makes for what the library read, by our own reader.
"""

from __future__ import annotations

from collections.abc import Iterator

from signing.formats.pdf_graph import Graph
from signing.formats.pdf_revisions import LINE
from signing.formats.pdf_scan import OBJECT, Unusual, scan
from signing.formats.pdf_stray import Span
from signing.formats.pdf_tokens import Budget, Document
from signing.formats.pdf_xref import LINE_BYTES, Section, read_rows

MOST_OBJECTS = 200_000
LARGE = 64 * 1024
"""Bytes from where on it is worth while to look whether an object is a compressed stream."""


def check_places(graph: Graph) -> list[int]:
    """
    Check the place of every object of every revision. Returns: the places, ascending.

    Raises: Unusual: an object is elsewhere, or there are more than MOST_OBJECTS.
    """
    document, places = graph.document, set[int]()
    left = MOST_OBJECTS
    for section in graph.sections.chain:
        left -= sum(part.entries for part in section.parts)
        if left < 0:
            raise Unusual("many objects")
        for number, generation, offset in _in_use(document, section):
            if offset == 0:
                continue  # written by some producers for objects that do not exist; every reader takes it as null
            header = OBJECT.match(document, offset)
            if header is None or int(header[1]) != number or int(header[2]) != generation:
                raise Unusual(f"object {number} expected at {offset}")
            places.add(offset)
    return sorted(places)


def compressed_spans(graph: Graph, places: list[int]) -> list[Span]:
    """
    The data of large streams with a filter, ascending; places: of all objects of a sound file.

    Nobody finds an object in there: each is elsewhere, and this is no text.
    Raises: Unusual: a stream that does not end where its length says.
    """
    found: list[Span] = []
    for start, end in zip(places, (*places[1:], len(graph.document)), strict=True):
        if end - start < LARGE:
            continue
        header = OBJECT.match(graph.document, start)
        if header is None or graph.document[header.end() : header.end() + 2] != b"<<":
            continue
        dictionary = scan(graph.document, header.end(), Budget(1000))
        if dictionary.get(b"Filter") is not None:
            found.append(graph.stream_span(dictionary))
    return found


def _in_use(document: Document, section: Section) -> Iterator[tuple[int, int, int]]:
    """(number, generation, offset) of each object that a section lists outside of streams."""
    if section.widths:
        for number, place in read_rows(section):
            if place.nth is None:
                yield number, place.generation, place.offset
        return
    for part in section.parts:
        lines = LINE.findall(document, part.at, part.at + LINE_BYTES * part.entries)
        if len(lines) != part.entries:
            raise Unusual(f"cross-reference entries expected at {part.at}")
        for number, (offset, generation, kind) in enumerate(lines, part.first):
            if kind == b"n":
                yield number, int(generation), int(offset)
