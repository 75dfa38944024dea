"""
The value in the place that a signature does not cover.

Only one spelling is accepted (no blanks, one case, zero padding): the gap is not signed, and whatever could be changed
in it without notice could carry something.
Source: ISO 32000-2 §12.8.3.3.1; ITU-T X.690 §10.1.
"""

from __future__ import annotations

import re

from signing.validation.ber import der_of, is_indefinite
from signing.validation.der_check import NotDer

_HEX = re.compile(rb"<(?:[0-9A-F]*|[0-9a-f]*)>")


def read_contents(gap: bytes) -> tuple[bytes, str | None]:
    """The CMS in the gap without its padding, and the code of what is wrong with it, if anything."""
    if not _HEX.fullmatch(gap) or len(gap) % 2:
        return b"", "contents"
    raw = bytes.fromhex(gap[1:-1].decode())
    if not raw.strip(b"\x00"):
        return b"", "contents_empty"
    size = _size(raw)
    if size is None or size > len(raw) or raw[size:].strip(b"\x00"):
        return raw, "contents"
    return raw[:size], None


def _size(raw: bytes) -> int | None:
    """The length of the element at the start, header included; None for anything but a SEQUENCE that has an end."""
    if len(raw) < 4 or raw[0] != 0x30:
        return None
    if is_indefinite(raw):
        try:
            return der_of(raw)[1]
        except NotDer:
            return None
    if raw[1] < 0x80:
        return 2 + raw[1]
    count = raw[1] & 0x7F
    if not 1 <= count <= 4:
        return None
    return 2 + count + int.from_bytes(raw[2 : 2 + count], "big")
