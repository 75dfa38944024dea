"""
Forged variants of a CMS signature that are still CMS: parts left out, taken from another, damaged, written otherwise.

The reader and the writer of the product take the original apart and put the variant together.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from signing.formats.cms_build import write_signed, write_signer
from signing.validation.cms_parts import SignedParts, open_signed, open_signer
from tests.interop import mutants as of_bytes

Change = Callable[[SignedParts, SignedParts, random.Random], SignedParts]
Thing = TypeVar("Thing")
_INDEFINITE = 0x80


def mutants(original: bytes, other: bytes, chance: random.Random) -> tuple[str, bytes]:
    """One variant and what was done to it; parts may come from `other`."""
    kind = chance.random()
    if kind < 0.3:
        return of_bytes.mutants(original, chance)
    if kind < 0.4:
        return "indefinite", indefinite(original)
    change = chance.choice(CHANGES)
    return change.__name__, write_signed(change(open_signed(original), open_signed(other), chance))


def indefinite(original: bytes) -> bytes:
    """The outermost length left open, as BER allows."""
    header = 2 + (original[1] & 0x7F if original[1] & 0x80 else 0)
    return original[:1] + bytes((_INDEFINITE,)) + original[header:] + b"\x00\x00"


def leave_out_certificate(parts: SignedParts, _other: SignedParts, chance: random.Random) -> SignedParts:
    """A certificate is missing."""
    return replace(parts, certificates=_without_one(parts.certificates, chance))


def leave_out_list(parts: SignedParts, _other: SignedParts, chance: random.Random) -> SignedParts:
    """A revocation list is missing."""
    return replace(parts, lists=_without_one(parts.lists, chance))


def leave_out_attribute(parts: SignedParts, _other: SignedParts, chance: random.Random) -> SignedParts:
    """An unsigned attribute is missing: a time stamp, a counter-signature."""
    return _with_unsigned(parts, chance, lambda unsigned: _without_one(unsigned, chance))


def leave_out_signer(parts: SignedParts, _other: SignedParts, chance: random.Random) -> SignedParts:
    """A signer is missing."""
    return replace(parts, signers=_without_one(parts.signers, chance))


def take_foreign_attribute(parts: SignedParts, other: SignedParts, chance: random.Random) -> SignedParts:
    """Unsigned attributes of another signature, beside those that are there or in their place."""
    foreign = open_signer(chance.choice(other.signers)).unsigned
    if chance.random() < 0.5:
        return _with_unsigned(parts, chance, lambda _unsigned: foreign)
    return _with_unsigned(parts, chance, lambda unsigned: (*unsigned, *foreign))


def add_foreign(parts: SignedParts, other: SignedParts, chance: random.Random) -> SignedParts:
    """Certificates, lists or signers of another signature."""
    chosen = chance.randrange(3)
    if chosen == 0:
        return replace(parts, certificates=(*parts.certificates, *other.certificates))
    if chosen == 1:
        return replace(parts, lists=(*parts.lists, *other.lists))
    algorithms = tuple(dict.fromkeys((*parts.digest_algorithms, *other.digest_algorithms)))
    return replace(parts, signers=(*parts.signers, *other.signers), digest_algorithms=algorithms)


def repeat_attribute(parts: SignedParts, _other: SignedParts, chance: random.Random) -> SignedParts:
    """An unsigned attribute once more."""
    return _with_unsigned(parts, chance, lambda unsigned: (*unsigned, *unsigned[:1]))


def reorder_attributes(parts: SignedParts, _other: SignedParts, chance: random.Random) -> SignedParts:
    """Unsigned attributes in another order; a set has none, and ours are written in one."""
    return _with_unsigned(parts, chance, lambda unsigned: tuple(reversed(unsigned)))


def damage_value(parts: SignedParts, _other: SignedParts, chance: random.Random) -> SignedParts:
    """Bytes of a certificate, a list or an unsigned attribute."""
    chosen = chance.randrange(3)
    if chosen == 0:
        return replace(parts, certificates=_damaged(parts.certificates, chance))
    if chosen == 1:
        return replace(parts, lists=_damaged(parts.lists, chance))
    return _with_unsigned(
        parts,
        chance,
        lambda unsigned: tuple(
            (kind, of_bytes.flip(value, chance) if number == 0 else value)
            for number, (kind, value) in enumerate(unsigned)
        ),
    )


def add_digest(parts: SignedParts, _other: SignedParts, _chance: random.Random) -> SignedParts:
    """A digest algorithm that nobody uses."""
    sha1 = bytes.fromhex("300706052b0e03021a")
    return replace(parts, digest_algorithms=(*parts.digest_algorithms, sha1))


CHANGES: tuple[Change, ...] = (
    leave_out_certificate,
    leave_out_list,
    leave_out_attribute,
    leave_out_signer,
    take_foreign_attribute,
    add_foreign,
    repeat_attribute,
    reorder_attributes,
    damage_value,
    add_digest,
)


def _without_one(things: tuple[Thing, ...], chance: random.Random) -> tuple[Thing, ...]:
    if not things:
        return things
    number = chance.randrange(len(things))
    return things[:number] + things[number + 1 :]


def _damaged(things: tuple[bytes, ...], chance: random.Random) -> tuple[bytes, ...]:
    if not things:
        return things
    number = chance.randrange(len(things))
    return (*things[:number], of_bytes.flip(things[number], chance), *things[number + 1 :])


def _with_unsigned(
    parts: SignedParts,
    chance: random.Random,
    change: Callable[[tuple[tuple[bytes, bytes], ...]], tuple[tuple[bytes, bytes], ...]],
) -> SignedParts:
    number = chance.randrange(len(parts.signers))
    signer = open_signer(parts.signers[number])
    changed = write_signer(replace(signer, unsigned=tuple(change(signer.unsigned))))
    return replace(parts, signers=(*parts.signers[:number], changed, *parts.signers[number + 1 :]))
