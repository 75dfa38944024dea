"""
Text strings: read from the two spellings and two encodings that names of fields come in, written in the plainest.

Source: ISO 32000-2 §7.3.4 (strings), §7.9.2.2 (text strings).
"""

from __future__ import annotations

import re

from signing.formats.pdf_scan import Unusual

_TEXT = re.compile(r"[ -~]*")
_SPECIAL = re.compile(r"([()\\])")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_MEANS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_BLANKS = b"\x00\t\n\x0c\r "
_BOM = b"\xfe\xff"


def text_string(text: str) -> bytes:
    """A text string: printable ASCII as it is, anything else as UTF-16 in hexadecimal."""
    if _TEXT.fullmatch(text):
        return b"(%s)" % _SPECIAL.sub(r"\\\1", text).encode()
    return b"<%s>" % (_BOM + text.encode("utf-16-be", "surrogatepass")).hex().encode()


def read_text(value: bytes) -> str:
    """
    What a string says; without a mark of UTF-16 each byte is a character, which is right for ASCII.

    Raises: Unusual: not a string.
    """
    if value.startswith(b"(") and value.endswith(b")"):
        content = _ESCAPE.sub(_unescaped, value[1:-1]) if b"\\" in value else value[1:-1]
    elif value.startswith(b"<") and not value.startswith(b"<<"):
        digits = value[1:-1].translate(None, _BLANKS)
        content = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    else:
        raise Unusual("a string expected")
    if content.startswith(_BOM):
        try:
            return content[2:].decode("utf-16-be")
        except UnicodeDecodeError as error:
            raise Unusual("a string of half characters") from error
    return content.decode("latin-1")


def _unescaped(found: re.Match[bytes]) -> bytes:
    what = found[1]
    if what[:1].isdigit() and what < b"8":
        return bytes((int(what, 8) & 0xFF,))
    return _MEANS.get(what, what)
