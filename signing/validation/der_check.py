"""
Whether bytes are DER: lengths definite, shortest, filled exactly; numbers and truth values in their one form.

Source: ITU-T X.690 §8.3.2, §8.8, §10.1, §11.1.

Parsers differ on what they forgive here; two readings of one signature are two documents.
"""

from __future__ import annotations

from collections.abc import Callable

MOST_DEPTH = 48


class NotDer(ValueError):
    """Where and why."""


class OtherForm(NotDer):
    """In order as far as one can see, but of a form that is not read; the message names it for people."""


def check_der(data: bytes) -> None:
    """One element that fills `data` exactly. Raises: NotDer."""
    end = _element(data, 0, len(data), 0)
    if end != len(data):
        raise NotDer(f"{len(data) - end} bytes after the end")


def _element(data: bytes, at: int, limit: int, depth: int) -> int:
    if depth > MOST_DEPTH:
        raise NotDer("nested too deep")
    if at + 2 > limit:
        raise NotDer(f"cut off at {at}")
    tag = data[at]
    at += 1
    if tag & 0x1F == 0x1F:
        raise NotDer(f"long tag at {at - 1}")
    size = data[at]
    at += 1
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4 or at + count > limit or data[at] == 0:
            raise NotDer(f"length at {at - 1}")
        size = int.from_bytes(data[at : at + count], "big")
        if size < 0x80:
            raise NotDer(f"length at {at - 1} is not the shortest")
        at += count
    end = at + size
    if end > limit:
        raise NotDer(f"element at {at} is longer than its place")
    if tag & 0x20:
        while at < end:
            at = _element(data, at, end, depth + 1)
    elif tag in _SIMPLE and not _SIMPLE[tag](data[at:end]):
        raise NotDer(f"value at {at} is not in its one form")
    return end


def _is_shortest(value: bytes) -> bool:
    """An INTEGER without an octet too many."""
    return len(value) == 1 or (
        len(value) > 1 and value[:1] + bytes((value[1] & 0x80,)) not in (b"\x00\x00", b"\xff\x80")
    )


_SIMPLE: dict[int, Callable[[bytes], bool]] = {
    0x01: lambda value: value in (b"\x00", b"\xff"),
    0x02: _is_shortest,
    0x05: lambda value: not value,
    0x0A: _is_shortest,
}


def children(data: bytes) -> list[tuple[int, bytes]]:
    """The elements inside one element, as (tag, whole bytes of the child). `data` has passed `check_der`."""
    at, end = _content(data, 0)
    found: list[tuple[int, bytes]] = []
    while at < end:
        _start, stop = _content(data, at)
        found.append((data[at], data[at:stop]))
        at = stop
    return found


def content_of(element: bytes) -> bytes:
    """What is inside an element, without its tag and length."""
    start, end = _content(element, 0)
    return element[start:end]


def _content(data: bytes, at: int) -> tuple[int, int]:
    """Where the content of the element at `at` starts and ends."""
    size = data[at + 1]
    if size < 0x80:
        return at + 2, at + 2 + size
    count = size & 0x7F
    start = at + 2 + count
    return start, start + int.from_bytes(data[at + 2 : start], "big")
