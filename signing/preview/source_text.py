"""
A file shown as the text that it is: what a reader would not see, or would see in another order, is marked. Pure.

Source: Unicode Standard Annex #9 (bidirectional text), Unicode Technical Report #36 §2.5 (what the eye is not shown).
"""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass, field

MOST_CHARACTERS = 64 * 1024
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LINES = "\n\t"
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


@dataclass(frozen=True, slots=True)
class SourceText:
    """text: as it is shown. cut: there is more. marked: how many characters are shown by their number instead."""

    text: str = field(repr=False)
    cut: bool
    marked: int


def source_text(content: bytes) -> SourceText | None:
    """None: it is no text."""
    mark, encoding = next((one for one in _BOMS if content.startswith(one[0])), (b"", "utf-8"))
    try:
        text = content[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        return None
    if not text.strip() or "\x00" in text:
        return None
    shown = text[:MOST_CHARACTERS].replace("\r\n", "\n")
    marks = [_shown(letter) for letter in shown]
    marked = sum(len(mark) > 1 for mark in marks)
    return SourceText("".join(marks), len(text) > MOST_CHARACTERS, marked)


def _shown(letter: str) -> str:
    if letter in _LINES or unicodedata.category(letter) not in _UNSEEN:
        return letter
    return f"\u27e8U+{ord(letter):04X}\u27e9"
