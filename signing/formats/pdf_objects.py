"""Look things up in the library's dictionaries with references followed; its own `get` returns them unfollowed."""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils import generic

MOST_HOPS = 8


def follow(value: object) -> object:
    """What a reference leads to, at most MOST_HOPS steps away; anything else is itself. A dead end is None."""
    for _ in range(MOST_HOPS):
        if not isinstance(value, generic.IndirectObject):
            return None if isinstance(value, generic.NullObject) else value
        value = value.get_object()
    return None


def entry(holder: object, key: str) -> object:
    """The value under `key`, references followed; None if there is none or `holder` is no dictionary."""
    if not isinstance(holder, generic.DictionaryObject) or key not in holder:
        return None
    return follow(holder.raw_get(key))


def child(holder: object, key: str) -> generic.DictionaryObject | None:
    """The dictionary (or stream) under `key`, else None."""
    value = entry(holder, key)
    return value if isinstance(value, generic.DictionaryObject) else None


def items(holder: object, key: str) -> Iterator[object]:
    """The items of the array under `key`, references followed; nothing if there is no array."""
    value = entry(holder, key)
    if isinstance(value, generic.ArrayObject):
        for position in range(len(value)):
            yield follow(value.raw_get(position))
