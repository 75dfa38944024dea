"""
The picture of a handwritten signature on a page: no text, transparent where the PNG is.

Decree 30/2020, Appendix I, box 7c: the competent person's signature is shown as a picture without words. Under PDF/A-1
a picture with transparency breaks conformance (ISO 19005-1 §6.4); PDF/A-2 and later allow it.
Source: ISO 32000-2 §8.9.5 (images), §8.10 (form XObjects), §11.6.5.2 (soft masks), §12.5.5 (appearances).
"""

from __future__ import annotations

import io
import re
import warnings
import zlib

from PIL import Image

from signing.errors import DocumentRefused
from signing.formats.base import VisibleSignature
from signing.formats.pdf_graph import Graph
from signing.formats.pdf_scan import RawDictionary, Unusual
from signing.formats.pdf_update import Update, real_number
from signing.formats.pdf_view import UPRIGHT, Box, PageView, drawn, fitting, view_of

MOST_PIXELS = 4_000_000
MOST_BYTES = 4 * 1024 * 1024
_NUMBER = rb"[+-]?(?:\d{1,9}\.?\d{0,9}|\.\d{1,9})"
_ONE = re.compile(_NUMBER)
_BLANK = rb"[\x00\t\n\x0c\r ]"
_FOUR = re.compile(rb"\[" + _BLANK + rb"*(?:" + _NUMBER + _BLANK + rb"+){3}" + _NUMBER + _BLANK + rb"*\]")


def picture_of(
    graph: Graph, page: list[RawDictionary], update: Update, visible: VisibleSignature
) -> tuple[bytes, bytes]:
    """
    Add the picture to an update. page: the page and the nodes above it.

    Returns: the numbers of the widget's /Rect, and its /AP entry.
    Raises:  DocumentRefused: a bad picture, or a box that is not on the page; Unusual: an unusual page.
    """
    view = view_of(_box(_inherited(graph, page, b"MediaBox")), _box(_inherited(graph, page, b"CropBox")), _rotate(page))
    seen = fitting(visible, view)
    form = _form(update, read_picture(visible.image_png), view, seen)
    return _numbers(*view.to_page(seen)), b"\n/AP << /N %d 0 R >>" % form


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


def _form(update: Update, picture: Image.Image, view: PageView, box: Box) -> int:
    """The form XObject, upright on a rotated page, with its picture and the mask of that; returns its number."""
    mask, image, form = update.number(), update.number(), update.number()
    _add_image(update, mask, picture.getchannel("A"), b"/DeviceGray")
    _add_image(update, image, picture.convert("RGB"), b"/DeviceRGB\n/SMask %d 0 R" % mask)
    content = drawn(picture.size, box)
    update.add(
        form,
        b"<<\n/Type /XObject\n/Subtype /Form\n/BBox [%s]\n/Matrix [%s]\n/Resources << /XObject << /Im0 %d 0 R >> >>"
        b"\n/Length %d\n>>\nstream\n%s\nendstream"
        % (
            _numbers(0, 0, box[2] - box[0], box[3] - box[1]),
            _numbers(*UPRIGHT[view.rotate], 0, 0),
            image,
            len(content),
            content,
        ),
    )
    return form


def _add_image(update: Update, number: int, picture: Image.Image, space: bytes) -> None:
    data = zlib.compress(picture.tobytes())
    update.add(
        number,
        b"<<\n/Type /XObject\n/Subtype /Image\n/Width %d\n/Height %d\n/BitsPerComponent 8\n/ColorSpace %s"
        b"\n/Filter /FlateDecode\n/Length %d\n>>\nstream\n%s\nendstream"
        % (picture.width, picture.height, space, len(data), data),
    )


def _inherited(graph: Graph, page: list[RawDictionary], key: bytes) -> bytes | None:
    return next((value for node in page if (value := graph.array_of(node, key)) is not None), None)


def _box(value: bytes | None) -> Box | None:
    if value is None:
        return None
    if not _FOUR.fullmatch(value):
        raise Unusual("a box of other than four numbers")
    numbers = [float(number) for number in _ONE.findall(value)]
    return min(numbers[0::2]), min(numbers[1::2]), max(numbers[0::2]), max(numbers[1::2])


def _rotate(page: list[RawDictionary]) -> float:
    value = next((value for node in page if (value := node.get(b"Rotate")) is not None), b"0")
    if not _ONE.fullmatch(value):
        raise Unusual("/Rotate is no number")
    return float(value)


def _numbers(*values: float) -> bytes:
    return b" ".join(map(real_number, values))
