"""
A ZIP container read strictly, so that every program finds the same files in it: no byte belongs to nothing.

1. One end record, at the end; the central directory ends where it begins, the files end where that begins.
2. Each local header repeats its central one. Entries stand one after another in the order of the directory.
3. Sizes and ratios are added up before anything is inflated; then each file has exactly its size and checksum.
4. Comments say nothing that could be taken for an entry or an end; whoever reads the container is told of them.
Encryption, several disks, ZIP64 and methods other than stored and deflated are refused.
Source: PKWARE APPNOTE §4.3, §4.4; ISO/IEC 21320-1; EN 319 162-1 Annex A.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from signing.formats.zip_names import NameRefused, check_distinct, read_name

MOST_ENTRIES = 1000
MOST_TOTAL = 256 * 1024 * 1024
"""Bytes of all files together, inflated."""
MOST_RATIO = 100
RATIO_COUNTS_FROM = 1024 * 1024
"""Bytes; what is smaller may shrink as it likes."""

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
LOCAL_MARK, CENTRAL_MARK, END_MARK, DESCRIPTOR_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08"
STORED, DEFLATED = 0, 8
UTF8, SIZES_BEHIND = 0x0800, 0x0008
_DEFLATE_HINTS = 0x0006
_COMMENT = b"mimetype=application/vnd.etsi.asic-"
_MEDIA_TYPES = (b"", _COMMENT + b"s+zip", _COMMENT + b"e+zip")
MOST_COMMENT = 1024
_MARK = b"PK"
_NEWEST = 45
"""Version that some programs say is needed for what is none of its novelties (ZIP64 is refused by its numbers)."""
_HARMLESS_EXTRA = frozenset((0x5455, 0x5855, 0x7855, 0x7875, 0x000A, 0xCAFE))
"""Times and owners in several dialects, and Java's mark; others could change name, size or content."""
_UNIX, _TYPE_OF_FILE, _REGULAR, _FOLDER = 3, 0o170000, 0o100000, 0o040000


class ZipRefused(ValueError):
    """The message says why, for the operator."""


@dataclass(frozen=True, slots=True)
class ZipFile:
    """
    One file. plain: stored as it is, without extra fields, as the first entry of a container should be.

    deflated: its packed form where it was read from one, so that writing it again packs nothing; of the same data, so
    never replace the one without the other.
    remarked: whether the directory has a comment on it.
    """

    name: str
    data: bytes = field(repr=False)
    plain: bool = False
    deflated: bytes | None = field(default=None, repr=False, compare=False)
    remarked: bool = field(default=False, compare=False)


class _End(NamedTuple):
    mark: bytes
    disk: int
    directory_disk: int
    entries_here: int
    entries: int
    size: int
    offset: int
    comment_size: int


class _Central(NamedTuple):
    mark: bytes
    made_by: int
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    name_size: int
    extra_size: int
    comment_size: int
    disk: int
    internal: int
    external: int
    offset: int


class _Local(NamedTuple):
    mark: bytes
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    name_size: int
    extra_size: int


@dataclass(frozen=True, slots=True)
class _Entry:
    head: _Central
    raw_name: bytes
    name: str
    extra: bytes


def read_zip(container: bytes) -> tuple[ZipFile, ...]:
    """
    The files of a container in their order; folders are left out.

    Raises: ZipRefused: for every defect.
    """
    try:
        end, at = _end_of(container)
        entries = tuple(_directory(container, end, at))
        check_distinct(entry.name for entry in entries)
        _check_amounts(entries)
        files = tuple(_files(container, entries, end.offset))
    except (struct.error, IndexError, zlib.error) as error:
        raise ZipRefused(f"cut short: {error}") from error
    except NameRefused as error:
        raise ZipRefused(str(error)) from error
    return tuple(one for one in files if not one.name.endswith("/"))


def names_in(container: bytes) -> tuple[str, ...]:
    """The names that the directory states, nothing else looked at. Raises: ZipRefused."""
    try:
        end, at = _end_of(container)
        return tuple(entry.name for entry in _directory(container, end, at))
    except (struct.error, IndexError, NameRefused) as error:
        raise ZipRefused(str(error)) from error


def _end_of(container: bytes) -> tuple[_End, int]:
    """The end record and its place: the last mark of one, with exactly its comment behind it."""
    at = container.rfind(END_MARK, max(len(container) - END.size - MOST_COMMENT, 0))
    if at < 0 or at + END.size > len(container):
        raise ZipRefused("no end record at the end")
    end = _End(*END.unpack_from(container, at))
    comment = container[at + END.size :]
    if end.comment_size != len(comment) or _MARK in comment:
        raise ZipRefused("no end record at the end")
    _check_end(end, at)
    return end, at


def is_remarked(container: bytes, files: Sequence[ZipFile]) -> bool:
    """Whether a container that has been read holds a comment that is not its media type."""
    at = container.rfind(END_MARK)
    return container[at + END.size :] not in _MEDIA_TYPES or any(one.remarked for one in files)


def _check_end(end: _End, at: int) -> None:
    if 0xFFFF in (end.entries, end.entries_here) or 0xFFFFFFFF in (end.size, end.offset):
        raise ZipRefused("ZIP64 is not read here")
    if end.disk or end.directory_disk or end.entries != end.entries_here:
        raise ZipRefused("several disks")
    if not 0 < end.entries <= MOST_ENTRIES:
        raise ZipRefused(f"{end.entries} entries")
    if end.offset + end.size != at:
        raise ZipRefused("something between the directory and its end")


def _directory(container: bytes, end: _End, at: int) -> Iterator[_Entry]:
    place = end.offset
    for _ in range(end.entries):
        head = _Central(*CENTRAL.unpack_from(container, place))
        if head.mark != CENTRAL_MARK:
            raise ZipRefused("no entry where the directory has one")
        start = place + CENTRAL.size
        raw_name = container[start : start + head.name_size]
        extra = container[start + head.name_size : start + head.name_size + head.extra_size]
        comment = container[start + head.name_size + head.extra_size :][: head.comment_size]
        if len(comment) > MOST_COMMENT or _MARK in comment:
            raise ZipRefused("a comment that could be more than one")
        name = read_name(raw_name, as_utf8=bool(head.flags & UTF8))
        _check_head(head, name)
        _check_extra(extra)
        yield _Entry(head, raw_name, name, extra)
        place = start + head.name_size + head.extra_size + head.comment_size
    if place != at:
        raise ZipRefused("the directory has another size")


def _check_head(head: _Central, name: str) -> None:
    if head.flags & ~(UTF8 | SIZES_BEHIND | (_DEFLATE_HINTS if head.method == DEFLATED else 0)):
        raise ZipRefused("encrypted, or marked in a way that is not known here")
    if head.method not in (STORED, DEFLATED) or head.needed > _NEWEST:
        raise ZipRefused("packed in a way that is not known here")
    if head.disk:
        raise ZipRefused("another disk")
    if 0xFFFFFFFF in (head.packed, head.size, head.offset):
        raise ZipRefused("ZIP64 is not read here")
    if head.method == STORED and head.packed != head.size:
        raise ZipRefused("stored, but of two sizes")
    if name.endswith("/") and head.size:
        raise ZipRefused("a folder with content")
    kind = head.external >> 16 & _TYPE_OF_FILE if head.made_by >> 8 == _UNIX else 0
    if kind not in (0, _FOLDER if name.endswith("/") else _REGULAR):
        raise ZipRefused("a link or a device")


def _check_extra(extra: bytes) -> None:
    place = 0
    while place < len(extra):
        kind, size = struct.unpack_from("<2H", extra, place)
        place += 4 + size
        if kind not in _HARMLESS_EXTRA or place > len(extra):
            raise ZipRefused("an extra field that could change what the entry is")


def _check_amounts(entries: Sequence[_Entry]) -> None:
    """Before anything is inflated: what the directory promises, which each file is then held to."""
    if sum(entry.head.size for entry in entries) > MOST_TOTAL:
        raise ZipRefused("too much in it")
    for entry in entries:
        if entry.head.size > RATIO_COUNTS_FROM and entry.head.size > MOST_RATIO * entry.head.packed:
            raise ZipRefused("it would grow too much")


def _files(container: bytes, entries: Sequence[_Entry], end: int) -> Iterator[ZipFile]:
    place = 0
    for entry in entries:
        if entry.head.offset != place:
            raise ZipRefused("something between two entries")
        local = _Local(*LOCAL.unpack_from(container, place))
        start = place + LOCAL.size
        _check_local(local, entry, container[start : start + local.name_size])
        start += local.name_size + local.extra_size
        extra = container[start - local.extra_size : start]
        _check_extra(extra)
        place = start + entry.head.packed
        if place > end:
            raise ZipRefused("a file that ends outside")
        packed = container[start:place]
        data = _inflated(packed, entry.head)
        plain = entry.head.method == STORED and not (entry.extra or extra or entry.head.flags & SIZES_BEHIND)
        if entry.head.flags & SIZES_BEHIND:
            place = _behind(container, place, entry.head)
        kept = packed if entry.head.method == DEFLATED else None
        yield ZipFile(entry.name, data, plain, kept, bool(entry.head.comment_size))
    if place != end:
        raise ZipRefused("something between the files and the directory")


def _check_local(local: _Local, entry: _Entry, name: bytes) -> None:
    head = entry.head
    said = (local.mark, local.flags, local.method, local.time, local.date, name)
    if said != (LOCAL_MARK, head.flags, head.method, head.time, head.date, entry.raw_name) or local.needed > _NEWEST:
        raise ZipRefused("an entry and the directory differ")
    sizes = (local.crc, local.packed, local.size)
    empty = head.flags & SIZES_BEHIND and sizes == (0, 0, 0)
    if sizes != (head.crc, head.packed, head.size) and not empty:
        raise ZipRefused("an entry and the directory differ")


def _behind(container: bytes, place: int, head: _Central) -> int:
    """Past the sizes that stand behind a file. With a mark in front or without, they are the directory's."""
    sizes = struct.pack("<3L", head.crc, head.packed, head.size)
    for behind in (DESCRIPTOR_MARK + sizes, sizes):
        if container.startswith(behind, place):
            return place + len(behind)
    raise ZipRefused("the sizes behind a file and the directory differ")


def _inflated(packed: bytes, head: _Central) -> bytes:
    data = packed
    if head.method == DEFLATED:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        data = stream.decompress(packed, head.size + 1)
        if not stream.eof or stream.unused_data or stream.unconsumed_tail:
            raise ZipRefused("a file of another size")
    if len(data) != head.size or zlib.crc32(data) != head.crc:
        raise ZipRefused("a file of another size or checksum")
    return data
