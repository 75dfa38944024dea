"""
One Argon2 computation, in memory of its own that is taken and given back as a whole.

Left to itself the library takes the 19 MiB of a hash from the C heap. In a server that has lived for a while these are
4,864 small pages, each cleared by the kernel when it is first touched: 10 ms on top of 25. Here the memory is asked for
in pages of 2 MiB and kept for the next hash. Between two hashes it belongs to the kernel, which takes it for anything
better without asking, but leaves it where it is as long as there is enough.

Source: RFC 9106 §3; madvise(2), MADV_HUGEPAGE and MADV_FREE. Where the kernel knows neither, hashes are only slower.
"""

from __future__ import annotations

import contextlib
import mmap
from dataclasses import dataclass
from typing import Any

from argon2.exceptions import HashingError
from argon2.low_level import core, error_to_str, ffi

_LARGE_PAGE = 2 * 1024 * 1024
_NO_MEMORY = -22  # ARGON2_MEMORY_ALLOCATION_ERROR of the library's argon2.h


class NoMemoryToHash(Exception):
    """The system did not give the memory of one more hash."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a hash is made: variant (2: Argon2id), version, passes, KiB, lanes, and its length in bytes."""

    variant: int
    version: int
    time_cost: int
    memory_kib: int
    parallelism: int
    length: int


@dataclass(frozen=True, slots=True)
class _Memory:
    """mapping: what the system gave; start: the first byte of a large page in it."""

    mapping: mmap.mmap
    start: Any
    size: int


# As many as hashes have run at the same time. Each call on the two is one step for all threads.
_lent: dict[int, _Memory] = {}
_spare: list[_Memory] = []


def digest(password: bytes, salt: bytes, recipe: Recipe) -> bytes:
    """
    The raw hash. Blocks the calling thread, and no other, for tens of milliseconds.

    Raises: NoMemoryToHash; HashingError: a parameter that Argon2 does not allow.
    """
    out = ffi.new("uint8_t[]", recipe.length)
    given, salted = ffi.from_buffer("uint8_t[]", password), ffi.from_buffer("uint8_t[]", salt)
    context = ffi.new("argon2_context *")
    context.out, context.outlen = out, recipe.length
    context.pwd, context.pwdlen = given, len(password)
    context.salt, context.saltlen = salted, len(salt)
    context.t_cost, context.m_cost = recipe.time_cost, recipe.memory_kib
    context.lanes = context.threads = recipe.parallelism
    context.version = recipe.version
    context.allocate_cbk, context.free_cbk = _TAKE, _GIVE_BACK
    status = core(context, recipe.variant)
    if status == _NO_MEMORY:
        raise NoMemoryToHash
    if status:
        raise HashingError(error_to_str(status))
    return bytes(ffi.buffer(out))


def _take(place: Any, size: int) -> int:
    """Called by the library before it begins. It looks at the pointer only, which is null until there is memory."""
    memory = _spare_of(size)
    try:
        memory = memory or _mapped(size)
    except OSError:
        return _NO_MEMORY
    _lent[int(ffi.cast("uintptr_t", memory.start))] = memory
    place[0] = memory.start
    return 0


def _give_back(start: Any, _size: int) -> None:
    """Called by the library when it is done and has wiped the memory."""
    memory = _lent.pop(int(ffi.cast("uintptr_t", start)))
    _advise(memory.mapping, "MADV_FREE")
    _spare.append(memory)


def _spare_of(size: int) -> _Memory | None:
    """Memory of exactly that size; one of another size is let go, since the cost of hashes has changed."""
    try:
        memory = _spare.pop()
    except IndexError:
        return None
    return memory if memory.size == size else None


def _mapped(size: int) -> _Memory:
    """Fresh memory that begins at a large page and is made of such, as far as the kernel has them."""
    mapping = mmap.mmap(-1, -(-size // _LARGE_PAGE) * _LARGE_PAGE + _LARGE_PAGE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    _advise(mapping, "MADV_HUGEPAGE")
    whole = ffi.from_buffer("uint8_t[]", mapping, require_writable=True)
    return _Memory(mapping, whole + -int(ffi.cast("uintptr_t", whole)) % _LARGE_PAGE, size)


def _advise(mapping: mmap.mmap, advice: str) -> None:
    with contextlib.suppress(AttributeError, OSError):  # an advice: not every system knows each
        mapping.madvise(getattr(mmap, advice))


def _callbacks() -> tuple[Any, Any]:
    """What the library calls; null, and so its own heap, where the system lets nobody make functions at run time."""
    try:
        take = ffi.callback("int(uint8_t **, size_t)", _take, error=_NO_MEMORY)
        return take, ffi.callback("void(uint8_t *, size_t)", _give_back)
    except MemoryError:
        return ffi.NULL, ffi.NULL


_TAKE, _GIVE_BACK = _callbacks()
