"""
Form-encoded parameters, as they stand in addresses and in posted forms, read and written.

Most names and values hold nothing that is encoded, which one look tells; the standard library takes each of them apart
all the same, and that was a tenth of what a sign-in costs beside its statements.

Source: WHATWG URL Standard §5 (application/x-www-form-urlencoded).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote_plus, unquote_plus

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")


def read_pairs(text: str, *, errors: str = "replace", most: int | None = None) -> list[tuple[str, str]]:
    """
    Names and values in their order, those without a value too.

    errors: what to do about bytes that are not UTF-8, as for bytes.decode. Raises: ValueError: more than `most` of
    them; UnicodeDecodeError, which is one too.
    """
    if most is not None and text.count("&") >= most:
        raise ValueError("too many parameters")
    found = []
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            found.append((_read(name, errors), _read(value, errors)))
    return found


def written_pairs(values: Mapping[str, str]) -> str:
    """The parameters as they stand in an address or a form."""
    return "&".join([f"{_written(name)}={_written(value)}" for name, value in values.items()])


def _read(coded: str, errors: str) -> str:
    return unquote_plus(coded, errors=errors) if "%" in coded or "+" in coded else coded


def _written(plain: str) -> str:
    return plain if _PLAIN.fullmatch(plain) else quote_plus(plain)
