"""The suite every signature format joins by standing in FORMATS; it needs an entry in SAMPLES."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from signing.errors import SigningError
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats import FORMATS
from signing.formats.base import Format, Level, PrepareRequest
from signing.validation.indications import Indication
from signing.validation.located import Coverage
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, shared_city

SAMPLES: dict[str, Callable[[], list[bytes]]] = {
    "PAdES": lambda: [pdfs.plain(), pdfs.scanned(), pdfs.compressed(), pdfs.with_form()],
}
every_format = pytest.mark.parametrize("signature_format", FORMATS, ids=lambda entry: entry.name)


def request_for(level: Level) -> PrepareRequest:
    city = shared_city()
    return PrepareRequest(city.official.der, city.official.chain, NOW, level=level)


def signed(signature_format: Format, document: bytes, level: Level = Level.B_T) -> bytes:
    city = shared_city()
    prepared = signature_format.prepare(document, request_for(level))
    return signature_format.embed(prepared, city.official.sign(prepared.to_be_signed_digest), city.stamp)


def verdict(document: bytes) -> Indication:
    city = shared_city()
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls))
    return verify_document(document, moment=NOW + 60, own=own).indication


def test_names_are_unique_and_have_samples() -> None:
    names = [entry.name for entry in FORMATS]
    assert len(set(names)) == len(names)
    assert set(names) <= set(SAMPLES)


@every_format
def test_it_recognises_its_documents_and_no_other(signature_format: Format) -> None:
    for sample in SAMPLES[signature_format.name]():
        assert [entry.name for entry in FORMATS if entry.recognises(sample)] == [signature_format.name]
    assert not signature_format.recognises(b"plain words")
    assert not signature_format.recognises(b"")


@every_format
@pytest.mark.parametrize("level", Level)
def test_what_it_signs_verifies(signature_format: Format, level: Level) -> None:
    for sample in SAMPLES[signature_format.name]():
        document = signed(signature_format, sample, level)
        assert verdict(document) is Indication.TOTAL_PASSED
        (found,) = signature_format.locate(document)
        assert (found.position, found.coverage, found.format) == (1, Coverage.WHOLE_FILE, signature_format.name)


@every_format
def test_prepared_tells_what_was_approved_and_what_is_signed(signature_format: Format) -> None:
    sample = SAMPLES[signature_format.name]()[0]
    prepared = signature_format.prepare(sample, request_for(Level.B_T))
    assert prepared.document_digest == hashlib.sha256(sample).hexdigest()
    assert prepared.to_be_signed_digest == hashlib.sha256(prepared.signed_attributes).digest()
    assert prepared.format == signature_format.name


@every_format
def test_an_unsigned_document_has_no_signatures(signature_format: Format) -> None:
    for sample in SAMPLES[signature_format.name]():
        assert signature_format.locate(sample) == []


@every_format
def test_another_signature_value_does_not_verify(signature_format: Format) -> None:
    city = shared_city()
    prepared = signature_format.prepare(SAMPLES[signature_format.name]()[0], request_for(Level.B_B))
    foreign = city.official.sign(hashlib.sha256(b"something else").digest())
    assert verdict(signature_format.embed(prepared, foreign, None)) is Indication.TOTAL_FAILED


@every_format
def test_level_t_without_a_stamp_is_an_error(signature_format: Format) -> None:
    prepared = signature_format.prepare(SAMPLES[signature_format.name]()[0], request_for(Level.B_T))
    with pytest.raises(SigningError):
        signature_format.embed(prepared, shared_city().official.sign(prepared.to_be_signed_digest), None)


@every_format
@pytest.mark.parametrize(
    "rubbish", [b"", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", b"%PDF-" + bytes(2000), b"/ByteRange [0 1 2 3]"]
)
def test_rubbish_is_a_typed_error_or_no_signature(signature_format: Format, rubbish: bytes) -> None:
    with pytest.raises(SigningError):
        signature_format.prepare(rubbish, request_for(Level.B_B))
    assert told(signature_format, rubbish)


def told(signature_format: Format, rubbish: bytes) -> bool:
    """Whether locating says in both languages what is wrong, or finds nothing."""
    try:
        return signature_format.locate(rubbish) == []
    except SigningError as error:
        return bool(error.vi and error.en)
