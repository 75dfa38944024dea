"""
An empty signature field that a document came with: found, held against what it requires, and drawn in.

Its place is its own: a picture is centred in its rectangle, whatever page or box was asked for.
Source: ISO 32000-2 §12.7.5.5 (signature fields), §12.5.5 (appearances), §12.5.6.19 (widgets).
"""

from __future__ import annotations

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import ensure_sig_flags, enumerate_sig_fields

from signing.errors import SignatureRefused
from signing.formats.base import PrepareRequest
from signing.formats.pdf_objects import child, items
from signing.formats.pdf_picture import read_picture
from signing.formats.pdf_refusals import no_such_field
from signing.formats.pdf_seeds import check_seeds
from signing.formats.pdf_visible import appearance, page_view

LEAST_POINTS = 1.0
MOST_PAGES = 2000


def given_field(writer: IncrementalPdfFileWriter, request: PrepareRequest) -> generic.DictionaryObject:
    """
    The field, with the picture in it.

    Raises: SignatureRefused: no such field, or not empty; what it requires is not met (pdf_seeds); no place for a
            picture. DocumentRefused("picture").
    """
    wanted = request.terms.field
    found = [
        reference for name, _, reference in enumerate_sig_fields(writer, filled_status=False) if str(name) == wanted
    ]
    if len(found) != 1:
        raise no_such_field(wanted)
    field = found[0].get_object()
    assert isinstance(field, generic.DictionaryObject)
    seeds = child(field, "/SV")
    if seeds is not None:
        check_seeds(seeds, request)
    if request.visible:
        _draw(writer, field, request.visible.image_png, wanted)
    writer.mark_update(found[0])
    ensure_sig_flags(writer)
    return field


def _draw(writer: IncrementalPdfFileWriter, field: generic.DictionaryObject, image_png: bytes, name: str) -> None:
    kids = [kid for kid in items(field, "/Kids") if isinstance(kid, generic.DictionaryObject)]
    widget = kids[0] if len(kids) == 1 else field
    left, bottom, right, top = _rectangle(widget, name)
    page = child(widget, "/P") or _page_of(writer, widget)
    if page is None:
        raise _no_place(name)
    view = page_view(page)
    width, height = right - left, top - bottom
    seen = (0.0, 0.0, height, width) if view.rotate % 180 else (0.0, 0.0, width, height)
    drawn = appearance(writer, read_picture(image_png), view, seen)
    widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): drawn})
    if widget is not field:
        writer.update_container(widget)


def _rectangle(widget: generic.DictionaryObject, name: str) -> tuple[float, float, float, float]:
    numbers = [one for one in items(widget, "/Rect") if isinstance(one, (int, float))]
    if len(numbers) != 4:
        raise _no_place(name)
    across, down = sorted(map(float, numbers[0::2])), sorted(map(float, numbers[1::2]))
    if across[1] - across[0] < LEAST_POINTS or down[1] - down[0] < LEAST_POINTS:
        raise _no_place(name)
    return across[0], down[0], across[1], down[1]


def _page_of(writer: IncrementalPdfFileWriter, widget: generic.DictionaryObject) -> generic.DictionaryObject | None:
    """The page whose list of annotations the widget is in, where it does not say so itself."""
    for number in range(min(int(writer.root["/Pages"]["/Count"]), MOST_PAGES)):
        page = writer.find_page_for_modification(number)[0].get_object()
        if any(one is widget for one in items(page, "/Annots")):
            return page if isinstance(page, generic.DictionaryObject) else None
    return None


def _no_place(name: str) -> SignatureRefused:
    return SignatureRefused(
        "field_no_place",
        vi="Ô chữ ký này không có chỗ trên trang nên không đặt hình vào được; hãy ký không kèm hình.",
        en="This signature field has no place on a page, so no picture goes into it; sign without one.",
        hint=name,
        status=422,
    )
