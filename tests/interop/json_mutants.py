"""
Forged variants of a JSON signature that are still JSON: bytes alone seldom reach what stands inside base64.

Each takes its members, an element of etsiU, a header or a value, and puts it elsewhere, leaves it out, doubles it,
writes it in another way, or takes that of another signature.
"""

from __future__ import annotations

import base64
import binascii
import json
import random
from collections.abc import Callable
from typing import Any

from tests.interop import mutants as of_bytes

Change = Callable[[dict[str, Any], dict[str, Any], random.Random], None]


def mutants(original: bytes, other: bytes, chance: random.Random) -> tuple[str, bytes]:
    """One variant and what was done to it; parts may come from `other`."""
    if chance.random() < 0.3 or not original.startswith(b"{") or not other.startswith(b"{"):
        return of_bytes.mutants(original, chance)
    found, foreign = json.loads(original), json.loads(other)
    change = chance.choice(CHANGES)
    change(found, foreign, chance)
    blanks = chance.choice((None, None, None, 1))
    return change.__name__, json.dumps(found, ensure_ascii=chance.random() < 0.5, indent=blanks).encode()


def _one(found: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A signature of it."""
    several = found.get("signatures")
    return chance.choice(several) if several else found


def _elements(found: dict[str, Any], chance: random.Random) -> list[Any]:
    header = _one(found, chance).get("header")
    return header["etsiU"] if header else []


def leave_out(found: dict[str, Any], _other: dict[str, Any], chance: random.Random) -> None:
    """A member or an element of etsiU is missing."""
    elements = _elements(found, chance)
    if elements and chance.random() < 0.7:
        del elements[chance.randrange(len(elements))]
        return
    one = _one(found, chance)
    del one[chance.choice(sorted(one))]


def double(found: dict[str, Any], _other: dict[str, Any], chance: random.Random) -> None:
    """An element of etsiU, or a signature, once more."""
    elements = found["signatures"] if "signatures" in found and chance.random() < 0.3 else _elements(found, chance)
    if elements:
        elements.insert(chance.randrange(len(elements) + 1), chance.choice(elements))


def reorder(found: dict[str, Any], _other: dict[str, Any], chance: random.Random) -> None:
    """Elements of etsiU, or signatures, in another order."""
    chance.shuffle(found["signatures"] if "signatures" in found and chance.random() < 0.3 else _elements(found, chance))


def take_foreign(found: dict[str, Any], other: dict[str, Any], chance: random.Random) -> None:
    """A member or an element of another signature."""
    elements, foreign = _elements(found, chance), _elements(other, chance)
    if elements and foreign and chance.random() < 0.7:
        elements[chance.randrange(len(elements))] = chance.choice(foreign)
        return
    theirs = _one(other, chance)
    name = chance.choice(sorted(theirs))
    _one(found, chance)[name] = theirs[name]


def add_foreign(found: dict[str, Any], other: dict[str, Any], chance: random.Random) -> None:
    """One more element, of another signature."""
    elements, foreign = _elements(found, chance), _elements(other, chance)
    if elements and foreign:
        elements.insert(chance.randrange(len(elements) + 1), chance.choice(foreign))


def add_member(found: dict[str, Any], _other: dict[str, Any], chance: random.Random) -> None:
    """A member, a header or an element that nobody knows."""
    name = chance.choice(("note", "kid", "payload", "alg", "crit"))
    value: Any = chance.choice(("", "none", 1, None, [], {}))
    elements = _elements(found, chance)
    place = chance.randrange(4)
    if place == 0 and elements:
        elements.append(_encoded(json.dumps({name: value}).encode()))
    elif place == 1:
        _one(found, chance).setdefault("header", {})[name] = value
    else:
        (found if place == 2 else _one(found, chance))[name] = value


def write_otherwise(found: dict[str, Any], _other: dict[str, Any], chance: random.Random) -> None:
    """The same JSON inside base64 with blanks, or the same bytes in other letters."""
    elements = _elements(found, chance)
    one = _one(found, chance)
    in_array = bool(elements) and chance.random() < 0.7
    place: Any = elements if in_array else one
    key: Any = chance.randrange(len(elements)) if in_array else chance.choice(("protected", "signature", "payload"))
    text = place[key] if in_array else one.get(key)
    if not isinstance(text, str):
        return
    way = chance.randrange(4)
    if way == 0:
        place[key] = text + "="
    elif way == 1:
        place[key] = text.replace("-", "+").replace("_", "/")
    elif way == 2:
        place[key] = text[:-1] + chance.choice("ABCDEFGH")
    else:
        place[key] = _encoded(_decoded(text).replace(b":", b": ", 1))


def change_inside(found: dict[str, Any], _other: dict[str, Any], chance: random.Random) -> None:
    """Bytes inside base64 are damaged like those of any file."""
    elements = _elements(found, chance)
    one = _one(found, chance)
    if elements and chance.random() < 0.7:
        number = chance.randrange(len(elements))
        if isinstance(elements[number], str):
            elements[number] = _encoded(of_bytes.mutants(_decoded(elements[number]), chance)[1])
        return
    name = chance.choice(("protected", "signature"))
    one[name] = _encoded(of_bytes.mutants(_decoded(one[name]), chance)[1])


def change_value(found: dict[str, Any], _other: dict[str, Any], chance: random.Random) -> None:
    """Bytes of a certificate, a list or a time stamp inside an element."""
    elements = _elements(found, chance)
    if not elements:
        return
    number = chance.randrange(len(elements))
    inside = _decoded(elements[number]) if isinstance(elements[number], str) else b""
    parts = inside.split(b'"val":"')
    if len(parts) < 2:
        return
    chosen = chance.randrange(1, len(parts))
    value, _quote, rest = parts[chosen].partition(b'"')
    try:
        damaged = of_bytes.mutants(base64.b64decode(value), chance)[1]
    except binascii.Error:
        return
    parts[chosen] = base64.b64encode(damaged) + b'"' + rest
    elements[number] = _encoded(b'"val":"'.join(parts))


def turn_around(found: dict[str, Any], _other: dict[str, Any], chance: random.Random) -> None:
    """Flattened becomes general and general flattened; etsiU in the clear."""
    if chance.random() < 0.5:
        elements = _elements(found, chance)
        elements[:] = [json.loads(_decoded(one)) if isinstance(one, str) else one for one in elements]
    if "signatures" in found:
        found.update(found.pop("signatures")[0])
    else:
        names = [name for name in ("protected", "header", "signature") if name in found]
        found["signatures"] = [{name: found.pop(name) for name in names}]


CHANGES: tuple[Change, ...] = (
    leave_out,
    double,
    reorder,
    take_foreign,
    add_foreign,
    add_member,
    write_otherwise,
    change_inside,
    change_value,
    turn_around,
)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
