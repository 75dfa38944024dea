"""
The picture of a handwritten signature on a page: no text, transparent where the PNG is.

Decree 30/2020, Appendix I, box 7c: the competent person's signature is shown as a picture without words. Under PDF/A-1
a picture with transparency breaks conformance (ISO 19005-1 §6.4); PDF/A-2 and later allow it.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.images import pil_image
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signing.errors import DocumentRefused
from signing.formats.base import VisibleSignature
from signing.formats.pdf_objects import child, entry

MOST_PIXELS = 4_000_000
MOST_BYTES = 4 * 1024 * 1024
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


_UPRIGHT = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def page_view(page: generic.DictionaryObject) -> PageView:
    """How a page is seen: crop box within media box, /Rotate as a multiple of 90; both may be inherited."""
    media = _box(_inherited(page, "/MediaBox")) or (0.0, 0.0, 612.0, 792.0)
    crop = _box(_inherited(page, "/CropBox")) or media
    seen = (max(crop[0], media[0]), max(crop[1], media[1]), min(crop[2], media[2]), min(crop[3], media[3]))
    if seen[2] <= seen[0] or seen[3] <= seen[1]:
        seen = media
    rotate = _inherited(page, "/Rotate")
    return PageView(seen, (int(rotate) if isinstance(rotate, (int, float)) else 0) % 360 // 90 * 90)


def _inherited(page: generic.DictionaryObject, key: str) -> object:
    node: object = page
    for _ in range(64):  # a page tree deeper than this is refused elsewhere; never follow a loop
        found = entry(node, key)
        if found is not None:
            return found
        node = child(node, "/Parent")
    return None


def _box(value: object) -> Box | None:
    if not isinstance(value, generic.ArrayObject) or len(value) != 4:
        return None
    numbers = [float(item.get_object()) for item in value]
    return min(numbers[0::2]), min(numbers[1::2]), max(numbers[0::2]), max(numbers[1::2])


def read_picture(png: bytes) -> Image.Image:
    """
    Decode a picture into RGBA.

    Raises: DocumentRefused("picture"): not a PNG, or larger than 4 megabytes or 4 megapixels.
    """
    refused = DocumentRefused(
        "picture",
        vi="Ảnh chữ ký phải là tệp PNG, không quá 4 MB và 4 triệu điểm ảnh.",
        en="The picture of the signature must be a PNG of at most 4 MB and 4 million pixels.",
    )
    if len(png) > MOST_BYTES:
        raise refused
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise refused
                return picture.convert("RGBA")
    except DocumentRefused:
        raise
    except Exception as error:  # Pillow raises many kinds on hostile pictures; all mean the same here
        raise refused from error


def appearance(writer: BasePdfFileWriter, picture: Image.Image, view: PageView, box: Box) -> generic.IndirectObject:
    """
    A form XObject of the size of `box` (seen coordinates, points), with the picture centred in it, its proportions
    kept, turned so that it stands upright on a rotated page.
    """
    width, height = box[2] - box[0], box[3] - box[1]
    scale = min(width / picture.width, height / picture.height)
    drawn_width, drawn_height = picture.width * scale, picture.height * scale
    image = pil_image(picture, writer)
    content = b"q %.4f 0 0 %.4f %.4f %.4f cm /Im0 Do Q" % (
        drawn_width,
        drawn_height,
        (width - drawn_width) / 2,
        (height - drawn_height) / 2,
    )
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): _numbers(0, 0, width, height),
            pdf_name("/Matrix"): _numbers(*_UPRIGHT[view.rotate], 0, 0),
            pdf_name("/Resources"): generic.DictionaryObject(
                {pdf_name("/XObject"): generic.DictionaryObject({pdf_name("/Im0"): image})}
            ),
        },
        stream_data=content,
    )
    return writer.add_object(form)


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


def _numbers(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject(generic.FloatObject(f"{value:.4f}") for value in values)
