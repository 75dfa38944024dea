"""What a document is called: a cleaned-up file name, shown to people, never used as a path or raw in a header."""

from __future__ import annotations

import unicodedata

LONGEST = 100
MOST_READ = 1000
"""Characters from the end; normalising takes time that grows with the square of the marks in a name."""
NAMELESS = "Văn bản.pdf"


def clean_label(name: str) -> str:
    """
    The last part of a file name: NFC, no control, direction-changing or unassigned characters, at most LONGEST long.

    Right-to-left overrides would let `fdp.exe` read as `exe.pdf`; line ends would forge headers.
    """
    last = unicodedata.normalize("NFC", name[-MOST_READ:]).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(" " if unicodedata.category(c) in ("Zl", "Zp", "Zs", "Cc") else c for c in last if _shown(c))
    text = " ".join(kept.split()).strip(". ")
    if len(text) > LONGEST:
        stem, dot, kind = text.rpartition(".")
        tail = f"…{dot}{kind}" if dot and len(kind) <= 5 else "…"
        text = (stem if dot and len(kind) <= 5 else text)[: LONGEST - len(tail)].rstrip() + tail
    return text or NAMELESS


def signed_name(label: str, ending: str = "pdf") -> str:
    """
    The file name of the signed copy: `Quyết định 12.pdf` → `Quyết định 12.signed.pdf`.

    ending: of the signed file, as in choice.FILE_TYPES. What goes into a container keeps its own in front of it.
    """
    stem = label[: -len(ending) - 1] if label.lower().endswith(f".{ending}") else label
    return f"{stem}.signed.{ending}"


def _shown(character: str) -> bool:
    return character in "\t\n\r" or unicodedata.category(character) not in ("Cf", "Cs", "Co", "Cn")
