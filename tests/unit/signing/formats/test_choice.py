"""Which formats a file can be signed in, by what is in it."""

from __future__ import annotations

import pytest

from signing.formats import FORMATS
from signing.formats.asic_container import Kind, pack
from signing.formats.base import Level, Packaging, PrepareRequest
from signing.formats.choice import BOX, CMS, FILE_TYPES, JSON, PDF, XML, formats_for, media_type_of, packaging_in
from tests.signing_pki import shared_city

DOCUMENT = b"<a>1</a>"


@pytest.mark.parametrize(
    ("content", "formats"),
    [
        (b"%PDF-1.7\n", (PDF,)),
        (DOCUMENT, (XML, BOX)),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", (XML, BOX)),
        (b"<a>", (BOX,)),
        (b"<!DOCTYPE a><a/>", (BOX,)),
        (b'{"a":1}', (JSON, BOX)),
        (b" [1]", (JSON, BOX)),
        (b'{"a":1,"a":2}', (BOX,)),
        (b'{"a":1},{"b":2}', (BOX,)),
        (b'1},"b":{', (BOX,)),
        (b"plain", (BOX,)),
        (b"PK\x03\x04 of an office program", (BOX,)),
        (pack(Kind.SIMPLE, [("a", b"1")]).write(), ("ASiC-S with CAdES",)),
        (pack(Kind.EXTENDED, [("a", b"1")]).write(), (BOX,)),
    ],
)
def test_a_file_is_known_by_its_content(content: bytes, formats: tuple[str, ...]) -> None:
    assert formats_for(content) == formats


def test_every_format_has_a_kind_of_file() -> None:
    assert set(FILE_TYPES) == {one.name for one in FORMATS}


def signed(name: str, packaging: Packaging) -> bytes:
    holder = shared_city().official
    form = next(one for one in FORMATS if one.name == name)
    request = PrepareRequest(holder.der, holder.chain, 1_764_000_000, Level.B_B, packaging=packaging)
    prepared = form.prepare(DOCUMENT, request)
    return form.embed(prepared, holder.sign(prepared.to_be_signed_digest), None)


@pytest.mark.parametrize(
    ("name", "first", "then"),
    [
        (XML, Packaging.ENVELOPED, Packaging.ENVELOPED),
        (XML, Packaging.ATTACHED, Packaging.BESIDE),
        (JSON, Packaging.ATTACHED, Packaging.BESIDE),
        (CMS, Packaging.ATTACHED, Packaging.BESIDE),
    ],
)
def test_a_signed_file_gets_one_more_signature(name: str, first: Packaging, then: Packaging) -> None:
    found = signed(name, first)
    assert formats_for(found) == (name, BOX)
    assert packaging_in(name, found) is then
    assert media_type_of(found) == FILE_TYPES[name].media_type
    assert packaging_in(BOX, found) is None


def test_what_nobody_has_signed_is_bytes() -> None:
    assert media_type_of(b"plain") == "application/octet-stream"
    assert packaging_in(JSON, b"{}") is None
