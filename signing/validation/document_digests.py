"""
All digests over one document in one pass: of the whole for the report, and of the signed bytes of each signature.

They begin with the same bytes, so what was digested up to an offset is kept, and the next digest goes on from there.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

MOST_STATES = 256
"""Kept offsets; a document has fewer signatures."""


class DocumentDigests:
    """Digests over byte ranges of one document of `size` bytes; make one per document."""

    def __init__(self, document: bytes) -> None:
        self.size = len(document)
        self._document = document
        self._states: dict[str, list[tuple[int, _Hash]]] = {}
        self._known: dict[tuple[str, tuple[tuple[int, int], ...]], bytes] = {}

    def whole(self) -> str:
        """SHA-256 of the document, hexadecimal."""
        return self._up_to("sha256", self.size).hexdigest()

    def of(self, algorithm: str, ranges: Sequence[tuple[int, int]]) -> bytes:
        """The digest over (offset, length) ranges. algorithm: a name that hashlib knows."""
        key = (algorithm, tuple(ranges))
        if key not in self._known:  # a time stamp over the document is asked once for every signature that it keeps
            self._known[key] = self._over(algorithm, ranges)
        return self._known[key]

    def _over(self, algorithm: str, ranges: Sequence[tuple[int, int]]) -> bytes:
        left = list(ranges)
        if left and left[0][0] == 0:
            digest = self._up_to(algorithm, left.pop(0)[1])
        else:
            digest = hashlib.new(algorithm)
        with memoryview(self._document) as view:
            for start, length in left:
                digest.update(view[start : start + length])
        return digest.digest()

    def _up_to(self, algorithm: str, end: int) -> _Hash:
        """The state after the first `end` bytes, to go on from."""
        states = self._states.setdefault(algorithm, [(0, hashlib.new(algorithm))])
        place = bisect_right(states, end, key=lambda state: state[0])
        start, known = states[place - 1]
        digest = known.copy()
        if start < end:
            with memoryview(self._document) as view:
                digest.update(view[start:end])
            if len(states) < MOST_STATES:
                states.insert(place, (end, digest.copy()))
        return digest
