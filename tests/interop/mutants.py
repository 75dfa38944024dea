"""Damaged and forged variants of a file: what a careless or a hostile hand does to bytes of whatever format."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

NUMBER = re.compile(rb"\d+")
Mutation = Callable[[bytes, random.Random], bytes]


def mutants(original: bytes, chance: random.Random, kinds: Sequence[Mutation] | None = None) -> tuple[str, bytes]:
    """One variant and what was done to it; kinds: None for MUTATIONS."""
    mutation = chance.choice(kinds or MUTATIONS)
    return mutation.__name__, mutation(original, chance)


def flip(original: bytes, chance: random.Random) -> bytes:
    """One bit, anywhere."""
    changed = bytearray(original)
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def replace(original: bytes, chance: random.Random) -> bytes:
    """One byte by another."""
    changed = bytearray(original)
    changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut(original: bytes, chance: random.Random) -> bytes:
    """Some bytes taken out."""
    start, length = chance.randrange(len(original)), chance.choice((1, 2, 16, 200))
    return original[:start] + original[start + length :]


def end_early(original: bytes, chance: random.Random) -> bytes:
    """The end is missing."""
    return original[: len(original) - chance.choice((1, 2, 5, 50, 500, 5_000))]


def repeat(original: bytes, chance: random.Random) -> bytes:
    """A piece of it once more, elsewhere."""
    start, length = chance.randrange(len(original)), chance.choice((8, 64, 512, 4_096))
    place = chance.randrange(len(original))
    return original[:place] + original[start : start + length] + original[place:]


def append(original: bytes, chance: random.Random) -> bytes:
    """A piece of it, or blanks, after the end."""
    start, length = chance.randrange(len(original)), chance.choice((1, 64, 512, 4_096))
    return original + chance.choice((original[start : start + length], b"\n", b" " * 20, b"\0", b"%%EOF\n"))


def swap(original: bytes, chance: random.Random) -> bytes:
    """Two pieces of one length change places."""
    length = chance.choice((4, 32, 256))
    first, second = sorted(chance.randrange(max(1, len(original) - length)) for _ in range(2))
    if second < first + length:
        return original
    parts = original[:first], original[first : first + length], original[first + length : second]
    return b"".join((parts[0], original[second : second + length], parts[2], parts[1], original[second + length :]))


def count_otherwise(original: bytes, chance: random.Random) -> bytes:
    """One number becomes another of the same length."""
    found = list(NUMBER.finditer(original))
    if not found:
        return original
    chosen = chance.choice(found)
    value = int(chosen[0][:18]) + chance.choice((-100, -1, 1, 10, 100))
    written = str(abs(value)).rjust(len(chosen[0]), "0").encode()[-len(chosen[0]) :]
    return original[: chosen.start()] + written + original[chosen.end() :]


MUTATIONS: tuple[Mutation, ...] = (flip, replace, cut, end_early, repeat, append, swap, count_otherwise)


# ── of a PDF with several revisions ──────────────────────────────────────────────────────────────────────────────


def trim(original: bytes, chance: random.Random) -> bytes:
    """Only the first revisions are left."""
    ends = [found.end() for found in re.finditer(rb"%%EOF\n?", original)]
    return original[: chance.choice(ends)]


def drop_revision(original: bytes, chance: random.Random) -> bytes:
    """One revision taken out of the middle."""
    ends = [found.end() for found in re.finditer(rb"%%EOF\n?", original)]
    if len(ends) < 3:
        return original
    number = chance.randrange(1, len(ends) - 1)
    return original[: ends[number - 1]] + original[ends[number] :]


def refer_elsewhere(original: bytes, chance: random.Random) -> bytes:
    """One reference leads to another object: a value of the store, a field, a page."""
    found = list(re.finditer(rb"(\d+) 0 R", original))
    chosen, other = chance.choice(found), chance.choice(found)
    written = other[1].rjust(len(chosen[1]), b"0")
    if len(written) != len(chosen[1]):
        return original
    return original[: chosen.start()] + written + original[chosen.start() + len(written) :]


def blank_contents(original: bytes, chance: random.Random) -> bytes:
    """One signature or time stamp emptied, or filled with another one of the file."""
    found = list(re.finditer(rb"/Contents <([0-9A-F]+)>", original))
    chosen, other = chance.choice(found), chance.choice([*found, None])
    value = other[1] if other is not None and other is not chosen else b""
    filled = value[: len(chosen[1])].ljust(len(chosen[1]), b"0")
    return original[: chosen.start(1)] + filled + original[chosen.end(1) :]


PDF_MUTATIONS: tuple[Mutation, ...] = (*MUTATIONS, trim, drop_revision, refer_elsewhere, blank_contents)
