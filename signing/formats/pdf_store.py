"""
The document security store: certificates and revocation data that a PDF holds for all its signatures (/DSS).

Nothing vouches for it but itself: whoever uses a value checks the key of its issuer. /VRI, which sorts values by
signature, is neither read nor written: it could only hide a value from the signature that it speaks against.
Source: ISO 32000-2 §12.8.4.3; EN 319 142-1 §5.4.2.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.formats.pdf_graph import Graph
from signing.formats.pdf_objects import child, entry
from signing.formats.pdf_scan import references
from signing.formats.pdf_tokens import Budget, Document, TokenError, read_object
from signing.validation.signed import ValidationData

KEYS = (b"Certs", b"CRLs", b"OCSPs")
"""In the order of ValidationData."""
MOST_VALUES = 400
MOST_BYTES = 16 * 1024 * 1024
"""Of all values together."""


@dataclass(frozen=True, slots=True)
class Held:
    """One value: which list it stands in (a position in KEYS), the bytes of the file that it takes, and what it is."""

    kind: int
    start: int
    end: int
    der: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Store:
    """All values, in the order of the file's lists."""

    values: tuple[Held, ...] = ()

    def data(self) -> ValidationData:
        """The same, each value once."""
        return ValidationData(
            *(tuple(dict.fromkeys(one.der for one in self.values if one.kind == kind)) for kind in range(len(KEYS)))
        )

    def within(self, ranges: tuple[tuple[int, int], ...]) -> tuple[bytes, ...]:
        """The values that lie wholly in one of these (offset, length) ranges."""
        return tuple(
            one.der
            for one in self.values
            if any(start <= one.start and one.end <= start + length for start, length in ranges)
        )


EMPTY = Store()


def read_store(graph: Graph) -> Store:
    """By our own reader. Raises: Unusual, zlib.error: not plain, or more than MOST_VALUES."""
    store = graph.child(graph.root()[1], b"DSS")
    if store is None:
        return EMPTY
    values: list[Held] = []
    left = MOST_BYTES
    for kind, key in enumerate(KEYS):
        for at in references(graph.array_of(store, key) or b"[]"):
            if len(values) == MOST_VALUES:
                raise TokenError("too many values to validate with")
            start, end, der = graph.stream(at, left)
            left -= len(der)
            values.append(Held(kind, start, end, der))
    return Store(tuple(values))


def store_of(document: Document, reader: PdfFileReader) -> Store:
    """By our own reader, else what the library can read of it; a value that cannot be read is as good as none."""
    if entry(reader.root, "/DSS") is None:
        return EMPTY
    try:
        return read_store(Graph(document))
    except (TokenError, zlib.error):
        return Store(tuple(_by_library(document, reader)))


def _by_library(document: Document, reader: PdfFileReader) -> Iterator[Held]:
    left, size, budget = MOST_VALUES, 0, Budget()
    store = child(reader.root, "/DSS")
    for kind, key in enumerate(KEYS):
        listed = entry(store, f"/{key.decode()}")
        if not isinstance(listed, generic.ArrayObject):
            continue
        for position in range(min(left, len(listed))):
            left -= 1
            held = _held(document, reader, kind, listed.raw_get(position), budget)
            size += len(held.der) if held is not None else 0
            if held is not None and size <= MOST_BYTES:
                yield held


def _held(document: Document, reader: PdfFileReader, kind: int, value: object, budget: Budget) -> Held | None:
    try:
        if not isinstance(value, generic.IndirectObject):
            return None
        stream, place = value.get_object(), reader.xrefs[value.reference]
        written = reader.get_object(value.reference, reader.xrefs.total_revisions - 1, never_decrypt=True)
        if not isinstance(stream, generic.StreamObject) or not isinstance(place, int):
            return None
        end = read_object(document, place, budget=budget).end
        return Held(kind, place, end, stream.data) if written.encoded_data in document[place:end] else None
    except MemoryError:
        raise
    except (Exception, RecursionError):  # the library raises almost anything on odd objects
        return None
