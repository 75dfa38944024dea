"""
A second, strict reader of PDF objects, apart from the library's own.

It exists because one parser alone can be fooled: an appended revision that the library overlooks and every viewer
repairs (the incremental-saving differential) validated as untouched. It reads only plain object syntax and accepts no
repair.
Source: ISO 32000-2 §7.2, §7.3.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

Document = bytes | mmap.mmap
"""A whole file: in memory, or mapped."""

MOST_DEPTH = 64
MOST_TOKENS = 500_000

_SPACE = re.compile(rb"(?:[\x00\t\n\x0c\r ]++|%[^\r\n]*+)*+")  # possessive: nothing is remembered for going back
_BLANKS = re.compile(rb"[\x00\t\n\x0c\r ]*+")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?=[\x00\t\n\x0c\r \[\]<>()/%{}]|\Z)")
_REFERENCE = re.compile(
    rb"(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+R(?=[\x00\t\n\x0c\r \[\]<>()/%{}]|\Z)"
)
_NAME = re.compile(rb"/([^\x00\t\n\x0c\r \[\]<>()/%{}]*)")
_HEX = re.compile(rb"<([0-9A-Fa-f\x00\t\n\x0c\r ]*)>")
_WORD = re.compile(rb"(true|false|null)(?=[\x00\t\n\x0c\r \[\]<>()/%{}]|\Z)")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_PAREN = re.compile(rb"[()\\]")
HEADER = re.compile(rb"(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+obj(?=[\x00\t\n\x0c\r \[\]<>()/%{}]|\Z)")
_STREAM = re.compile(rb"stream(\r\n|\n)")
_ENDSTREAM = re.compile(rb"(?:\r\n|\n|\r)?endstream(?=[\x00\t\n\x0c\r %]|endobj)")


class TokenError(ValueError):
    """The bytes are not plain PDF syntax; the message says what was expected and where."""


class Budget:
    """How many tokens may still be read; shared by the objects of one tail, so that its size bounds the time."""

    __slots__ = ("left",)

    def __init__(self, tokens: int = MOST_TOKENS) -> None:
        self.left = tokens

    def take(self, at: int) -> None:
        """One token more. Raises: TokenError: none left."""
        self.left -= 1
        if self.left < 0:
            raise TokenError(f"too many tokens at {at}")


class Name(str):
    """A PDF name without its slash, escapes resolved."""

    __slots__ = ()


class Reference(NamedTuple):
    """`number generation R`."""

    number: int
    generation: int


class Entry(NamedTuple):
    """One entry of a dictionary; start and end are byte offsets of the value."""

    key: Name
    value: object
    start: int
    end: int


class Dictionary(list[Entry]):
    """The entries in file order; a key may appear once only, and `one()` insists."""

    def one(self, key: str) -> Entry | None:
        """The entry of that key, or None. Raises: TokenError: there are several."""
        found = [entry for entry in self if entry.key == key]
        if len(found) > 1:
            raise TokenError(f"dictionary key {key} appears {len(found)} times")
        return found[0] if found else None

    def value(self, key: str) -> object:
        entry = self.one(key)
        return entry.value if entry else None


@dataclass(frozen=True, slots=True)
class IndirectObject:
    """An object with its number; start is the offset of its header, end the one after `endobj`."""

    number: int
    generation: int
    value: object
    start: int
    end: int
    is_stream: bool


def skip_space(data: Document, at: int) -> int:
    """The offset after white space and comments."""
    match = _SPACE.match(data, at)
    return match.end() if match else at


def skip_blanks(data: Document, at: int) -> int:
    """The offset after white space; comments stay."""
    match = _BLANKS.match(data, at)
    return match.end() if match else at


def read_value(data: Document, at: int, budget: Budget | None = None, depth: int = 0) -> tuple[object, int]:
    """
    Read one value. Returns: it and the offset after it.

    Raises: TokenError: not plain syntax, nested deeper than MOST_DEPTH, or over the budget (MOST_TOKENS without one).
    """
    budget = budget or Budget()
    budget.take(at)
    if depth > MOST_DEPTH:
        raise TokenError(f"nested deeper than {MOST_DEPTH} at {at}")
    at = skip_space(data, at)
    head = data[at : at + 2]
    if head == b"<<":
        return _read_dictionary(data, at + 2, budget, depth)
    first = head[:1]
    if first == b"/":
        return _read_name(data, at)
    if first == b"<":
        match = _expect(_HEX, data, at, "hexadecimal string")
        digits = match[1].translate(None, b"\x00\t\n\x0c\r ")
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()), match.end()
    if first == b"(":
        return data[at : (end := end_of_literal(data, at, budget))], end
    if first == b"[":
        return _read_array(data, at + 1, budget, depth)
    if reference := _REFERENCE.match(data, at):
        return Reference(int(reference[1]), int(reference[2])), reference.end()
    if number := _NUMBER.match(data, at):
        text = number[0]
        return (float(text) if b"." in text else int(text)), number.end()
    match = _expect(_WORD, data, at, "value")
    return {b"true": True, b"false": False, b"null": None}[match[1]], match.end()


def read_object(
    data: Document, at: int, resolve: Callable[[int], int] | None = None, budget: Budget | None = None
) -> IndirectObject:
    """
    Read `n g obj … endobj` whose header stands exactly at `at`.

    resolve: gives the number that an indirect /Length stands for, by object number.
    Raises:  TokenError: not plain syntax, or a stream whose /Length does not end at `endstream`.
    """
    header = _expect(HEADER, data, at, "object header")
    value, end = read_value(data, header.end(), budget)
    end = skip_space(data, end)
    is_stream = False
    if isinstance(value, Dictionary) and (start := _STREAM.match(data, end)):
        is_stream = True
        length = value.value("Length")
        if isinstance(length, Reference) and resolve is not None:
            length = resolve(length.number)
        if not isinstance(length, int) or isinstance(length, bool) or length < 0:
            raise TokenError(f"stream without a length at {end}")
        end = skip_space(data, _expect(_ENDSTREAM, data, start.end() + length, "endstream").end())
    if data[end : end + 6] != b"endobj":
        raise TokenError(f"endobj expected at {end}")
    return IndirectObject(int(header[1]), int(header[2]), value, at, end + 6, is_stream)


def end_of_literal(data: Document, at: int, budget: Budget) -> int:
    """The offset after the literal string whose parenthesis opens at `at`. Raises: TokenError: it does not end."""
    level, position = 0, at
    while match := _PAREN.search(data, position):
        budget.take(position)
        position = match.end()
        if match[0] == b"\\":
            position += 1
            continue
        level += 1 if match[0] == b"(" else -1
        if level == 0:
            return position
    raise TokenError(f"string without an end at {at}")


def _expect(pattern: re.Pattern[bytes], data: Document, at: int, what: str) -> re.Match[bytes]:
    match = pattern.match(data, at)
    if match is None:
        raise TokenError(f"{what} expected at {at}")
    return match


def _read_name(data: Document, at: int) -> tuple[Name, int]:
    match = _expect(_NAME, data, at, "name")
    raw = _ESCAPE.sub(lambda escape: bytes((int(escape[1], 16),)), match[1])
    return Name(raw.decode("latin-1")), match.end()


def _read_dictionary(data: Document, at: int, budget: Budget, depth: int) -> tuple[Dictionary, int]:
    entries = Dictionary()
    while True:
        at = skip_space(data, at)
        if data[at : at + 2] == b">>":
            return entries, at + 2
        key, at = _read_name(data, at)
        start = skip_space(data, at)
        value, at = read_value(data, start, budget, depth + 1)
        entries.append(Entry(key, value, start, at))


def _read_array(data: Document, at: int, budget: Budget, depth: int) -> tuple[list[object], int]:
    items: list[object] = []
    while True:
        at = skip_space(data, at)
        if data[at : at + 1] == b"]":
            return items, at + 1
        value, at = read_value(data, at, budget, depth + 1)
        items.append(value)
