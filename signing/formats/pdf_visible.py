"""
Pages and the picture of a handwritten signature through the library, for documents that our own writer leaves to it.
"""

from __future__ import annotations

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.images import pil_image
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signing.formats.pdf_objects import child, entry
from signing.formats.pdf_view import UPRIGHT, Box, PageView, drawn, view_of


def page_view(page: generic.DictionaryObject) -> PageView:
    """How a page is seen: crop box within media box, /Rotate as a multiple of 90; all may be inherited."""
    rotate = _inherited(page, "/Rotate")
    return view_of(
        _box(_inherited(page, "/MediaBox")),
        _box(_inherited(page, "/CropBox")),
        rotate if isinstance(rotate, (int, float)) else 0,
    )


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


def appearance(writer: BasePdfFileWriter, picture: Image.Image, view: PageView, box: Box) -> generic.IndirectObject:
    """
    A form XObject of the size of `box` (seen coordinates, points), with the picture centred in it, its proportions
    kept, turned so that it stands upright on a rotated page.
    """
    width, height = box[2] - box[0], box[3] - box[1]
    image = pil_image(picture, writer)
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): _numbers(0, 0, width, height),
            pdf_name("/Matrix"): _numbers(*UPRIGHT[view.rotate], 0, 0),
            pdf_name("/Resources"): generic.DictionaryObject(
                {pdf_name("/XObject"): generic.DictionaryObject({pdf_name("/Im0"): image})}
            ),
        },
        stream_data=drawn(picture.size, box),
    )
    return writer.add_object(form)


def _numbers(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject(generic.FloatObject(f"{value:.4f}") for value in values)
