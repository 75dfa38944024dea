"""
The second structural check: what follows the signed bytes must be whole, well-formed revisions and nothing else.

A lenient reader that meets a bad cross-reference searches the file for objects and may show another document than the
one the validator saw. So every appended revision must leave it no reason to: each object in it is listed at its exact
place, each listed object is in it, its cross-reference stands where `startxref` says, and /Prev names the revision
before.
Source: ISO 32000-2 §7.5.4 to §7.5.8; the attacks of Mladenov et al. (2019), "1 Trillion Dollar Refund".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from signing.formats.pdf_tokens import (
    Budget,
    Dictionary,
    Document,
    IndirectObject,
    TokenError,
    read_object,
    read_value,
    skip_blanks,
    skip_space,
)

MOST_REVISIONS = 500
END = re.compile(rb"startxref[\x00\t\n\x0c\r ]+(\d{1,12})[\x00\t\n\x0c\r ]+%%EOF(?:\r\n|\n|\r)?")
SUBSECTION = re.compile(rb"(\d{1,10}) (\d{1,10})[ ]?(?:\r\n|\n|\r)")
LINE = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)")


@dataclass(frozen=True, slots=True)
class Revision:
    """
    One appended revision as this reader sees it.

    start, end: byte offsets; startxref: where its cross-reference stands.
    objects:    (number, generation) → offset of what is physically in it.
    listed:     the same for what its table lists as in use; None for a cross-reference stream (the caller compares).
    freed:      how many entries it frees. size: its /Size; numbers from there on do not exist for a reader.
    """

    start: int
    end: int
    startxref: int
    objects: dict[tuple[int, int], int]
    listed: dict[tuple[int, int], int] | None
    stream: tuple[int, int] | None
    freed: int
    size: int


def end_of_signed_revision(document: Document, end: int) -> int:
    """
    The startxref value with which the bytes up to `end` close.

    Raises: TokenError: they do not close with startxref, number, %%EOF.
    """
    tail = document[max(0, end - 64) : end]
    matches = list(END.finditer(tail))
    if not matches or matches[-1].end() != len(tail):
        raise TokenError(f"the signed bytes do not end with %%EOF at {end}")
    return int(matches[-1][1])


def read_appended(document: Document, start: int, previous: int, resolve: Callable[[int], int]) -> list[Revision]:
    """
    Read every revision from `start` to the end of the file.

    previous: startxref of the revision before. resolve: the number an indirect /Length stands for, by object number.
    Raises:   TokenError: anything that is not a well-formed revision, or more than MOST_REVISIONS.
    """
    revisions: list[Revision] = []
    budget = Budget()
    while start < len(document):
        if len(revisions) == MOST_REVISIONS:
            raise TokenError("too many revisions")
        revision = _read_revision(document, start, previous, resolve, budget)
        revisions.append(revision)
        start, previous = revision.end, revision.startxref
    return revisions


def _read_revision(
    document: Document, start: int, previous: int, resolve: Callable[[int], int], budget: Budget
) -> Revision:
    objects: dict[tuple[int, int], int] = {}
    last: IndirectObject | None = None
    at = skip_space(document, start)
    while document[at : at + 1].isdigit():
        last = read_object(document, at, resolve, budget)
        if (last.number, last.generation) in objects:
            raise TokenError(f"object {last.number} appears twice in one revision")
        objects[last.number, last.generation] = last.start
        at = skip_space(document, last.end)
    if document[at : at + 4] == b"xref":
        return _close_with_table(document, start, at, previous, objects)
    if last is not None and isinstance(last.value, Dictionary) and last.value.value("Type") == "XRef":
        size = _check_trailer(last.value, previous)
        end = _close(document, at, last.start)
        key = (last.number, last.generation)
        return Revision(start, end, last.start, objects, None, key, 0, size)
    raise TokenError(f"neither an object nor a cross-reference at {at}")


def _close_with_table(
    document: Document, start: int, table: int, previous: int, objects: dict[tuple[int, int], int]
) -> Revision:
    listed: dict[tuple[int, int], int] = {}
    named: set[int] = set()
    freed = 0
    at = skip_blanks(document, table + 4)
    while section := SUBSECTION.match(document, at):
        number, count = int(section[1]), int(section[2])
        at = section.end()
        for _ in range(count):
            line = LINE.match(document, at)
            if line is None:
                raise TokenError(f"cross-reference entry expected at {at}")
            at = line.end()
            if number in named:
                raise TokenError(f"the cross-reference names object {number} twice")
            named.add(number)
            if line[3] == b"n":
                listed[number, int(line[2])] = int(line[1])
            elif number != 0:
                freed += 1
            number += 1
    if document[at : at + 7] != b"trailer":
        raise TokenError(f"trailer expected at {at}")
    trailer, at = read_value(document, at + 7)
    if not isinstance(trailer, Dictionary):
        raise TokenError("the trailer is not a dictionary")
    size = _check_trailer(trailer, previous)
    if trailer.one("XRefStm"):
        raise TokenError("a hybrid cross-reference was appended after signing")
    if listed != objects:
        raise TokenError("the cross-reference lists other objects than the revision holds")
    if not listed and not freed:
        raise TokenError("the cross-reference is empty")
    end = _close(document, skip_space(document, at), table)
    return Revision(start, end, table, objects, listed, None, freed, size)


def _check_trailer(trailer: Dictionary, previous: int) -> int:
    """The /Size of a trailer that continues the revision before."""
    for key in ("Size", "Root", "Prev"):
        if trailer.one(key) is None:
            raise TokenError(f"the trailer has no /{key}")
    if trailer.value("Prev") != previous:
        raise TokenError("/Prev does not name the revision before")
    size = trailer.value("Size")
    if type(size) is not int:
        raise TokenError("/Size is no number")
    return size


def _close(document: Document, at: int, startxref: int) -> int:
    closing = END.match(document, at)
    if closing is None or int(closing[1]) != startxref:
        raise TokenError(f"startxref and %%EOF expected at {at}")
    return closing.end()
