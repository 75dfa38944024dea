"""
Annotations added after a certification that permits them (P 3).

Permitted is to add notes, marks and drawings to pages that stay as they are, one revision at a time. What is there may
not be changed, moved or taken away; nothing that is added may act, take something in from elsewhere, be filled in, or
take text away (/Redact). What is added can cover text all the same: so each one is named, and the report shows it.
Source: ISO 32000-2 Table 257 (P 3), §12.5.2, §12.5.6; Rohlmann et al., "Breaking the Specification" (2021).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis import (
    ModificationLevel,
    QualifiedWhitelistRule,
    ReferenceUpdate,
    SuspiciousModification,
)
from pyhanko.sign.diff_analysis.commons import compare_dicts, safe_whitelist
from pyhanko.sign.diff_analysis.rules_api import RelativeContext

from signing.formats.pdf_objects import entry, follow

KINDS = frozenset(
    "/Text /FreeText /Line /Square /Circle /Polygon /PolyLine /Highlight /Underline /Squiggly /StrikeOut /Stamp /Caret "
    "/Ink /Popup".split()
)
"""Marks of people: none of them acts, holds a file, or takes anything away."""
_ACTS = ("/A", "/AA", "/PA", "/FT", "/Parent", "/OC")
MOST_PAGES = 5000
MOST_DEPTH = 32


class AnnotationRule(QualifiedWhitelistRule):
    """One step between two revisions. added: what was added, by kind and page, in order, once it was applied."""

    def __init__(self) -> None:
        self.added: list[str] = []

    def apply_qualified(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, ReferenceUpdate]]:
        """Raises: SuspiciousModification: an annotation that is not permitted, or a change of those that are there."""
        written = new.explicit_refs_in_revision()
        for number, page in enumerate(_pages(new), 1):
            now = new(page.reference)
            listed = now.raw_get("/Annots") if "/Annots" in now else None
            held = isinstance(listed, generic.IndirectObject) and listed.reference in written
            if page.reference in written or held:
                for update in self._of_page(old, new, page.reference, number):
                    yield ModificationLevel.ANNOTATIONS, update

    def _of_page(
        self,
        old: HistoricalResolver,
        new: HistoricalResolver,
        page: generic.Reference,
        number: int,
    ) -> Iterator[ReferenceUpdate]:
        """What may have been written for the sake of annotations on that page."""
        was, now = old(page), new(page)
        before, after = _annotations(was), _annotations(now)
        added = after[len(before) :]
        if after[: len(before)] != before:
            raise SuspiciousModification(f"an annotation of page {number} was moved or taken away")
        if not added or all(_is_widget(one) for one in added):
            return  # nothing, or a signature field, which is the matter of the rules for forms
        compare_dicts(was, now, frozenset(("/Annots",)))
        yield ReferenceUpdate(page)
        yield from _of_list(old, was, now)
        for one in added:
            if not isinstance(one, generic.IndirectObject) or not old.is_ref_unassignable(one.reference):
                raise SuspiciousModification(f"an annotation of page {number} stands in the place of something else")
            self.added.append(f"{_checked(one.get_object(), now, number)} ({number})")
            found = new.collect_dependencies(one, since_revision=old.revision + 1)
            for reference in found:
                _check_inside(new(reference), number)
            yield from map(ReferenceUpdate, found)


def _pages(resolver: HistoricalResolver) -> list[generic.IndirectObject]:
    """The pages in order. Raises: SuspiciousModification: no tree."""
    pages: list[generic.IndirectObject] = []
    waiting = [(resolver.root.raw_get("/Pages"), 0)]
    while waiting:
        reference, depth = waiting.pop()
        node = follow(reference)
        if not isinstance(reference, generic.IndirectObject) or not isinstance(node, generic.DictionaryObject):
            raise SuspiciousModification("a page tree that is none")
        kids = entry(node, "/Kids")
        if isinstance(kids, generic.ArrayObject):
            waiting += [(kids.raw_get(at), depth + 1) for at in reversed(range(len(kids)))]
        else:
            pages.append(reference)
        if len(pages) + len(waiting) > MOST_PAGES or depth > MOST_DEPTH:
            raise SuspiciousModification("a page tree too large to compare")
    return pages


def _annotations(page: generic.DictionaryObject) -> list[generic.PdfObject]:
    listed = entry(page, "/Annots")
    return [listed.raw_get(at) for at in range(len(listed))] if isinstance(listed, generic.ArrayObject) else []


def _of_list(
    old: HistoricalResolver, was: generic.DictionaryObject, now: generic.DictionaryObject
) -> Iterator[ReferenceUpdate]:
    """The array of annotations, where it is an object: the same as before and nobody else's, or a new one."""
    before, after = (page.raw_get("/Annots") if "/Annots" in page else None for page in (was, now))
    if isinstance(after, generic.IndirectObject):
        held = before.reference if isinstance(before, generic.IndirectObject) else None
        place = RelativeContext(was.get_container_ref(), RawPdfPath("/Annots"))
        yield from (ReferenceUpdate(one, place) for one in safe_whitelist(old, held, after.reference))


def _is_widget(one: generic.PdfObject) -> bool:
    return entry(follow(one), "/Subtype") == "/Widget"


def _checked(annotation: object, page: generic.DictionaryObject, number: int) -> str:
    """What kind it is. Raises: SuspiciousModification: a kind, or something in it, that is not permitted."""
    kind = str(entry(annotation, "/Subtype"))
    if not isinstance(annotation, generic.DictionaryObject) or isinstance(annotation, generic.StreamObject):
        raise SuspiciousModification(f"an annotation of page {number} is no dictionary")
    if kind not in KINDS or any(key in annotation for key in _ACTS):
        raise SuspiciousModification(f"an annotation {kind} on page {number} that acts, is filled in or takes away")
    stands = annotation.raw_get("/P") if "/P" in annotation else None
    if stands is not None and getattr(stands, "reference", None) != page.get_container_ref():
        raise SuspiciousModification(f"an annotation of page {number} that says it stands elsewhere")
    return kind[1:]


def _check_inside(value: object, number: int) -> None:
    """A drawing takes nothing in from another file, and nothing in it is a page or a field."""
    outside = isinstance(value, generic.StreamObject) and any(key in value for key in ("/F", "/Ref", "/OPI", "/OC"))
    other = entry(value, "/Type") in ("/Page", "/Pages", "/Catalog", "/Action") or entry(value, "/FT") is not None
    acts = isinstance(value, generic.DictionaryObject) and any(key in value for key in ("/A", "/AA"))
    if outside or other or acts:
        raise SuspiciousModification(f"an annotation of page {number} leads to something else than its drawing")
