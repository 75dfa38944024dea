"""Annotations after a signature: what a certification with P 3 permits is named, everything else fails."""

from __future__ import annotations

from functools import cache

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import Level, Terms
from signing.formats.pdf_annotations import KINDS
from signing.validation.indications import Indication
from signing.validation.located import Changes
from signing.validation.report import Report
from tests import annotated_pdfs as notes
from tests import signing_pdfs as pdfs
from tests.annotated_pdfs import Change, adds, changed
from tests.signing_pki import NOW, shared_city

PASSED, FAILED = Indication.TOTAL_PASSED, Indication.TOTAL_FAILED


def verify(document: bytes) -> Report:
    city = shared_city()
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls))
    return verify_document(document, moment=NOW + 120, own=own)


@cache
def certified(permission: int = 3, document: bytes = b"") -> bytes:
    return pdfs.sign(document or pdfs.plain(), shared_city(), terms=Terms(certify=permission))


def verdict(document: bytes) -> tuple[Indication, Changes]:
    report = verify(document)
    return report.indication, report.signatures[0].changes


def action(kind: str) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name("/S"): pdf_name(f"/{kind}")})


# ── what is permitted ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_mark_of_people_is_permitted_and_named(kind: str) -> None:
    report = verify(changed(certified(), adds(kind[1:])))
    (signature,) = report.signatures
    assert (report.indication, signature.changes) == (PASSED, Changes.ANNOTATIONS)
    said = next(found for found in signature.findings if found.code == "changed_annotations")
    assert (said.level, f"{kind[1:]} (1)" in said.text.vi, f"{kind[1:]} (1)" in said.text.en) == ("WARN", True, True)


@pytest.mark.parametrize("permission", [0, 1, 2])
@pytest.mark.parametrize("kind", ["Text", "FreeText", "Stamp"])
def test_without_that_permission_nothing_is_added(permission: int, kind: str) -> None:
    assert verdict(changed(certified(permission), adds(kind))) == (FAILED, Changes.FORBIDDEN)


def test_several_revisions_with_time_stamps_between_them() -> None:
    document = changed(changed(certified(), adds("Text")), adds("Highlight"))
    report = verify(pdfs.extend(document, Level.B_LTA))
    (signature,) = report.signatures
    assert (report.indication, signature.level) == (PASSED, "B-LTA")
    located = signature.judgement.case.facts.located
    assert located.changed_things == ("Text (1)", "Highlight (1)")


def test_annotations_in_a_list_of_their_own() -> None:
    def own_list(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
        page[pdf_name("/Annots")] = writer.add_object(generic.ArrayObject())

    before = changed(pdfs.plain(), own_list, adds("Text"))
    assert verdict(changed(certified(3, before), adds("Stamp"))) == (PASSED, Changes.ANNOTATIONS)


def test_a_popup_goes_with_its_note() -> None:
    def both(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
        popup = notes.annotation(writer, "Popup")
        notes.listed(page).append(notes.annotation(writer, "Text", Popup=popup))
        notes.listed(page).append(popup)

    assert verdict(changed(certified(), both)) == (PASSED, Changes.ANNOTATIONS)


def test_whoever_signed_after_the_certification_does_not_permit_them() -> None:
    """Only the certification says what may follow; an approval is of the page as it was."""
    both = pdfs.sign(certified(), shared_city())
    report = verify(changed(both, adds("Text")))
    assert [one.changes for one in report.signatures] == [Changes.ANNOTATIONS, Changes.FORBIDDEN]
    assert report.indication is FAILED


# ── what is not ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _moved(_writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
    one = notes.first_annotation(page)
    one[pdf_name("/Rect")] = notes.numbers(60, 690, 61, 691)
    _writer.update_container(one)


def _redrawn(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
    one = notes.first_annotation(page)
    one[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): notes.drawing(writer)})
    writer.update_container(one)


def _taken_away(_writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
    notes.listed(page).pop(0)


def _below(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
    notes.listed(page).insert(0, notes.annotation(writer, "Stamp"))


def _in_another_order(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
    found = notes.listed(page)
    found[:] = [*reversed(list(found)), notes.annotation(writer, "Stamp")]


def _replaced(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
    notes.listed(page)[0] = notes.annotation(writer, "Stamp")


def _direct(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
    notes.listed(page).append(notes.annotation(writer, "Stamp").get_object())


def _page_again(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
    adds("Text")(writer, page)
    page[pdf_name("/Rotate")] = generic.NumberObject(180)


def _content_again(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
    adds("Text")(writer, page)
    page[pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))


def _elsewhere(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
    other = writer.root["/Pages"]["/Kids"].raw_get(1)
    notes.listed(page).append(notes.annotation(writer, "Text", P=other))


def _widget_drawn(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
    adds("Text")(writer, page)
    field = writer.root["/AcroForm"]["/Fields"][0]
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): notes.drawing(writer)})
    writer.update_container(field)


NOT_PERMITTED: dict[str, tuple[bytes, Change]] = {
    "text taken away": (pdfs.plain(), adds("Redact")),
    "a link": (pdfs.plain(), adds("Link", A=lambda _writer: action("URI"))),
    "a file": (pdfs.plain(), adds("FileAttachment")),
    "a film": (pdfs.plain(), adds("RichMedia")),
    "a watermark": (pdfs.plain(), adds("Watermark")),
    "a field": (pdfs.plain(), adds("Widget", FT=lambda _writer: pdf_name("/Tx"))),
    "a kind nobody knows": (pdfs.plain(), adds("Anything")),
    "a note that acts": (pdfs.plain(), adds("Text", A=lambda _writer: action("JavaScript"))),
    "a note that acts when it is seen": (pdfs.plain(), adds("Text", AA=lambda _writer: generic.DictionaryObject())),
    "a note in a layer": (pdfs.plain(), adds("Stamp", OC=lambda _writer: generic.DictionaryObject())),
    "a popup that acts": (
        pdfs.plain(),
        adds("Text", Popup=lambda writer: notes.annotation(writer, "Popup", A=action("Launch"))),
    ),
    "a drawing out of another file": (
        pdfs.plain(),
        adds(
            "Stamp",
            AP=lambda writer: generic.DictionaryObject(
                {pdf_name("/N"): notes.drawing(writer, Ref=generic.DictionaryObject())}
            ),
        ),
    ),
    "moved": (notes.with_note(), _moved),
    "drawn again": (notes.with_note(), _redrawn),
    "taken away": (notes.with_note(), _taken_away),
    "below the others": (notes.with_note(), _below),
    "the others in another order": (changed(notes.with_note(), adds("Stamp")), _in_another_order),
    "in the place of another": (notes.with_note(), _replaced),
    "without a number": (pdfs.plain(), _direct),
    "on a page that was turned": (pdfs.plain(), _page_again),
    "on a page with other content": (pdfs.plain(), _content_again),
    "on a page that it says is another": (pdfs.plain(), _elsewhere),
    "beside a field that is drawn again": (pdfs.with_form(), _widget_drawn),
}


@pytest.mark.parametrize("name", NOT_PERMITTED)
def test_what_is_not_permitted_fails(name: str) -> None:
    document, change = NOT_PERMITTED[name]
    assert verdict(changed(certified(3, document), change)) == (FAILED, Changes.FORBIDDEN)


def test_a_list_that_is_something_else_too_is_not_added_to() -> None:
    """The kids of a page tree as the annotations of a page: whoever adds one adds a page."""

    def shared(writer: IncrementalPdfFileWriter, page: generic.DictionaryObject) -> None:
        one = writer.add_object(generic.ArrayObject())
        page[pdf_name("/Annots")] = one
        writer.root["/Extra"] = one
        writer.update_root()

    before = changed(pdfs.plain(), shared)
    assert verdict(changed(certified(3, before), adds("Text"))) == (FAILED, Changes.FORBIDDEN)
