"""Look for byte ranges that stand elsewhere than in the signatures that fields lead to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from signing.formats.large import CHUNK, release
from signing.formats.pdf_tokens import Document

_KEY = b"/ByteRange"
_AFTER = b"\x00\t\n\x0c\r ["
_WINDOW = 28_000
"""Bytes looked through at a time: up to there a search takes the quicker of two ways."""
Span = tuple[int, int]


def stands_outside(document: Document, inside: Iterable[Span], explained: int, skipped: Sequence[Span] = ()) -> bool:
    """
    Whether more byte ranges stand outside the spans `inside` than `explained`.

    skipped: ascending spans that need not be looked through.
    One more is enough to tell; a hostile file holds millions.
    """
    known = sorted(inside)
    starts = [start for start, _ in known]
    left = explained
    for place in _places(document, skipped):
        before = bisect_right(starts, place) - 1
        if before < 0 or place >= known[before][1]:
            left -= 1
            if left < 0:
                return True
    return False


def _places(document: Document, skipped: Sequence[Span]) -> Iterable[int]:
    begin = 0
    for start, end in (*skipped, (len(document), len(document))):
        for window in range(begin, start, _WINDOW):
            stop = min(window + _WINDOW, start)  # where the key may begin
            place = document.find(_KEY, window, stop + len(_KEY) - 1)
            while place >= 0:
                if document[place + len(_KEY) : place + len(_KEY) + 1] in _FOLLOWERS:
                    yield place
                place = document.find(_KEY, place + 1, stop + len(_KEY) - 1)
            if window // CHUNK != stop // CHUNK:
                release(document, window // CHUNK * CHUNK, stop // CHUNK * CHUNK)
        begin = end


_FOLLOWERS = frozenset(bytes((byte,)) for byte in _AFTER)
