"""
A ZIP container written so that the same files always give the same bytes: no times, no owners, UTF-8 names.

Source: PKWARE APPNOTE §4.3; EN 319 162-1 Annex A.1 (mimetype first, stored, without extra field).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from signing.formats.zip_reader import (
    CENTRAL,
    CENTRAL_MARK,
    DEFLATED,
    END,
    END_MARK,
    LOCAL,
    LOCAL_MARK,
    STORED,
    UTF8,
    ZipFile,
)

_NEEDED = 20
_FIRST_DAY = 0x0021
"""1 January 1980: the first date there is, as none is meant."""
_COMPRESSION = 6
_SAMPLE_BYTES = 4096
_WORTH = 0.95
"""What packs no better than that in samples is not packed: pictures and most PDF files cost time and gain nothing."""


def write_zip(files: Iterable[ZipFile]) -> bytes:
    """
    The container. A file that is `plain` is stored, one that was read packed stays so, another is deflated where that
    is shorter, by samples of it if it is long.
    """
    body: list[bytes] = []
    directory: list[bytes] = []
    place = 0
    for file in files:
        name = file.name.encode()
        flags = 0 if name.isascii() else UTF8
        method, packed = _packed(file)
        crc = zlib.crc32(file.data)
        shared = (flags, method, 0, _FIRST_DAY, crc, len(packed), len(file.data), len(name), 0)
        local = LOCAL.pack(LOCAL_MARK, _NEEDED, *shared) + name
        directory.append(CENTRAL.pack(CENTRAL_MARK, _NEEDED, _NEEDED, *shared, 0, 0, 0, 0, place) + name)
        body += [local, packed]
        place += len(local) + len(packed)
    central = b"".join(directory)
    count = len(directory)
    return b"".join((*body, central, END.pack(END_MARK, 0, 0, count, count, len(central), place, 0)))


def _packed(file: ZipFile) -> tuple[int, bytes]:
    if file.deflated is not None:
        return DEFLATED, file.deflated
    if not file.plain and _is_worth_packing(file.data):
        packed = _deflated(file.data)
        if len(packed) < len(file.data):
            return DEFLATED, packed
    return STORED, file.data


def _is_worth_packing(data: bytes) -> bool:
    """By what stands in the middle of each third."""
    if len(data) <= 3 * _SAMPLE_BYTES:
        return True
    starts = ((part * len(data) // 3 + len(data) // 6 - _SAMPLE_BYTES // 2) for part in range(3))
    samples = b"".join(data[start : start + _SAMPLE_BYTES] for start in starts)
    return len(_deflated(samples)) < _WORTH * len(samples)


def _deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()
