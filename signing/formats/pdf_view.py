"""
A page as people see it, and where on it a picture may stand.

Source: ISO 32000-2 §7.7.3.3 (/MediaBox, /CropBox, /Rotate), §14.11.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from signing.errors import DocumentRefused
from signing.formats.base import VisibleSignature

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PageView:
    """A page as people see it: width and height in points after /Rotate, and the way back to its own coordinates."""

    crop: Box
    rotate: int

    @property
    def width(self) -> float:
        return self._size[1] if self.rotate % 180 else self._size[0]

    @property
    def height(self) -> float:
        return self._size[0] if self.rotate % 180 else self._size[1]

    @property
    def _size(self) -> tuple[float, float]:
        left, bottom, right, top = self.crop
        return right - left, top - bottom

    def to_page(self, box: Box) -> Box:
        """A box in seen coordinates as a box in the page's own coordinates."""
        x1, y1, x2, y2 = box
        left, bottom, right, top = self.crop
        if self.rotate == 90:
            return right - y2, bottom + x1, right - y1, bottom + x2
        if self.rotate == 180:
            return right - x2, top - y2, right - x1, top - y1
        if self.rotate == 270:
            return left + y1, top - x2, left + y2, top - x1
        return left + x1, bottom + y1, left + x2, bottom + y2


UPRIGHT = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
"""The matrix that turns a drawing upright again, by the page's /Rotate."""


def view_of(media: Box | None, crop: Box | None, rotate: float) -> PageView:
    """How a page is seen: crop box within media box, /Rotate as a multiple of 90."""
    media = media or (0.0, 0.0, 612.0, 792.0)
    crop = crop or media
    seen = (max(crop[0], media[0]), max(crop[1], media[1]), min(crop[2], media[2]), min(crop[3], media[3]))
    if seen[2] <= seen[0] or seen[3] <= seen[1]:
        seen = media
    return PageView(seen, int(rotate) % 360 // 90 * 90)


def fitting(visible: VisibleSignature, view: PageView) -> Box:
    """
    The box, ordered.

    Raises: DocumentRefused("visible_box"): empty, or not on the page as people see it.
    """
    left, right = sorted((visible.box[0], visible.box[2]))
    bottom, top = sorted((visible.box[1], visible.box[3]))
    slack = 0.5  # half a point, for a page size that was rounded on its way through a form
    on_page = left >= -slack and bottom >= -slack and right <= view.width + slack and top <= view.height + slack
    if not on_page or right - left < 1 or top - bottom < 1:
        raise DocumentRefused(
            "visible_box",
            vi="Vị trí ảnh chữ ký nằm ngoài trang. Vui lòng chọn lại.",
            en="The place for the picture of the signature is not on the page. Please choose it again.",
            hint=f"box {left:.1f} {bottom:.1f} {right:.1f} {top:.1f}, page {view.width:.1f} × {view.height:.1f}",
        )
    return left, bottom, right, top


def drawn(size: tuple[int, int], box: Box) -> bytes:
    """The drawing of a picture of that size, centred in a box, its proportions kept; the picture is called /Im0."""
    width, height = box[2] - box[0], box[3] - box[1]
    scale = min(width / size[0], height / size[1])
    drawn_width, drawn_height = size[0] * scale, size[1] * scale
    return b"q %.4f 0 0 %.4f %.4f %.4f cm /Im0 Do Q" % (
        drawn_width,
        drawn_height,
        (width - drawn_width) / 2,
        (height - drawn_height) / 2,
    )
