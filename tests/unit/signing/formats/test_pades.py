"""Making PAdES signatures: what is written, what is left alone, what fails."""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import replace

import pytest
from asn1crypto import cms

from signing.errors import DocumentRefused, SignatureRefused
from signing.formats import base as formats_base
from signing.formats.base import Level, Prepared, PrepareRequest, VisibleSignature
from signing.formats.der import integer, oid, tlv
from signing.formats.pades import Pades
from signing.formats.pdf_locate import locate_signatures
from signing.formats.pdf_visible import page_view
from signing.validation.located import Changes, Coverage
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, shared_city

DOCUMENTS = {
    "plain": pdfs.plain(),
    "rotated": pdfs.plain(2, 90),
    "scanned": pdfs.scanned(),
    "form": pdfs.with_form(),
    "compressed": pdfs.compressed(),
}
PICTURE = VisibleSignature(pdfs.handwriting(), 1, (300, 100, 480, 172))


def prepared(document: bytes = b"", level: Level = Level.B_T) -> Prepared:
    city = shared_city()
    request = PrepareRequest(city.official.der, city.official.chain, NOW, level=level)
    return Pades().prepare(document or pdfs.plain(), request)


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("visible", [None, PICTURE], ids=["unseen", "picture"])
def test_the_signature_covers_the_whole_file(name: str, visible: VisibleSignature | None) -> None:
    document = DOCUMENTS[name]
    signed = pdfs.sign(document, shared_city(), visible=visible)
    assert signed.startswith(document)
    (found,) = locate_signatures(signed)
    assert (found.coverage, found.problems, found.claimed_time) == (Coverage.WHOLE_FILE, (), NOW)
    assert found.profile == "ETSI.CAdES.detached"
    assert (found.reason, found.location, found.certified) == ("Ký ban hành", "Hà Nội", False)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_further_signature_leaves_the_first_whole(name: str) -> None:
    city = shared_city()
    once = pdfs.sign(DOCUMENTS[name], city, visible=PICTURE)
    twice = pdfs.sign(once, city, visible=PICTURE)
    assert twice.startswith(once)
    first, second = locate_signatures(twice)
    assert (first.coverage, first.changes_after) == (Coverage.WHOLE_REVISION, Changes.SIGNATURES)
    assert first.changed_things == (second.field,)
    assert second.coverage is Coverage.WHOLE_FILE


def test_signed_attributes_are_those_of_a_pdf_signature() -> None:
    """Content type, message digest, signing certificate; no signing time (EN 319 142-1 §6.3)."""
    ready = prepared()
    attributes = cms.CMSAttributes.load(ready.signed_attributes)
    assert {item["type"].native for item in attributes} == {"content_type", "message_digest", "signing_certificate_v2"}
    start, end = ready.place
    digest = hashlib.sha256(ready.output[:start] + ready.output[end:]).digest()
    values = {item["type"].native: item["values"][0] for item in attributes}
    assert values["message_digest"].native == digest
    ess = values["signing_certificate_v2"]["certs"][0]
    assert ess["cert_hash"].native == hashlib.sha256(ready.certificate).digest()
    assert ready.to_be_signed_digest == hashlib.sha256(ready.signed_attributes).digest()
    assert ready.document_digest == hashlib.sha256(pdfs.plain()).hexdigest()


def test_the_set_of_attributes_is_in_der_order() -> None:
    ready = prepared()
    assert cms.CMSAttributes.load(ready.signed_attributes).dump(force=True) == ready.signed_attributes


def test_a_failing_time_stamp_leaves_no_document() -> None:
    """One product fell back to an unstamped file when its authority failed; ours raises."""
    ready = prepared()
    signature = shared_city().official.sign(ready.to_be_signed_digest)

    def broken(_imprint: bytes) -> bytes:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        Pades().embed(ready, signature, broken)
    for nothing in (None, lambda _imprint: b"", lambda _imprint: b"20251124T1600Z"):
        with pytest.raises(SignatureRefused, match="no_time_stamp"):
            Pades().embed(ready, signature, nothing)


def test_what_is_stamped_is_the_signature_value() -> None:
    ready, stamped = prepared(), list[bytes]()
    signature = shared_city().official.sign(ready.to_be_signed_digest)

    def stamp(imprint: bytes) -> bytes:
        stamped.append(imprint)
        return shared_city().stamp(imprint)

    Pades().embed(ready, signature, stamp)
    assert stamped == [hashlib.sha256(signature).digest()]


def test_no_stamp_is_asked_for_at_level_b() -> None:
    ready = prepared(level=Level.B_B)
    signature = shared_city().official.sign(ready.to_be_signed_digest)

    def never(_imprint: bytes) -> bytes:
        raise AssertionError

    Pades().embed(ready, signature, never)


def test_an_oversize_stamp_is_refused() -> None:
    ready = prepared()
    signature = shared_city().official.sign(ready.to_be_signed_digest)
    with pytest.raises(SignatureRefused, match="no_room"):
        Pades().embed(ready, signature, lambda _imprint: tlv(0x30, bytes(40_000)))


def test_no_format_ever_takes_a_private_key() -> None:
    fields = set(PrepareRequest.__dataclass_fields__) | set(Prepared.__dataclass_fields__)
    assert not {name for name in fields if "key" in name}
    assert "rivate_key" not in inspect.getsource(formats_base)


def test_a_page_size_inherited_from_above_is_found() -> None:
    from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, pdf_name

    above = DictionaryObject({pdf_name("/MediaBox"): ArrayObject(map(NumberObject, (0, 0, 300, 400)))})
    view = page_view(DictionaryObject({pdf_name("/Parent"): above, pdf_name("/Rotate"): NumberObject(270)}))
    assert (view.width, view.height) == (400, 300)


@pytest.mark.parametrize("box", [(0, 0, 0, 0), (500, 100, 700, 200), (-20, 0, 50, 50), (10, 10, 10.5, 90)])
def test_a_picture_off_the_page_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(DocumentRefused, match="visible_box"):
        pdfs.sign(pdfs.plain(), shared_city(), visible=replace(PICTURE, box=box))


@pytest.mark.parametrize("page", [0, 3, -1])
def test_a_page_that_is_not_there_is_refused(page: int) -> None:
    with pytest.raises(DocumentRefused, match="visible_page"):
        pdfs.sign(pdfs.plain(), shared_city(), visible=replace(PICTURE, page=page))


@pytest.mark.parametrize("picture", [b"", b"GIF89a" + bytes(50), pdfs.handwriting()[:200], bytes(5 * 1024 * 1024)])
def test_a_bad_picture_is_refused(picture: bytes) -> None:
    with pytest.raises(DocumentRefused, match="picture"):
        pdfs.sign(pdfs.plain(), shared_city(), visible=replace(PICTURE, image_png=picture))


def test_the_little_der() -> None:
    assert oid("1.2.840.113549.1.7.2").hex() == "06092a864886f70d010702"
    assert [integer(value).hex() for value in (0, 127, 128, 256)] == ["020100", "02017f", "02020080", "02020100"]
    assert tlv(0x04, bytes(200))[:3].hex() == "0481c8"
    assert tlv(0x04, bytes(70_000))[:5].hex() == "0483011170"
