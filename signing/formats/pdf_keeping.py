"""
Which signatures a time stamp over the document keeps, and what else it proves to have existed.

A document time stamp covers every byte of the revisions before it: signatures with all that is in them, older stamps,
and the values of the document security store that were there. Only one whose own container is in order counts.
Source: EN 319 142-1 §5.4.3; EN 319 102-1 §5.6.2.3 (POE extraction).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from signing.formats.pdf_store import Store
from signing.validation.located import LocatedSignature, SignatureKind
from signing.validation.signed import Place, StampInput

MOST_PAIRS = 1_000
"""Of a signature and a stamp that keeps it."""
MOST_BYTES = 1024 * 1024 * 1024
"""Of values, for all pairs together: each pair proves the age of the whole store, and hostile files are large."""


def with_keeping(located: Sequence[LocatedSignature], store: Store) -> list[LocatedSignature]:
    """The same signatures (in the order of their ends), each with the stamps after it and the store."""
    size = sum(len(one.der) for one in store.values)
    most = max(1, min(MOST_PAIRS, MOST_BYTES // (size + 1)) // max(1, len(located)))
    stamps = [
        (position, _input(one, located[:position], store))
        for position, one in enumerate(located)
        if one.kind is SignatureKind.DOCUMENT_TIMESTAMP and not one.problems and one.content.place is Place.RANGES
    ]
    data = store.data()
    kept = []
    for position, one in enumerate(located):
        later = tuple(stamp for at, stamp in stamps if at > position and _ends(located[at]) > _ends(one))
        kept.append(replace(one, store=data, kept=() if one.problems else later[-most:]))
    return kept


def _input(stamp: LocatedSignature, before: Sequence[LocatedSignature], store: Store) -> StampInput:
    older = (one.cms for one in before if one.cms and _ends(one) < _ends(stamp))
    return StampInput(stamp.cms, stamp.content, (*store.within(stamp.content.ranges), *older))


def _ends(one: LocatedSignature) -> int:
    return sum(one.content.ranges[-1]) if one.content.ranges else 0
