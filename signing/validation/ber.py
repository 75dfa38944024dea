"""
BER of indefinite length written as DER: what a program writes that does not know beforehand how much will come.

Only the container of a signature is concerned: what is signed, certificates and lists are DER in any case, and stay
byte for byte as they are. Nothing else of BER is read; every definite length must be the shortest.
Source: ITU-T X.690 §8.1.3.6, §8.1.5, §8.7.3; RFC 5652 §2.
"""

from __future__ import annotations

from signing.validation.der_check import MOST_DEPTH, NotDer

INDEFINITE = b"\x80"
MOST_BYTES = 64 * 1024 * 1024
_END = b"\x00\x00"
_PIECES, _OCTETS = 0x24, 0x04


def is_indefinite(data: bytes) -> bool:
    """Whether the element at the start is constructed and says no length."""
    return data[1:2] == INDEFINITE and bool(data[0] & 0x20)


def definite(data: bytes) -> bytes:
    """An element that fills `data`, in DER if its length was indefinite, else as it is. Raises: NotDer, as der_of."""
    if not is_indefinite(data):
        return data
    der, end = der_of(data)
    if end != len(data):
        raise NotDer(f"{len(data) - end} bytes after the end")
    return der


def der_of(data: bytes) -> tuple[bytes, int]:
    """
    The element at the start in DER, and how many bytes of `data` it takes; pieces of an OCTET STRING are joined.

    Raises: NotDer: it has no end, is nested too deep, too long, or holds what BER does not need.
    """
    if len(data) > MOST_BYTES:
        raise NotDer(f"BER of {len(data)} bytes")
    return _element(data, 0, len(data), 0)


def _element(data: bytes, at: int, limit: int, depth: int) -> tuple[bytes, int]:
    if depth > MOST_DEPTH:
        raise NotDer("nested too deep")
    tag, start, end = _header(data, at, limit)
    if not tag & 0x20 and end is not None:
        return data[at:end], end
    parts: list[bytes] = []
    inside = start
    while inside != end:
        if end is None and data[inside : inside + len(_END)] == _END:
            inside += len(_END)
            break
        part, inside = _element(data, inside, limit if end is None else end, depth + 1)
        parts.append(part)
    if tag == _PIECES:
        return _joined(parts), inside
    return _written(tag, b"".join(parts)), inside


def _header(data: bytes, at: int, limit: int) -> tuple[int, int, int | None]:
    """Tag, where the content starts, and where it ends; None: where its end is marked, of a constructed one only."""
    if at + 2 > limit:
        raise NotDer(f"cut off at {at}")
    tag, size = data[at], data[at + 1]
    if tag & 0x1F == 0x1F or tag == 0:
        raise NotDer(f"tag at {at}")
    start = at + 2
    if size == INDEFINITE[0] and tag & 0x20:
        return tag, start, None
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4 or start + count > limit or data[start] == 0:
            raise NotDer(f"length at {at + 1}")
        size = int.from_bytes(data[start : start + count], "big")
        start += count
        if size < 0x80:
            raise NotDer(f"length at {at + 1} is not the shortest")
    if start + size > limit:
        raise NotDer(f"element at {start} is longer than its place")
    return tag, start, start + size


def _joined(pieces: list[bytes]) -> bytes:
    if any(one[0] != _OCTETS for one in pieces):
        raise NotDer("pieces of something else than octets")
    return _written(_OCTETS, b"".join(one[2 + (one[1] & 0x7F if one[1] & 0x80 else 0) :] for one in pieces))


def _written(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
