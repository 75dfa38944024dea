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


def write_zip(files: Iterable[ZipFile]) -> bytes:
    """The container. A file that is `plain` is stored, another one deflated where that is shorter."""
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
    if not file.plain:
        stream = zlib.compressobj(_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = stream.compress(file.data) + stream.flush()
        if len(packed) < len(file.data):
            return DEFLATED, packed
    return STORED, file.data
