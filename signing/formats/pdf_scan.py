"""
Find the entries of a dictionary without building its values: where each begins and ends, as the bytes stand.

What is appended to a file copies the objects it changes byte for byte around the change, so nothing has to be
understood that is not changed, and one pattern reads a whole entry.
Source: ISO 32000-2 §7.2, §7.3.
"""

from __future__ import annotations

import re

from signing.formats.pdf_tokens import Budget, Document, TokenError, end_of_literal, skip_space

_WHITE = rb"[\t\n\x0c\r ]"  # and not the zero byte, which some readers do not take for white space
_SPACE = rb"(?:" + _WHITE + rb"++|%[^\r\n]*+)*+"
OBJECT = re.compile(
    rb"(\d{1,10})" + _WHITE + rb"++(\d{1,5})" + _WHITE + rb"++obj(?=[\t\n\x0c\r \[\]<>()/%{}])" + _SPACE
)
"""The header of an object, up to its value."""
_EDGE = rb"(?=[\t\n\x0c\r \[\]<>()/%]|\Z)"
_REGULAR = rb"!\"$&'*-.0-;=?-Z\\^-z|~"
"""What a name may consist of: printable ASCII but delimiters; other readers differ on anything else."""
_NAME = rb"/(?:[" + _REGULAR + rb"]++|#(?!00)[0-9A-Fa-f]{2})*+"
_NUMBER = rb"[+-]?+(?:\d++\.?+\d*+|\.\d++)" + _EDGE
_WORD = rb"(?:true|false|null)" + _EDGE
_STRING = rb"<(?!<)[0-9A-Fa-f\t\n\x0c\r ]*+>|\([^()\\]*+\)"
_REFERENCE = rb"\d{1,10}+" + _WHITE + rb"++\d{1,5}+" + _WHITE + rb"++R" + _EDGE
_ELEMENT = _WHITE + rb"++|" + _NAME + rb"|" + _REFERENCE + rb"|" + _NUMBER + rb"|" + _STRING + rb"|" + _WORD
_ATOM = _NAME + rb"|" + _REFERENCE + rb"|" + _NUMBER + rb"|" + _STRING + rb"|\[(?:" + _ELEMENT + rb")*+\]|" + _WORD
_OPENER = rb"<<|\[|\("
_KEY = _SPACE + rb"/([" + _REGULAR + rb"]++)" + _SPACE
_ENTRY = re.compile(_KEY + rb"(?:(" + _ATOM + rb")|(" + _OPENER + rb"))")
_PLAIN_KEY = _KEY.replace(rb"/(", rb"/(?:")
_FLAT = rb"<<(?:" + _PLAIN_KEY + rb"(?:" + _ATOM + rb"))*+" + _SPACE + rb">>"
_VALUE = _ATOM + rb"|<<(?:" + _PLAIN_KEY + rb"(?:" + _ATOM + rb"|" + _FLAT + rb"))*+" + _SPACE + rb">>"
_PAIR = re.compile(_KEY + rb"(" + _VALUE + rb")")
_PLAIN = re.compile(rb"<<(?:" + _PLAIN_KEY + rb"(?:" + _VALUE + rb"))*+" + _SPACE + rb">>")
"""A dictionary nested at most three deep, as most are: found and taken apart by two calls."""
_OBJECT_PLAIN = re.compile(OBJECT.pattern + rb"(" + _PLAIN.pattern + rb")" + _SPACE + rb"endobj")
_STEP = re.compile(_SPACE + rb"(?:(" + _NAME + rb")|" + _ATOM + rb"|(" + _OPENER + rb")|(>>|\]))")
_ESCAPED = re.compile(rb"(?:[^\\]++|\\[nrtbf()\\0-7\r\n])*+")
_END = re.compile(_SPACE + rb">>")
_ONE_REFERENCE = re.compile(rb"(\d{1,10})" + _WHITE + rb"+(\d{1,5})" + _WHITE + rb"+R")
_REFERENCES = re.compile(
    rb"\[" + _WHITE + rb"*+(?:\d{1,10}+" + _WHITE + rb"++\d{1,5}+" + _WHITE + rb"++R" + _WHITE + rb"*+)*+\]"
)
_CLOSERS = {b"<<": b">>", b"[": b"]"}


class Unusual(TokenError):
    """The file is not of the plain kind that our own writer extends; the library's may still do it."""


class RawDictionary:
    """
    A dictionary as it stands in `data` from `start` to `end`, and each value as it stands.

    Made by `scan()`; `edited()` gives its bytes with some entries set or dropped and the rest untouched.
    """

    __slots__ = ("data", "end", "entries", "start")

    def __init__(self, data: Document, start: int, end: int, entries: dict[bytes, bytes]) -> None:
        self.data = data
        self.start = start
        self.end = end
        self.entries = entries

    def __contains__(self, key: bytes) -> bool:
        return key in self.entries

    def get(self, key: bytes) -> bytes | None:
        """The value as it stands; None if there is none or it is `null`."""
        value = self.entries.get(key)
        return None if value == b"null" else value

    def edited(self, changes: dict[bytes, bytes | None]) -> bytes:
        """The dictionary with each key of `changes` set to its value, or to `null` where that is None."""
        parts: list[bytes] = []
        at = self.start
        if not changes.keys().isdisjoint(self.entries):
            spans, _end = value_spans(self.data, self.start, Budget())
            for key, (start, end) in spans.items():
                if key in changes:
                    parts += (self.data[at:start], changes[key] or b"null")
                    at = end
        parts.append(self.data[at : self.end - 2])
        parts += [b"\n/%s %s" % (key, value or b"null") for key, value in changes.items() if key not in self.entries]
        parts.append(b"\n>>")
        return b"".join(parts)


def scan(data: Document, at: int, budget: Budget) -> RawDictionary:
    """
    The dictionary that begins exactly at `at`.

    Raises: Unusual: none there, a key twice or spelled with escapes, syntax that is not plain, or over the budget.
    """
    if plain := _PLAIN.match(data, at):
        return _taken_apart(data, at, plain.end(), budget)
    return _one_by_one(data, at, budget)


def scan_object(data: Document, at: int, wanted: tuple[int, int], budget: Budget) -> RawDictionary:
    """The dictionary that is the whole of the object `wanted` at `at`. Raises: Unusual."""
    if (plain := _OBJECT_PLAIN.match(data, at)) and (int(plain[1]), int(plain[2])) == wanted:
        return _taken_apart(data, *plain.span(3), budget)
    header = OBJECT.match(data, at)
    if header is None or (int(header[1]), int(header[2])) != wanted:
        raise Unusual(f"object {wanted[0]} expected at {at}")
    found = scan(data, header.end(), budget)
    end = skip_space(data, found.end)
    if data[end : end + 6] != b"endobj":
        raise Unusual(f"endobj expected at {end}")
    return found


def _one_by_one(data: Document, at: int, budget: Budget) -> RawDictionary:
    spans, end = value_spans(data, at, budget)
    return RawDictionary(data, at, end, {key: data[start:stop] for key, (start, stop) in spans.items()})


def _taken_apart(data: Document, start: int, end: int, budget: Budget) -> RawDictionary:
    if data.find(b"%", start, end) >= 0:  # the search below would look for entries in a last comment, too
        return _one_by_one(data, start, budget)
    pairs = _PAIR.findall(data, start + 2, end - 2)
    budget.left -= len(pairs)
    entries = dict(pairs)
    if len(entries) != len(pairs) or budget.left < 0:
        raise Unusual(f"a key twice in the dictionary at {start}, or too many")
    return RawDictionary(data, start, end, entries)


def value_spans(data: Document, at: int, budget: Budget) -> tuple[dict[bytes, tuple[int, int]], int]:
    """Where each value of a dictionary begins and ends, entry by entry, and where it ends itself."""
    if data[at : at + 2] != b"<<":
        raise Unusual(f"dictionary expected at {at}")
    spans: dict[bytes, tuple[int, int]] = {}
    position = at + 2
    while found := _ENTRY.match(data, position):
        key = found[1]
        if key in spans:
            raise Unusual(f"a key twice in the dictionary at {at}")
        if found.lastindex == 3:
            start = found.start(3)
            position = _end_of_nested(data, start, budget)
        else:
            start, position = found.span(2)
        spans[key] = (start, position)
    budget.left -= len(spans)
    end = _END.match(data, position)
    if end is None or budget.left < 0:
        raise Unusual(f"dictionary entry expected at {position}")
    return spans, end.end()


def end_of_value(data: Document, at: int, budget: Budget) -> int:
    """The offset after the value that begins exactly at `at`. Raises: Unusual."""
    found = _STEP.match(data, at)
    if found is None or found[3]:
        raise Unusual(f"value expected at {at}")
    return _end_of_nested(data, found.start(2), budget) if found[2] else found.end()


def _end_of_nested(data: Document, at: int, budget: Budget) -> int:
    """The offset after the array, dictionary or string that opens at `at`."""
    waiting: list[bytes] = []
    key_next: list[bool | None] = []  # for each open bracket; None in an array
    while True:
        found = _STEP.match(data, at)
        budget.left -= 1
        if found is None or budget.left < 0:
            raise Unusual(f"value expected at {at}")
        at = found.end()
        name, opener, closer = found.groups()
        if closer:
            if not waiting or waiting.pop() != closer or key_next.pop() is False:
                raise Unusual(f"brackets do not match at {at}")
        else:
            if key_next and key_next[-1] is not None:
                if key_next[-1] and name is None:
                    raise Unusual(f"a key expected at {at}")
                key_next[-1] = not key_next[-1]
            if opener == b"(":
                start, at = at, end_of_literal(data, at - 1, budget)
                if not _ESCAPED.fullmatch(data, start, at):
                    raise Unusual(f"an escape that readers differ on after {start}")
            elif opener:
                waiting.append(_CLOSERS[opener])
                key_next.append(True if opener == b"<<" else None)
        if not waiting:
            return at


def reference(value: bytes | None) -> tuple[int, int] | None:
    """(number, generation) if the value is a reference."""
    found = _ONE_REFERENCE.fullmatch(value) if value is not None else None
    return (int(found[1]), int(found[2])) if found else None


def references(array: bytes) -> list[tuple[int, int]]:
    """The references of an array of nothing else. Raises: Unusual."""
    if not _REFERENCES.fullmatch(array):
        raise Unusual("an array of references expected")
    return [(int(number), int(generation)) for number, generation in _ONE_REFERENCE.findall(array)]


def number(value: bytes | None) -> int:
    """A non-negative integer. Raises: Unusual."""
    if value is None or not value.isdigit() or len(value) > 15:
        raise Unusual("a number expected")
    return int(value)
