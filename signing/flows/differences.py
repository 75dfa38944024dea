"""
What people see of what came after a signature: the signed revision and the file as it is, page by page.

Only for signatures that something came after or that cover a part; drawn by the child process under limits, in memory
that is gone with the answer. Source: Circular 15/2025/TT-BKHCN (what is covered must be shown); ISO 32000-2 §12.8.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from base.texts import Text
from signing.errors import SigningError
from signing.preview.child import Compared, compare_documents
from signing.services import SigningServices
from signing.validation.located import Changes, Coverage
from signing.validation.report import Report, SignatureReport
from signing.validation.signed import Place

log = logging.getLogger("antin.verify")
MOST_SIGNATURES = 3
_LATER = (Coverage.WHOLE_REVISION, Coverage.PARTIAL)
_ACROSS = (Text("trái", "left"), Text("giữa", "centre"), Text("phải", "right"))
_DOWN = (Text("trên", "top"), Text("giữa", "middle"), Text("dưới", "bottom"))


@dataclass(frozen=True, slots=True)
class Differences:
    """compared: None where the pages could not be drawn."""

    compared: Compared | None = field(repr=False)

    @property
    def differing(self) -> bool:
        """Whether anything looks different, or nobody knows."""
        return self.compared is None or bool(self.compared.pages)


def differences_of(
    services: SigningServices, document: bytes, report: Report, password: str = "", most: int = MOST_SIGNATURES
) -> Mapping[int, Differences]:
    """By position of a signature; the first few, at most `most`, that something came after. Never raises."""
    found: dict[int, Differences] = {}
    drawn: dict[int, Differences] = {}
    for signature in _later(report):
        end = _signed_end(signature)
        if end is None or not 0 < end < len(document):
            continue
        if end not in drawn:
            if len(drawn) >= most:
                break
            drawn[end] = _drawn(services, document, end, password)
        found[signature.position] = drawn[end]
    return found


def differences_among(
    services: SigningServices, documents: Iterable[tuple[bytes, Report]], password: str = ""
) -> list[tuple[Mapping[int, Differences], bool]]:
    """
    The same for several documents, of which no more is drawn than of one; with each whether something of it was left
    out for that.
    """
    found: list[tuple[Mapping[int, Differences], bool]] = []
    left = MOST_SIGNATURES
    for document, report in documents:
        drawn = differences_of(services, document, report, password, left)
        left -= len({id(one) for one in drawn.values()})
        wanted = {one.position for one in _later(report)}
        found.append((drawn, left <= 0 and bool(wanted - drawn.keys())))
    return found


def places_of(regions: Iterable[tuple[float, float, float, float]]) -> Text:
    """Where on a page, in words, each place once: for those who do not see the pictures."""
    words: dict[str, str] = {}
    for left, top, right, bottom in regions:
        if right - left > 0.9 and bottom - top > 0.9:
            return Text("toàn bộ trang", "the whole page")
        across, down = _ACROSS[_third((left + right) / 2)], _DOWN[_third((top + bottom) / 2)]
        words[f"{down.vi} {across.vi}"] = f"{down.en} {across.en}"
    return Text(", ".join(words), ", ".join(words.values()))


def _third(part: float) -> int:
    return min(int(part * 3), 2)


def _later(report: Report) -> Iterable[SignatureReport]:
    for signature in report.signatures:
        if signature.format == "PAdES" and signature.coverage in _LATER and signature.changes is not Changes.NONE:
            yield signature


def _signed_end(signature: SignatureReport) -> int | None:
    """Where the signed bytes end, if they are ranges of the file."""
    content = signature.judgement.case.facts.located.content
    if content.place is not Place.RANGES:
        return None
    return max((start + length for start, length in content.ranges), default=None)


def _drawn(services: SigningServices, document: bytes, end: int, password: str) -> Differences:
    try:
        with services.preview_gate.enter(), tempfile.TemporaryDirectory() as folder:
            signed, now = Path(folder, "signed.pdf"), Path(folder, "now.pdf")
            signed.write_bytes(document[:end])
            now.write_bytes(document)
            return Differences(compare_documents(signed, now, password))
    except (SigningError, OSError) as error:
        log.info("the pages could not be compared: %s", error)
        return Differences(None)
