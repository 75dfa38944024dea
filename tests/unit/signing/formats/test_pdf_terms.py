"""What a signature lays down for later revisions, and what earlier ones and the fields of a form lay down for it."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache

import pypdfium2
import pytest
from PIL import Image, ImageChops
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields
from pyhanko.sign.fields import SigSeedValFlags as Flag
from pyhanko.sign.fields import SigSeedValueSpec

from signing.errors import SigningError
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats import pdf_room
from signing.formats.base import FieldLock, Level, Terms, VisibleSignature
from signing.formats.pdf_lint import lint_pdf
from signing.formats.pdf_scan import Unusual
from signing.formats.pdf_view import view_of
from signing.validation.indications import Indication
from signing.validation.located import Changes
from signing.validation.report import Report
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, shared_city

PASSED, FAILED = Indication.TOTAL_PASSED, Indication.TOTAL_FAILED
PICTURE = VisibleSignature(pdfs.handwriting(), 1, (300, 100, 500, 180))


def sign(document: bytes, terms: Terms | None = None, **options: object) -> bytes:
    return pdfs.sign(document, shared_city(), terms=terms or Terms(), **options)  # type: ignore[arg-type]  # of sign()


def verify(document: bytes) -> Report:
    city = shared_city()
    return verify_document(document, moment=NOW + 120, own=TrustSource(tuple(city.anchors), (), tuple(city.crls)))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(SigningError) as refused:
        act()
    return refused.value.code


@cache
def certified(permission: int) -> bytes:
    return sign(pdfs.plain(), Terms(certify=permission))


def with_field(
    name: str = "O_ky", box: tuple[int, int, int, int] | None = None, document: bytes = b"", **more: object
) -> bytes:
    """A document with an empty signature field."""
    writer = IncrementalPdfFileWriter(io.BytesIO(document or pdfs.plain()))
    spec = fields.SigFieldSpec(name, on_page=0, box=box, **more)  # type: ignore[arg-type]  # fields of the spec
    fields.append_signature_field(writer, spec)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_seeds(seeds: SigSeedValueSpec) -> bytes:
    return with_field(seed_value_dict=seeds)


# ── certification ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("permission", [1, 2, 3])
@pytest.mark.parametrize("ours", [True, False], ids=["our writer", "the library"])
def test_a_certification_is_what_everybody_reads(permission: int, ours: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not ours:
        monkeypatch.setattr(pdf_room, "plain_update", _unusual)
    for sample in (pdfs.plain(), pdfs.compressed(), pdfs.with_form()):
        document = sign(sample, Terms(certify=permission))
        reader = PdfFileReader(io.BytesIO(document))
        (signature,) = reader.embedded_signatures
        assert signature.docmdp_level == fields.MDPPerm(permission)
        assert reader.root["/Perms"].raw_get("/DocMDP").reference == signature.sig_object.container_ref
        report = verify(document)
        assert report.indication is PASSED
        assert report.signatures[0].judgement.case.facts.located.certified


def test_only_the_first_signature_certifies(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = sign(pdfs.plain())
    assert refusal(lambda: sign(signed, Terms(certify=2))) == "certify_not_first"
    monkeypatch.setattr(pdf_room, "plain_update", _unusual)
    assert refusal(lambda: sign(signed, Terms(certify=2))) == "certify_not_first"
    assert refusal(lambda: sign(certified(2), Terms(certify=2))) == "certify_not_first"


def test_what_is_certified_against_changes_takes_no_signature() -> None:
    assert refusal(lambda: lint_pdf(certified(1))) == "pdf_changes_refused"
    assert refusal(lambda: sign(certified(1))) == "pdf_changes_refused"


@pytest.mark.parametrize("permission", [2, 3])
def test_what_permits_signing_is_signed(permission: int) -> None:
    assert lint_pdf(certified(permission)).signatures == 1
    both = sign(certified(permission))
    assert both.startswith(certified(permission))
    report = verify(both)
    assert [one.indication for one in report.signatures] == [PASSED, PASSED]
    thrice = verify(sign(both, level=Level.B_B))
    assert [one.indication for one in thrice.signatures] == [PASSED] * 3


def test_a_picture_is_not_put_over_a_certified_page() -> None:
    """The sneaky signature attack: a new visible field over the text."""
    assert refusal(lambda: sign(certified(2), visible=PICTURE)) == "certified_no_picture"


@pytest.mark.parametrize("permission", [1, 2, 3])
def test_a_certified_document_is_extended(permission: int) -> None:
    """Even one that permits no changes takes validation data and time stamps (ISO 32000-2 Table 257)."""
    report = verify(pdfs.extend(certified(permission), Level.B_LTA))
    assert (report.indication, report.signatures[0].level) == (PASSED, "B-LTA")


def test_a_signature_after_a_certification_without_changes_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signing.formats.pdf_terms.certified_with", lambda _handler: None)
    report = verify(sign(certified(1)))
    assert (report.indication, report.signatures[0].changes) == (FAILED, Changes.FORBIDDEN)


def test_a_certification_that_cannot_be_read_permits_nothing() -> None:
    document = certified(2).replace(b"/TransformMethod /DocMDP", b"/TransformMethod /DocMDX")
    assert refusal(lambda: sign(document)) == "pdf_changes_refused"


# ── locks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def fill(document: bytes, value: str) -> bytes:
    """The form of pdfs.with_form() filled in, as a viewer does."""
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    field = writer.root["/AcroForm"]["/Fields"][0].get_object()
    from pyhanko.pdf_utils.generic import pdf_name, pdf_string

    field[pdf_name("/V")] = pdf_string(value)
    writer.update_container(field)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("lock", "verdict"),
    [
        (None, PASSED),
        (FieldLock("All"), FAILED),
        (FieldLock("Include", ("note",)), FAILED),
        (FieldLock("Include", ("other",)), PASSED),
        (FieldLock("Exclude", ("note",)), PASSED),
        (FieldLock("Exclude", ("other",)), FAILED),
    ],
)
@pytest.mark.parametrize("ours", [True, False], ids=["our writer", "the library"])
def test_a_lock_holds(lock: FieldLock | None, verdict: Indication, ours: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not ours:
        monkeypatch.setattr(pdf_room, "plain_update", _unusual)
    document = sign(pdfs.with_form(), Terms(locks=lock))
    assert verify(document).indication is PASSED
    assert verify(fill(document, "changed")).indication is verdict


@pytest.mark.parametrize("lock", [FieldLock("All"), FieldLock("Exclude", ("note",))])
def test_a_lock_of_all_fields_takes_no_new_one(lock: FieldLock) -> None:
    """It would spoil the signature that is there."""
    assert refusal(lambda: sign(sign(pdfs.with_form(), Terms(locks=lock)))) == "field_locked"


def test_a_lock_of_some_fields_leaves_room_for_a_signature() -> None:
    both = sign(sign(pdfs.with_form(), Terms(locks=FieldLock("Include", ("note",)))), level=Level.B_B)
    assert [one.indication for one in verify(both).signatures] == [PASSED, PASSED]


@pytest.mark.parametrize("lock", [FieldLock("All"), FieldLock("Include", ("note",))])
def test_a_locked_document_is_extended(lock: FieldLock) -> None:
    report = verify(pdfs.extend(sign(pdfs.with_form(), Terms(locks=lock)), Level.B_LTA))
    assert (report.indication, report.signatures[0].level) == (PASSED, "B-LTA")


# ── fields that are there ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("box", [None, (100, 100, 300, 200)])
def test_an_empty_field_is_signed(box: tuple[int, int, int, int] | None) -> None:
    empty = with_field(box=box)
    document = sign(empty, Terms(field="O_ky"))
    assert document.startswith(empty)
    report = verify(document)
    assert (report.indication, report.signatures[0].field) == (PASSED, "O_ky")
    assert len(list(fields.enumerate_sig_fields(PdfFileReader(io.BytesIO(document))))) == 1


def test_a_field_of_a_certified_document() -> None:
    document = sign(sign(with_field(box=(100, 100, 300, 200)), Terms(certify=2)), Terms(field="O_ky"))
    assert [one.indication for one in verify(document).signatures] == [PASSED, PASSED]


def test_a_field_that_is_not_there_or_not_empty() -> None:
    assert refusal(lambda: sign(pdfs.plain(), Terms(field="O_ky"))) == "no_such_field"
    assert refusal(lambda: sign(with_field(), Terms(field="o_ky"))) == "no_such_field"
    assert refusal(lambda: sign(pdfs.with_form(), Terms(field="note"))) == "no_such_field"
    assert refusal(lambda: sign(sign(with_field(), Terms(field="O_ky")), Terms(field="O_ky"))) == "no_such_field"


def test_a_locked_field_is_not_signed() -> None:
    document = sign(with_field(), Terms(locks=FieldLock("Include", ("O_ky",))))
    assert refusal(lambda: sign(document, Terms(field="O_ky"))) == "field_locked"


def test_the_lock_of_a_field_becomes_that_of_its_signature() -> None:
    lock = fields.FieldMDPSpec(fields.FieldMDPAction.ALL)
    document = sign(with_field(field_mdp_spec=lock), Terms(field="O_ky"))
    (signature,) = PdfFileReader(io.BytesIO(document)).embedded_signatures
    assert signature.fieldmdp == lock
    assert verify(document).indication is PASSED


@pytest.mark.parametrize(
    "terms",
    [
        Terms(certify=4),
        Terms(certify=-1),
        Terms(locks=FieldLock("Some")),
        Terms(locks=FieldLock("Include")),
        Terms(locks=FieldLock("All /X", ())),
    ],
)
def test_terms_that_do_not_exist(terms: Terms) -> None:
    assert refusal(lambda: sign(pdfs.plain(), terms)) == "terms"


# ── a picture in a field that is there ───────────────────────────────────────────────────────────────────────────


IN_FIELD = VisibleSignature(pdfs.handwriting())
BOX = (100, 100, 300, 180)


def ink(document: bytes, page: int = 0) -> tuple[float, float, float, float] | None:
    """Where blue ink is on a page as people see it, in points from its lower left corner."""
    opened = pypdfium2.PdfDocument(document)
    opened.init_forms()
    picture = opened[page].render(scale=1, may_draw_forms=True).to_pil().convert("RGB")
    mask = Image.eval(
        ImageChops.subtract(picture.getchannel("B"), picture.getchannel("R")), lambda value: 255 * (value > 60)
    )
    found = mask.getbbox()
    return found and (found[0], picture.height - found[3], found[2], picture.height - found[1])


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_picture_stands_in_the_field(rotate: int) -> None:
    empty = with_field(box=BOX, document=pdfs.plain(2, rotate))
    document = sign(empty, Terms(field="O_ky"), visible=IN_FIELD)
    assert verify(document).indication is PASSED
    assert ink(empty) is None
    found = ink(document)
    assert found is not None
    media = (0, 0, 841.89, 595.28) if rotate % 180 else (0, 0, 595.28, 841.89)  # as reportlab turns a page
    left, bottom, right, top = view_of(media, None, rotate).to_page(found)
    assert (left >= BOX[0] - 1, bottom >= BOX[1] - 1, right <= BOX[2] + 1, top <= BOX[3] + 1) == (True,) * 4
    wide, high = (top - bottom, right - left) if rotate % 180 else (right - left, top - bottom)
    room = (80, 200) if rotate % 180 else (200, 80)
    assert (wide > high, wide > 0.8 * room[0] or high > 0.6 * room[1]) == (True, True), (
        "upright, and as large as it fits"
    )


def test_a_picture_in_a_field_of_a_certified_document() -> None:
    certified_field = sign(with_field(box=BOX), Terms(certify=2))
    report = verify(sign(certified_field, Terms(field="O_ky"), visible=IN_FIELD))
    assert (report.indication, report.signatures[0].changes) == (PASSED, Changes.SIGNATURES)


def test_a_picture_beside_a_lock() -> None:
    document = sign(with_field(box=BOX), Terms(field="O_ky", locks=FieldLock("All")), visible=IN_FIELD)
    assert verify(document).indication is PASSED
    assert refusal(lambda: sign(document)) == "field_locked"


@pytest.mark.parametrize("box", [None, (100, 100, 100, 180)])
def test_a_field_without_a_place_takes_no_picture(box: tuple[int, int, int, int] | None) -> None:
    assert refusal(lambda: sign(with_field(box=box), Terms(field="O_ky"), visible=IN_FIELD)) == "field_no_place"


def test_a_picture_that_is_none_is_refused() -> None:
    bad = VisibleSignature(b"GIF89a")
    assert refusal(lambda: sign(with_field(box=BOX), Terms(field="O_ky"), visible=bad)) == "picture"


# ── seed values ──────────────────────────────────────────────────────────────────────────────────────────────────

MET = {
    "nothing required": SigSeedValueSpec(reasons=["another"], digest_methods=["sha512"]),
    "subfilter": SigSeedValueSpec(flags=Flag.SUBFILTER, subfilters=[fields.SigSeedSubFilter.PADES]),
    "digest": SigSeedValueSpec(flags=Flag.DIGEST_METHOD, digest_methods=["sha256", "sha384"]),
    "reason": SigSeedValueSpec(flags=Flag.REASONS, reasons=["Ký ban hành", "another"]),
    "approval": SigSeedValueSpec(seed_signature_type=fields.SeedSignatureType(None)),
    "time stamp": SigSeedValueSpec(timestamp_server_url="https://tsa.example", timestamp_required=True),
    "subject": SigSeedValueSpec(
        cert=fields.SigCertConstraints(
            flags=fields.SigCertConstraintFlags.KEY_USAGE,
            key_usage=[fields.SigCertKeyUsage.read_from_sv_string("1")],
        )
    ),
}
UNMET = {
    "subfilter": SigSeedValueSpec(flags=Flag.SUBFILTER, subfilters=[fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED]),
    "digest": SigSeedValueSpec(flags=Flag.DIGEST_METHOD, digest_methods=["sha512"]),
    "reason": SigSeedValueSpec(flags=Flag.REASONS, reasons=["another"]),
    "no reason": SigSeedValueSpec(flags=Flag.REASONS, reasons=["."]),
    "certification": SigSeedValueSpec(seed_signature_type=fields.SeedSignatureType(fields.MDPPerm.NO_CHANGES)),
    "revocation data": SigSeedValueSpec(
        flags=Flag.ADD_REV_INFO, add_rev_info=True, subfilters=[fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED]
    ),
    "appearance": SigSeedValueSpec(flags=Flag.APPEARANCE_FILTER, appearance="seal"),
    "attestation": SigSeedValueSpec(flags=Flag.LEGAL_ATTESTATION, legal_attestations=["x"]),
    "key usage": SigSeedValueSpec(
        cert=fields.SigCertConstraints(
            flags=fields.SigCertConstraintFlags.KEY_USAGE,
            key_usage=[fields.SigCertKeyUsage.read_from_sv_string("XX1")],
        )
    ),
}


@pytest.mark.parametrize("name", MET)
def test_what_a_field_requires_is_kept(name: str) -> None:
    assert verify(sign(with_seeds(MET[name]), Terms(field="O_ky"))).indication is PASSED


@pytest.mark.parametrize("name", UNMET)
def test_what_cannot_be_kept_is_refused(name: str) -> None:
    assert refusal(lambda: sign(with_seeds(UNMET[name]), Terms(field="O_ky"))) == "seed_values"


def test_a_field_for_a_certification_gets_one() -> None:
    document = with_seeds(UNMET["certification"])
    report = verify(sign(document, Terms(field="O_ky", certify=1)))
    assert report.indication is PASSED
    assert refusal(lambda: sign(document, Terms(field="O_ky", certify=2))) == "seed_values"


def test_a_required_time_stamp_is_not_left_out() -> None:
    seeds = with_seeds(MET["time stamp"])
    assert refusal(lambda: sign(seeds, Terms(field="O_ky"), level=Level.B_B)) == "seed_values"


def _unusual(*_: object) -> None:
    raise Unusual("for the test")
