"""What may happen to a document after it was signed, and how it is reported."""

from __future__ import annotations

import hashlib
import io

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field, enumerate_sig_fields
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.validation.report import Report
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, shared_city


def verified(document: bytes) -> Report:
    city = shared_city()
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls))
    return verify_document(document, moment=NOW + 60, own=own)


def updated(document: bytes, writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(document)
    return out.getvalue()


def picture(content: bytes) -> generic.StreamObject:
    """The appearance of a field."""
    return generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): generic.ArrayObject(generic.NumberObject(number) for number in (0, 0, 200, 24)),
        },
        stream_data=content,
    )


def fill(document: bytes, value: str | None, look: bytes) -> bytes:
    """Set value and appearance of the text field `note`."""
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    fields = [entry.get_object() for entry in writer.root["/AcroForm"]["/Fields"]]
    field = next(entry for entry in fields if entry["/T"] == "note")
    if value is not None:
        field[pdf_name("/V")] = generic.TextStringObject(value)
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(picture(look))})
    writer.update_container(field)
    return updated(document, writer)


def with_security_store(document: bytes) -> bytes:
    out = io.BytesIO(document)
    city = shared_city()
    from asn1crypto import crl, x509

    DocumentSecurityStore.add_dss(
        out,
        sig_contents=None,
        certs=[x509.Certificate.load(city.issuing.der)],
        crls=[crl.CertificateList.load(der) for der in city.crls],
    )
    return out.getvalue()


def with_document_stamp(document: bytes, *, false: bool = False, drawn: bool = False) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    if drawn:
        append_signature_field(writer, SigFieldSpec("DauThoiGian", box=(50, 690, 550, 790)))
        _name, _value, reference = next(iter(enumerate_sig_fields(writer, with_name="DauThoiGian")))
        field = reference.get_object()
        field[pdf_name("/AP")] = generic.DictionaryObject(
            {pdf_name("/N"): writer.add_object(picture(b"0 0 99 9 re f"))}
        )
        writer.update_container(field)
    steps = PdfCMSEmbedder().write_cms(field_name="DauThoiGian", writer=writer)
    next(steps)
    placeholder = DocumentTimestamp(bytes_reserved=16384)
    assert placeholder["/SubFilter"] == SigSeedSubFilter.ETSI_RFC3161.value
    steps.send(SigObjSetup(sig_placeholder=placeholder))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
    digest = hashlib.sha256(b"false").digest() if false else prepared.document_digest
    steps.send(shared_city().stamp(digest))
    return bytes(output.getvalue())


def test_validation_data_may_follow() -> None:
    report = verified(with_security_store(pdfs.sign(pdfs.plain(), shared_city())))
    assert report.exit_code == 0
    assert report.signatures[0].changes == "validation-data"
    assert "changed_validation_data" in {found.code for found in report.signatures[0].findings}


def test_a_document_time_stamp_may_follow() -> None:
    report = verified(with_document_stamp(pdfs.sign(pdfs.plain(), shared_city())))
    assert report.exit_code == 0
    assert len(report.signatures) == 1
    (stamp,) = report.stamps
    assert (str(stamp.indication), stamp.signing_time) == ("TOTAL-PASSED", NOW)


def test_a_document_time_stamp_that_is_drawn_over_the_page_is_an_attack() -> None:
    """Nobody answers for a time stamp's looks: any authority's stamp could cover the text."""
    report = verified(with_document_stamp(pdfs.sign(pdfs.plain(), shared_city()), drawn=True))
    assert (str(report.indication), str(report.sub_indication)) == ("TOTAL-FAILED", "FORMAT_FAILURE")


def test_an_empty_field_for_the_next_signer_may_follow() -> None:
    signed = pdfs.sign(pdfs.plain(), shared_city())
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    append_signature_field(writer, SigFieldSpec("NguoiKyTiep", box=(300, 100, 450, 160)))
    report = verified(updated(signed, writer))
    assert report.exit_code == 0
    assert report.signatures[0].changes == "signatures"


def test_a_false_document_time_stamp_fails() -> None:
    report = verified(with_document_stamp(pdfs.sign(pdfs.plain(), shared_city()), false=True))
    assert (str(report.indication), str(report.sub_indication)) == ("TOTAL-FAILED", "SIG_CRYPTO_FAILURE")


def test_a_filled_field_is_said() -> None:
    signed = pdfs.sign(pdfs.with_form(), shared_city())
    report = verified(fill(signed, "đã nhận", b"BT ET"))
    assert report.exit_code == 0
    assert report.signatures[0].changes == "form-filling"
    said = next(found for found in report.signatures[0].findings if found.code == "changed_form")
    assert said.level == "WARN"
    assert "note" in said.text.vi


def test_a_field_with_another_look_but_the_same_value_is_a_shadow_attack() -> None:
    filled = fill(pdfs.with_form(), "1000", b"BT (1000) Tj ET")
    signed = pdfs.sign(filled, shared_city())
    assert verified(signed).exit_code == 0
    report = verified(fill(signed, None, b"BT (9000) Tj ET"))
    assert (str(report.indication), str(report.sub_indication)) == ("TOTAL-FAILED", "FORMAT_FAILURE")


@pytest.mark.parametrize("signatures", [3, 12])
def test_many_signatures_in_order(signatures: int) -> None:
    document = pdfs.plain()
    for number in range(signatures):
        document = pdfs.sign(document, shared_city(), at=NOW - signatures + number)
    report = verified(document)
    assert report.exit_code == 0
    assert [signature.signing_time for signature in report.signatures] == [
        NOW - signatures + number for number in range(signatures)
    ]


def test_signatures_on_compressed_files_too() -> None:
    signed = pdfs.sign(pdfs.sign(pdfs.compressed(), shared_city()), shared_city())
    assert verified(with_security_store(signed)).exit_code == 0
