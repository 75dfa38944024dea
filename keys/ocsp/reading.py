"""
Taking DER apart: lengths are checked before anything is read, and what is not distinguished encoding is refused. Pure.

Source: ITU-T X.690 §8.1.3, §10.1 (definite lengths, as short as possible), §8.3.2 (integers as short as possible).
"""

from __future__ import annotations

from dataclasses import dataclass

INTEGER, OCTET_STRING, OBJECT_IDENTIFIER, BOOLEAN, SEQUENCE = 0x02, 0x04, 0x06, 0x01, 0x30
MAX_LENGTH_OCTETS = 4


class NotDer(ValueError):
    """The bytes are not the DER that was expected."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element. tag: its identifier octet; content: what is inside; der: all of it."""

    tag: int
    content: bytes
    der: bytes


class Reader:
    """Reads the elements of a content, one after the other."""

    __slots__ = ("_at", "_bytes")

    def __init__(self, content: bytes) -> None:
        self._bytes = content
        self._at = 0

    @property
    def tag(self) -> int | None:
        """The tag of the next element; None at the end."""
        return self._bytes[self._at] if self._at < len(self._bytes) else None

    def take(self, tag: int) -> Element:
        """The next element. Raises: NotDer: another tag, or no element."""
        if self.tag != tag:
            raise NotDer("another element was expected")
        start, begin, length = self._at, self._at + 1, 0
        begin, length = self._length(begin)
        end = begin + length
        if end > len(self._bytes):
            raise NotDer("an element ends too early")
        self._at = end
        return Element(tag, self._bytes[begin:end], self._bytes[start:end])

    def take_optional(self, tag: int) -> Element | None:
        """The next element if it has that tag."""
        return self.take(tag) if self.tag == tag else None

    def end(self) -> None:
        """Raises: NotDer: something follows."""
        if self.tag is not None:
            raise NotDer("something follows the last element")

    def _length(self, at: int) -> tuple[int, int]:
        if at >= len(self._bytes):
            raise NotDer("a length is missing")
        first = self._bytes[at]
        if first < 0x80:
            return at + 1, first
        count = first & 0x7F
        coded = self._bytes[at + 1 : at + 1 + count]
        if not 1 <= count <= MAX_LENGTH_OCTETS or len(coded) != count:
            raise NotDer("a length cannot be read")
        length = int.from_bytes(coded, "big")
        if coded[0] == 0 or length < 0x80:
            raise NotDer("a length is not as short as possible")
        return at + 1 + count, length


def only(der: bytes, tag: int) -> Element:
    """The one element that these bytes are. Raises: NotDer."""
    reader = Reader(der)
    found = reader.take(tag)
    reader.end()
    return found


def integer_of(content: bytes) -> int:
    """The value of an INTEGER. Raises: NotDer."""
    if not content:
        raise NotDer("an integer is empty")
    if len(content) > 1 and content[0] in (0x00, 0xFF) and (content[0] ^ content[1]) < 0x80:
        raise NotDer("an integer is not as short as possible")
    return int.from_bytes(content, "big", signed=True)
