"""
JSON and base64 from strangers in one form only: no name twice, nothing nested too deep, no other spelling of the same.

Two readers of one file must not see two things (RFC 8259 §4 leaves a repeated name open), and no byte that is under no
signature may be changed unnoticed, so base64 has to be canonical (RFC 4648 §3.5).
Source: RFC 8259; RFC 7515 §5.2 (duplicate names, UTF-8), §2 (base64url without padding); RFC 4648 §3.3, §3.5.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, NoReturn

MOST_DEPTH = 24
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""To its end, or to that of the text: what nobody closes must not be looked at again from each of its marks."""
_BRACKETS = re.compile(rb"[\[\]{}]")


class NotStrict(ValueError):
    """Not in the one form that we read; the message says why."""


def parse_object(raw: bytes) -> dict[str, Any]:
    """
    A JSON object with nothing before or after it but blanks.

    Raises: NotStrict: no JSON (also NaN, a number that is too long, other text than UTF-8, half a surrogate pair), a
            name twice at any depth, nested deeper than MOST_DEPTH, no object.
    """
    _check_depth(raw)
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
        if rb"\u" in raw:
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise NotStrict(f"JSON: {str(error)[:100]}") from error
    if not isinstance(value, dict):
        raise NotStrict("no JSON object")
    return value


def from_base64url(text: Any) -> bytes:
    """Raises: NotStrict: no string, a letter that is none of the alphabet, padding, or surplus bits."""
    decoded = _decoded(text, lambda coded: base64.urlsafe_b64decode(coded + b"=" * (-len(coded) % 4)))
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode("ascii") != text:
        raise NotStrict("base64url that is not canonical")
    return decoded


def from_base64(text: Any) -> bytes:
    """The same for base64 with padding. Raises: NotStrict."""
    decoded = _decoded(text, lambda coded: base64.b64decode(coded, validate=True))
    if base64.b64encode(decoded).decode("ascii") != text:
        raise NotStrict("base64 that is not canonical")
    return decoded


def base64url(data: bytes) -> str:
    """Without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def compact_json(value: Any) -> bytes:
    """JSON without blanks, members in their order, UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _decoded(text: Any, decode: Any) -> bytes:
    if not isinstance(text, str):
        raise NotStrict("base64 that is no string")
    try:
        return bytes(decode(text.encode("ascii")))
    except (UnicodeEncodeError, binascii.Error) as error:
        raise NotStrict("not base64") from error


def _check_depth(raw: bytes) -> None:
    """Before the parser, which goes down by recursion."""
    if raw.count(b"[") + raw.count(b"{") <= MOST_DEPTH:
        return
    depth = 0
    for bracket in _BRACKETS.findall(_STRING.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MOST_DEPTH:
            raise NotStrict(f"nested deeper than {MOST_DEPTH}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("a name appears twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise NotStrict(f"{name} is no JSON")
