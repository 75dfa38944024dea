"""Markdown of the generated pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def heading(title: str, made_from: str) -> str:
    """The top of a page, which says where to change what it shows."""
    return f"# {title}\n\nGenerated from {made_from} by `make docs`; change it there.\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; pipes and line breaks in cells are made harmless."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def first_sentence(docstring: str | None) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((docstring or "").strip().split("\n\n")[0].split())
