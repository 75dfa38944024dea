"""Large documents that take no room on the disk, and how they are signed."""

from __future__ import annotations

from pathlib import Path

from signing.formats.base import ExtensionSources, Level, PrepareRequest, ValidationData
from signing.formats.large import append, mapped
from signing.formats.pades import Pades
from signing.validation.chains import build_chain
from signing.validation.effort import Effort
from tests.signing_pki import DAY, NOW, City, shared_city


def sparse(path: Path, size: int) -> None:
    """A document with one stream of `size` zero bytes, which take no room on the disk."""
    catalogue = (
        b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
    )
    page = b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>\nendobj\n"
    head = b"%PDF-1.7\n" + catalogue + page + b"4 0 obj\n<</Length %d>>\nstream\n" % size
    places = [head.index(b"%d 0 obj" % number) for number in range(1, 5)]
    table = len(head) + size + len(b"\nendstream\nendobj\n")
    tail = b"\nendstream\nendobj\nxref\n0 5\n0000000000 65535 f \n" + b"".join(
        b"%010d 00000 n \n" % at for at in places
    )
    tail += b"trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table
    with path.open("wb") as file:
        file.write(head)
        file.seek(len(head) + size)
        file.write(tail)


def sign_file(path: Path, city: City) -> None:
    """Sign a file where it is."""
    holder = city.official
    with mapped(path) as document:
        size = len(document)
        prepared = Pades().prepare(document, PrepareRequest(holder.der, holder.chain, NOW, Level.B_B))
        sealed = Pades().seal(prepared, holder.sign(prepared.to_be_signed_digest), None)
        del prepared
    append(path, size, sealed)


def extend_file(path: Path, level: Level, at: int = NOW + 60) -> None:
    """Extend a signed file where it is."""
    city = shared_city()
    lists = tuple(holder.sign_crl(at - 30, at + 30 * DAY) for holder in (city.root, city.issuing))

    def collect(certificate: bytes, embedded: tuple[bytes, ...]) -> ValidationData:
        chain = build_chain(certificate, embedded, (city.issuing.der,), city.anchors, Effort())
        return ValidationData(tuple(link.der for link in chain.links), lists)

    sources = ExtensionSources(lambda imprint: city.stamp(imprint, at=at), collect)
    Pades().extend_file(path, level, sources)
