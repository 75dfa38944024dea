"""
Documents too large to be held in memory: mapped to be read, and signed where they are.

An incremental update only adds to the end, so nothing is copied: the file grows by what `seal()` of a format returns.
The memory this takes does not depend on the size of the file.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from signing.errors import SignatureRefused
from signing.formats.pdf_tokens import Document

if TYPE_CHECKING:
    from hashlib import _Hash

CHUNK = 4 * 1024 * 1024
"""Bytes read between one release of memory and the next; a multiple of every page size."""


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """A file to read from as if it were bytes. It must be the caller's own: nobody may change it meanwhile."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as document:
        yield document


def append(path: Path, size: int, update: bytes) -> None:
    """
    Sign a file where it is. size: of the file as it was prepared.

    Raises: SignatureRefused("file_changed"): it has another size now.
    """
    with path.open("r+b") as file:
        if file.seek(0, 2) != size:
            raise SignatureRefused(
                "file_changed",
                vi="Tệp đã thay đổi trong lúc ký nên không được ký. Hãy ký lại.",
                en="The file changed while it was being signed and was left as it is. Please sign it again.",
                status=409,
            )
        file.write(update)


@contextmanager
def growing(path: Path) -> Iterator[tuple[mmap.mmap, Callable[[Document, bytes], mmap.mmap]]]:
    """
    A file mapped, and what appends to it and maps it again. Whatever is raised meanwhile: it is as long as before.

    It must be the caller's own.
    """
    size = path.stat().st_size
    maps: list[mmap.mmap] = []

    def opened() -> mmap.mmap:
        with path.open("rb") as file:
            maps.append(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return maps[-1]

    def more(document: Document, added: bytes) -> mmap.mmap:
        append(path, len(document), added)
        return opened()

    try:
        yield opened(), more
    except BaseException:
        os.truncate(path, size)
        raise


def release(document: Document, start: int, end: int) -> None:
    """Give back what was read of a mapped document between two offsets, the first at a multiple of CHUNK."""
    if not isinstance(document, bytes) and end > start:
        document.madvise(mmap.MADV_DONTNEED, start, min(end, len(document)) - start)


def digest_of(name: str, document: Document) -> _Hash:
    """The state of a hash after the whole document; of a mapped one, read pages are given back on the way."""
    if isinstance(document, bytes):
        return hashlib.new(name, document)
    digest = hashlib.new(name)
    with memoryview(document) as view:
        for start in range(0, len(view), CHUNK):
            digest.update(view[start : start + CHUNK])
            release(document, start, start + CHUNK)
    return digest
