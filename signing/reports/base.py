"""What a format of reports is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from base.texts import Lang
from signing.validation.report import Report


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """
    name:        the word that picks it (`antin verify --report NAME`).
    media_types: those it is asked for by (`Accept`), the one it is sent as first.
    suffix:      of a file that holds it, with the dot.
    render:      (report, language, the document's file name or "") → the bytes.
    """

    name: str
    media_types: tuple[str, ...]
    suffix: str
    render: Callable[[Report, Lang, str], bytes]
