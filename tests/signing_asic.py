"""ASiC containers for tests: made by our own formats, taken apart and put together in other ways."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.asic import Asic
from signing.formats.asic_container import Kind, open_container, pack
from signing.formats.asic_xades import AsicXades
from signing.formats.base import ExtensionSources, Level, PrepareRequest, ValidationData
from signing.formats.zip_reader import CENTRAL, END, LOCAL, ZipFile
from signing.formats.zip_writer import write_zip
from signing.validation.chains import build_chain
from signing.validation.effort import Effort
from signing.validation.report import Report
from signing.validation.revocation import is_list_of
from tests.signing_pki import DAY, NOW, City, Holder, shared_city

SIMPLE, EXTENDED = Asic(Kind.SIMPLE), Asic(Kind.EXTENDED)
FILES = (("quyết định.txt", b"Bo nhiem ong Nguyen Van An. " * 40), ("phụ lục/1.csv", b"ma;ten\n1;An\n"))


def packed(files: Iterable[tuple[str, bytes]] = FILES) -> bytes:
    return pack(Kind.EXTENDED, files).write()


def sign(
    document: bytes | None = None,
    asic: Asic | AsicXades = EXTENDED,
    holder: Holder | None = None,
    *,
    at: int = NOW,
    level: Level = Level.B_T,
    city: City | None = None,
    **changes: Any,
) -> bytes:
    """A container signed; without a document, the usual files. changes: of the request."""
    city = city or shared_city()
    holder = holder or city.official
    document = document if document is not None else (packed() if asic.kind is Kind.EXTENDED else FILES[0][1])
    request = PrepareRequest(holder.der, holder.chain, at, level=level, file_name=FILES[0][0], **changes)
    prepared = asic.prepare(document, request)
    return asic.embed(prepared, holder.sign(prepared.to_be_signed_digest), lambda imprint: city.stamp(imprint, at=at))


def sources(
    at: int, city: City | None = None, tsu: Holder | None = None, lists: tuple[bytes, ...] = ()
) -> ExtensionSources:
    """What an extension at that time gets: lists issued right before, or those given."""
    city = city or shared_city()
    current = lists or tuple(holder.sign_crl(at - 30, at + 30 * DAY) for holder in (city.root, city.issuing))

    def collect(certificate: bytes, embedded: tuple[bytes, ...]) -> ValidationData:
        chain = build_chain(certificate, embedded, (city.issuing.der,), city.anchors, Effort())
        links = tuple(link.der for link in chain.links)
        return ValidationData(links, tuple(one for one in current if is_list_of(one, links)))

    return ExtensionSources(lambda imprint: city.stamp(imprint, at=at, tsu=tsu), collect)


def extend(
    document: bytes,
    level: Level = Level.B_LTA,
    asic: Asic | AsicXades = EXTENDED,
    *,
    at: int = NOW + 60,
    city: City | None = None,
) -> bytes:
    return asic.extend(document, level, sources(at, city)).content


def verify(
    document: bytes, *, moment: int = NOW + 120, city: City | None = None, lists: tuple[bytes, ...] | None = None
) -> Report:
    city = city or shared_city()
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls) if lists is None else lists)
    return verify_document(document, moment=moment, own=own)


def codes(report: Report) -> set[str]:
    """Everything that was found, about the whole and about each signature."""
    inside = (found.code for one in report.signatures for found in one.findings)
    return {*inside, *(found.code for found in report.findings)}


def rewritten(document: bytes, **contents: bytes | None) -> bytes:
    """The same container with other content under some names (`_` stands for what a word cannot hold), or without."""
    container = open_container(document)
    files = []
    for file in container.files:
        given = contents.get(_word(file.name), file.data)
        if given is not None:
            files.append(ZipFile(file.name, given, file.plain))
    return write_zip(files)


def with_more(document: bytes, name: str, data: bytes) -> bytes:
    return write_zip((*open_container(document).files, ZipFile(name, data)))


def _word(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)


@dataclass
class Raw:
    """One entry of a ZIP written as one pleases; None follows from the content."""

    name: bytes = b"a.txt"
    data: bytes = b"content"
    method: int = 0
    flags: int = 0
    size: int | None = None
    crc: int | None = None
    packed: bytes | None = None
    local_name: bytes | None = None
    local_size: int | None = None
    local_extra: bytes = b""
    extra: bytes = b""
    comment: bytes = b""
    made_by: int = 20
    needed: int = 20
    external: int = 0
    before: bytes = b""
    behind: bytes = b""
    offset_by: int = 0


def raw_zip(
    *entries: Raw, before_directory: bytes = b"", before_end: bytes = b"", after: bytes = b"", **end: int
) -> bytes:
    """A ZIP with every oddity that is asked for."""
    body, directory = bytearray(), bytearray()
    for one in entries:
        packed_data = one.data if one.packed is None else one.packed
        crc = zlib.crc32(one.data) if one.crc is None else one.crc
        size = len(one.data) if one.size is None else one.size
        local_name = one.name if one.local_name is None else one.local_name
        local_size = size if one.local_size is None else one.local_size
        body += one.before
        offset = len(body) + one.offset_by
        shared = (one.flags, one.method, 0, 33)
        body += LOCAL.pack(
            b"PK\x03\x04", one.needed, *shared, crc, len(packed_data), local_size, len(local_name), len(one.local_extra)
        )
        body += local_name + one.local_extra + packed_data + one.behind
        directory += CENTRAL.pack(
            *(b"PK\x01\x02", one.made_by, one.needed, *shared, crc, len(packed_data), size),
            *(len(one.name), len(one.extra), len(one.comment), 0, 0, one.external, offset),
        )
        directory += one.name + one.extra + one.comment
    body += before_directory
    count = end.get("count", len(entries))
    last = END.pack(
        b"PK\x05\x06", end.get("disk", 0), 0, count, count, len(directory), len(body), end.get("comment", 0)
    )
    return bytes(body + directory + before_end + last + after)


def deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


def extra_field(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<2H", kind, len(data)) + data
