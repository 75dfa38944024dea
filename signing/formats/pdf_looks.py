"""
What form fields look like in one revision, and which looks may not change after a signature.

- A data field may not look different while its value stays: the "replace" variant of the shadow attacks.
- A field that no person signed (empty, or holding a document time stamp) may not be drawn at all: an empty signature
  field is an allowed addition, and its appearance can cover any text of the page.
Source: Mainka et al., "Shadow Attacks" (NDSS 2021); Rohlmann et al., "Breaking the Specification" (2021), the sneaky
signature attack.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.form_tools import enumerate_fields_in
from pyhanko.pdf_utils.reader import HistoricalResolver

from signing.formats.pdf_objects import child, entry, items

Look = tuple[str, ...]
_BLANK = re.compile(rb"(?:[\x00\t\n\x0c\r qQ]++|%[^\r\n]*+)*+")
_DRAWN_BY_VIEWERS = ("/BG", "/BC", "/CA", "/I")


@dataclass(frozen=True, slots=True)
class FieldState:
    """Value and looks of a form field in one revision, as text that can be compared."""

    value: str
    looks: tuple[Look, ...]


def data_fields(resolver: HistoricalResolver) -> dict[str, FieldState]:
    """The fields that people fill in, by name."""
    found: dict[str, FieldState] = {}
    for kind in ("/Tx", "/Btn", "/Ch"):
        for name, value, widgets in _fields(resolver, kind):
            found[name] = FieldState(str(value), tuple(_look(widget) for widget in widgets))
    return found


def masked(before: dict[str, FieldState], after: dict[str, FieldState]) -> list[str]:
    """Fields that look different in the new revision though their value is the same."""
    return [name for name, state in after.items() if name in before and _differs_in_look_only(before[name], state)]


def painted_over(old: HistoricalResolver, new: HistoricalResolver) -> list[str]:
    """Signature fields without a signature that are drawn in the new revision and were not drawn so in the old one."""
    after = _drawn_unsigned(new)
    if not after:
        return []
    before = _drawn_unsigned(old)
    return [name for name, looks in after.items() if before.get(name) != looks]


def _differs_in_look_only(old: FieldState, new: FieldState) -> bool:
    return old.value == new.value and old.looks != new.looks


def _drawn_unsigned(resolver: HistoricalResolver) -> dict[str, tuple[Look, ...]]:
    found: dict[str, tuple[Look, ...]] = {}
    for name, value, widgets in _fields(resolver, "/Sig"):
        signed = isinstance(value, generic.DictionaryObject) and not _is_time_stamp(value)
        if not signed and any(_is_drawn(widget) for widget in widgets):
            found[name] = tuple(_look(widget) for widget in widgets)
    return found


def _is_time_stamp(signature: generic.DictionaryObject) -> bool:
    return entry(signature, "/Type") == "/DocTimeStamp" or entry(signature, "/SubFilter") == "/ETSI.RFC3161"


def _fields(resolver: HistoricalResolver, kind: str) -> Iterator[tuple[str, object, list[object]]]:
    """Name, value and widgets of each field of one kind."""
    fields = entry(child(resolver.root, "/AcroForm"), "/Fields")
    if not isinstance(fields, generic.ArrayObject):
        return
    for name, value, reference in enumerate_fields_in(fields, refs_seen=set(), target_field_type=kind):
        field = reference.get_object()
        followed = value.get_object() if isinstance(value, generic.IndirectObject) else value
        yield str(name), followed, [field, *items(field, "/Kids")]


def _drawings(widget: object) -> list[generic.StreamObject]:
    """The streams of the normal appearance, one for each state."""
    normal = child(child(widget, "/AP"), "/N")
    states = [normal] if isinstance(normal, generic.StreamObject) else [entry(normal, key) for key in normal or ()]
    return [state for state in states if isinstance(state, generic.StreamObject)]


def _is_drawn(widget: object) -> bool:
    """Whether a viewer shows anything for it: a drawing, or what it makes up itself from /MK."""
    if any(entry(child(widget, "/MK"), key) is not None for key in _DRAWN_BY_VIEWERS):
        return True
    return any(not _BLANK.fullmatch(drawing.data) for drawing in _drawings(widget))


def _look(widget: object) -> Look:
    """What decides how a widget is shown, as text that can be compared."""
    drawn = (hashlib.sha256(drawing.encoded_data).hexdigest() for drawing in _drawings(widget))
    return (*drawn, *(repr(entry(widget, key)) for key in ("/AS", "/F", "/DA", "/Q", "/MK", "/Rect")))
