"""
One function of the PDF library replaced: it reads hexadecimal strings byte by byte, each through two Python calls.

A signature value is twenty thousand digits; reading it took three quarters of the time of a verification, and a hostile
file full of digits minutes. Plain strings are now read in blocks; anything odd goes to the library's own function, so
the result is the same. A test compares the two.
"""

from __future__ import annotations

import re
from typing import IO, Any

from pyhanko.pdf_utils import generic

BLOCK = 64 * 1024
_PLAIN = re.compile(rb"<([0-9A-Fa-f\x00\t\n\x0c\r ]*)>")
_BLANKS = b"\x00\t\n\x0c\r "
read_odd_hex = generic.read_hex_string_from_stream


def read_hex(stream: IO[bytes]) -> Any:
    """A hexadecimal string at the stream's position, as the library's string object."""
    start = stream.tell()
    parts = [stream.read(BLOCK)]
    while parts[-1] and b">" not in parts[-1]:
        parts.append(stream.read(BLOCK))
    match = _PLAIN.match(b"".join(parts))
    if match is None:
        stream.seek(start)
        return read_odd_hex(stream)
    stream.seek(start + match.end())
    digits = match[1].translate(None, _BLANKS)
    return generic.pdf_string(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()))


def install() -> None:
    """Put it in place; called once by the one module that opens PDFs."""
    generic.read_hex_string_from_stream = read_hex
