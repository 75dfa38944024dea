"""
Where the visible signature stands.

Source: Decree 30/2020/ND-CP, Appendix I, box 7c: a competent person's signature is a blue handwritten image between the
title and the full name, centred, without text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import orjson

from signing.errors import SigningError

Box = tuple[float, float, float, float]
"""(left, bottom, right, top) in points of the page as people see it, origin lower left."""
Sizes = tuple[tuple[float, float], ...]
"""Width and height in points of every page as people see it."""

WIDTH_TO_HEIGHT = 2.4
TALLEST, SHORTEST = 62.0, 32.0
AIR = 3.0
CORNER_MARGIN = 56.0
ACROSS = {"left": 0.24, "centre": 0.5, "right": 0.72}
DOWN = {"top": 0.86, "middle": 0.5, "bottom": 0.16}


class Way(StrEnum):
    """How the place was found."""

    NAME = "name"
    CORNER = "corner"
    CHOSEN = "chosen"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NameSpot:
    """The signer's name on a page, and how many free points lie above it."""

    page: int
    box: Box
    gap: float


@dataclass(frozen=True, slots=True)
class Placement:
    """The place: page (1 for the first) and box; box is None when no picture is wanted."""

    way: Way
    page: int = 0
    box: Box | None = None
    across: str = "right"
    down: str = "bottom"

    def as_text(self) -> str:
        """JSON for the database."""
        return orjson.dumps(
            {"way": self.way, "page": self.page, "box": self.box, "across": self.across, "down": self.down},
            option=orjson.OPT_SORT_KEYS,
        ).decode()


def read_placement(text: str) -> Placement:
    """The placement that `as_text()` wrote."""
    row = orjson.loads(text)
    return Placement(
        Way(row["way"]), row["page"], tuple(row["box"]) if row["box"] else None, row["across"], row["down"]
    )


def find_place(spot: NameSpot | None, sizes: Sizes) -> Placement:
    """Above the signer's name, centred on it; without a name, the lower right corner of the last page."""
    if spot is None:
        return _standing(Way.CORNER, len(sizes), "right", "bottom", sizes)
    left, _, right, top = spot.box
    height = min(max(spot.gap - 2 * AIR, SHORTEST), TALLEST)
    middle = (left + right) / 2
    box = (middle - height * WIDTH_TO_HEIGHT / 2, top + AIR, middle + height * WIDTH_TO_HEIGHT / 2, top + AIR + height)
    return Placement(Way.NAME, spot.page, _kept_on_page(box, sizes[spot.page - 1]))


def choose_place(page: int, across: str, down: str, sizes: Sizes) -> Placement:
    """
    The place an official chose in the form.

    Raises: SigningError("bad_place"): no such page or position.
    """
    if not 1 <= page <= len(sizes) or across not in ACROSS or down not in DOWN:
        raise SigningError(
            "bad_place",
            vi=f"Vị trí chữ ký không hợp lệ. Văn bản có {len(sizes)} trang.",
            en=f"That is not a valid place for the signature. The document has {len(sizes)} pages.",
        )
    return _standing(Way.CHOSEN, page, across, down, sizes)


def _standing(way: Way, page: int, across: str, down: str, sizes: Sizes) -> Placement:
    width, height = sizes[page - 1]
    middle, level = width * ACROSS[across], height * DOWN[down]
    half = TALLEST * WIDTH_TO_HEIGHT / 2
    box = (middle - half, level - TALLEST / 2, middle + half, level + TALLEST / 2)
    return Placement(way, page, _kept_on_page(box, sizes[page - 1]), across, down)


def _kept_on_page(box: Box, size: tuple[float, float]) -> Box:
    """The box, moved (and if need be made smaller) so that it lies on the page."""
    left, bottom, right, top = box
    width, height = min(right - left, size[0]), min(top - bottom, size[1])
    left = min(max(left, 0.0), size[0] - width)
    bottom = min(max(bottom, 0.0), size[1] - height)
    return (round(left, 2), round(bottom, 2), round(left + width, 2), round(bottom + height, 2))
