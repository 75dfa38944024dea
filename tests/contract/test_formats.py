"""The suite every signature format joins by standing in FORMATS; it needs an entry in SAMPLES."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from docs.sources import formats
from signing.errors import SigningError
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats import FORMATS
from signing.formats.asic_container import Kind, pack
from signing.formats.base import ExtensionSources, Format, Level, Packaging, PrepareRequest, ValidationData
from signing.formats.paused import put_aside, take_up
from signing.validation.indications import Indication
from signing.validation.located import Coverage
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, shared_city

SAMPLES: dict[str, Callable[[], list[bytes]]] = {
    "PAdES": lambda: [pdfs.plain(), pdfs.scanned(), pdfs.compressed(), pdfs.with_form()],
    "CAdES": lambda: [b"plain words", bytes(range(256)) * 300, pdfs.plain()],
    "XAdES": lambda: [b"<a/>", "<?xml version='1.0'?>\n<công-văn số='1'>Huế</công-văn>\n".encode()],
    "JAdES": lambda: [b"plain words", bytes(range(256)) * 300, b'{"a": 1}'],
    "ASiC-S with CAdES": lambda: [b"plain words", bytes(range(256)) * 300, pdfs.plain()],
    "ASiC-S with XAdES": lambda: [b"plain words", bytes(range(256)) * 300, pdfs.plain()],
    "ASiC-E with XAdES": lambda: [
        b"plain words",
        pdfs.plain(),
        pack(Kind.EXTENDED, [("a", b"1"), ("b", b"2")]).write(),
    ],
    "ASiC-E with CAdES": lambda: [
        b"plain words",
        pdfs.plain(),
        pack(Kind.EXTENDED, [("a", b"1"), ("b", b"2")]).write(),
    ],
}
COVERAGE = {
    "PAdES": Coverage.WHOLE_FILE,
    "CAdES": Coverage.ENCLOSED,
    "XAdES": Coverage.WHOLE_FILE,
    "JAdES": Coverage.ENCLOSED,
    "ASiC-S with CAdES": Coverage.CONTAINER,
    "ASiC-E with CAdES": Coverage.CONTAINER,
    "ASiC-S with XAdES": Coverage.CONTAINER,
    "ASiC-E with XAdES": Coverage.CONTAINER,
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


def test_the_page_of_formats_has_all_of_them() -> None:
    """docs/formats.md: `python -m tests.interop.run matrix` where a format is new."""
    assert formats.missing() == []


@every_format
def test_it_recognises_its_signatures_and_no_other(signature_format: Format) -> None:
    for sample in SAMPLES[signature_format.name]():
        document = signed(signature_format, sample)
        assert [entry.name for entry in FORMATS if entry.recognises(document)] == [signature_format.name]
    assert not signature_format.recognises(b"plain words")
    assert not signature_format.recognises(b"")


@every_format
def test_what_it_signs_verifies(signature_format: Format) -> None:
    for level in signature_format.signing_levels:
        for sample in SAMPLES[signature_format.name]():
            document = signed(signature_format, sample, level)
            assert verdict(document) is Indication.TOTAL_PASSED
            (found,) = signature_format.locate(document)
            wanted = (1, COVERAGE[signature_format.name], signature_format.name)
            assert (found.position, found.coverage, found.format) == wanted


@every_format
def test_levels_are_in_order_and_what_is_not_reached_is_refused(signature_format: Format) -> None:
    order = list(Level)
    assert list(signature_format.signing_levels) == order[: len(signature_format.signing_levels)]
    sources = ExtensionSources(shared_city().stamp, lambda _certificate, _embedded: ValidationData())
    document = signed(signature_format, SAMPLES[signature_format.name]()[0])
    for level in set(order) - set(signature_format.extension_levels):
        with pytest.raises(SigningError) as refused:
            signature_format.extend(document, level, sources)
        assert refused.value.code == "level_unsupported"


@every_format
def test_there_is_a_usual_packaging(signature_format: Format) -> None:
    assert len(set(signature_format.packagings)) == len(signature_format.packagings) > 0


@every_format
def test_prepared_tells_what_was_approved_and_what_is_signed(signature_format: Format) -> None:
    sample = SAMPLES[signature_format.name]()[0]
    prepared = signature_format.prepare(sample, request_for(Level.B_T))
    assert prepared.document_digest == hashlib.sha256(sample).hexdigest()
    assert prepared.to_be_signed_digest == hashlib.sha256(prepared.signed_attributes).digest()
    assert prepared.format == signature_format.name


@every_format
def test_what_is_put_aside_is_taken_up_again_as_it_was(signature_format: Format) -> None:
    for sample in SAMPLES[signature_format.name]():
        prepared = signature_format.prepare(sample, request_for(Level.B_T))
        assert take_up(put_aside(prepared), sample) == prepared
        with pytest.raises(SigningError):
            take_up(put_aside(prepared), sample + b" ")


@every_format
def test_an_unsigned_document_has_no_signatures(signature_format: Format) -> None:
    for sample in SAMPLES[signature_format.name]():
        assert told(signature_format, sample)


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
    if Packaging.ENVELOPED in signature_format.packagings or not rubbish:
        with pytest.raises(SigningError):
            signature_format.prepare(rubbish, request_for(Level.B_B))
    assert told(signature_format, rubbish)


def told(signature_format: Format, rubbish: bytes) -> bool:
    """Whether locating says in both languages what is wrong, or finds nothing."""
    try:
        return signature_format.locate(rubbish) == []
    except SigningError as error:
        return bool(error.vi and error.en)
