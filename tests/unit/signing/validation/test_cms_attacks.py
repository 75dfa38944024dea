"""Attacks on CMS signatures that are right in every way but one; named as in the table of attack classes."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from signing.formats.base import Level, PrepareRequest
from signing.formats.cms_build import write_signed, write_signer
from signing.formats.der import integer, octets, oid, sequence, set_of, tlv
from signing.validation.cms_parts import SignedParts, SignerParts, open_signed, open_signer
from signing.validation.indications import Indication, SubIndication
from signing.validation.report import Report
from tests import signing_cms as made
from tests.signing_acts import sign_message
from tests.signing_pki import NOW, issue, shared_city

PASSED = Indication.TOTAL_PASSED
FORMAT_FAILURE = (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE)
DATA = oid("1.2.840.113549.1.7.1")
CONTENT_TYPE, MESSAGE_DIGEST = oid("1.2.840.113549.1.9.3"), oid("1.2.840.113549.1.9.4")


def verdict(report: Report) -> tuple[Indication, SubIndication | None]:
    return report.indication, report.sub_indication


def parts_of(document: bytes) -> tuple[SignedParts, SignerParts]:
    parts = open_signed(document)
    return parts, open_signer(parts.signers[0])


def with_signer(parts: SignedParts, signer: SignerParts) -> bytes:
    return write_signed(replace(parts, signers=(write_signer(signer),)))


def signed_anew(change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    """A signature whose value fits signed attributes that were changed before signing."""
    city = shared_city()
    request = PrepareRequest(city.official.der, city.official.chain, NOW, level=Level.B_B)
    prepared = made.CADES.prepare(made.CONTENT, request)
    _parts, signer = parts_of(made.CADES.embed(prepared, b"\x00", None))
    attributes = set_of(change(children_of(signer.signed)))
    value = sign_message(city.official.key, "ES256", attributes)
    return made.CADES.embed(replace(prepared, signed_attributes=attributes), value, None)


def children_of(element: bytes) -> list[bytes]:
    from signing.validation.der_check import children

    return [part for _tag, part in children(element)]


def test_attributes_signed_before_are_no_content() -> None:
    """C1: the attributes of a signature, as the content of one without attributes: its value fits them."""
    parts, signer = parts_of(made.sign(level=Level.B_B))
    attributes = b"\x31" + signer.signed[1:]
    forged = replace(parts, content=attributes)
    bare = sequence(signer.version, signer.sid, signer.digest_algorithm, signer.signature_algorithm, signer.signature)
    document = rebuilt(forged, bare)
    assert verdict(made.verify(document)) == FORMAT_FAILURE


def rebuilt(parts: SignedParts, signer: bytes) -> bytes:
    """A SignedData around a signer that our own writer would not take."""
    body = sequence(
        parts.version,
        set_of(parts.digest_algorithms),
        sequence(parts.content_type, tlv(0xA0, octets(parts.content or b""))),
        set_of(parts.certificates, tag=0xA0),
        set_of((signer,)),
    )
    return sequence(oid("1.2.840.113549.1.7.2"), tlv(0xA0, body))


def test_signing_anew_is_right_to_begin_with() -> None:
    assert made.verify(signed_anew(list)).indication is PASSED
    parts, signer = parts_of(made.sign())
    assert made.verify(with_signer(parts, signer)).indication is PASSED
    assert made.verify(rebuilt(parts, write_signer(signer))).indication is PASSED


@pytest.mark.parametrize(
    "change",
    [
        lambda found: [one for one in found if MESSAGE_DIGEST not in one],
        lambda found: [one for one in found if CONTENT_TYPE not in one],
        lambda found: [*found, sequence(MESSAGE_DIGEST, tlv(0x31, octets(bytes(32))))],
        lambda found: [*found, sequence(CONTENT_TYPE, tlv(0x31, DATA))],
        lambda found: [
            *(one for one in found if CONTENT_TYPE not in one),
            sequence(CONTENT_TYPE, tlv(0x31, DATA, DATA)),
        ],
        lambda found: [
            *(one for one in found if CONTENT_TYPE not in one),
            sequence(CONTENT_TYPE, tlv(0x31, oid("1.2.840.113549.1.9.16.1.4"))),
        ],
        lambda found: [*found, sequence(oid("1.2.3.4"), tlv(0x31, octets(b"1"))), sequence(oid("1.2.3.4"), tlv(0x31))],
    ],
    ids=[
        "no-digest",
        "no-content-type",
        "two-digests",
        "two-content-types",
        "two-values",
        "other-content-type",
        "own-twice",
    ],
)
def test_each_attribute_is_there_once(change: Callable[[list[bytes]], list[bytes]]) -> None:
    """C2."""
    assert verdict(made.verify(signed_anew(change))) == FORMAT_FAILURE


def test_the_digest_inside_the_signature_algorithm_is_the_signers() -> None:
    """C3: ecdsa-with-SHA384 beside SHA-256; the value is made as the algorithm says."""
    city = shared_city()
    parts, signer = parts_of(made.sign(level=Level.B_B))
    stated = sequence(oid("1.2.840.10045.4.3.3"))
    kept = [one for one in children_of(signer.signed) if b"\x09\x34" not in one]
    attributes = set_of(kept)
    value = sign_message(city.official.key, "ES384", attributes)
    forged = replace(signer, signed=b"\xa0" + attributes[1:], signature_algorithm=stated, signature=octets(value))
    assert verdict(made.verify(with_signer(parts, forged))) == (
        Indication.TOTAL_FAILED,
        SubIndication.SIG_CRYPTO_FAILURE,
    )


def test_the_algorithms_under_the_signature_are_those_in_front_of_it() -> None:
    """C3: the attributes name RSA-PSS, the value is PKCS#1 v1.5 and fits in every other way (RFC 6211)."""
    holder = issue("Lê Thị Cúc", shared_city().issuing, key=rsa.generate_private_key(65537, 2048))
    request = PrepareRequest(holder.der, holder.chain, NOW, level=Level.B_B, algorithm="PS256")
    prepared = made.CADES.prepare(made.CONTENT, request)
    value = sign_message(holder.key, "RS256", prepared.signed_attributes)
    document = made.CADES.embed(replace(prepared, algorithm="RS256"), value, None)
    assert verdict(made.verify(document)) == FORMAT_FAILURE


def test_a_time_stamp_belongs_to_one_signature() -> None:
    """P14 for CMS: a stamp copied from another signature."""
    report = made.verify(made.transplant(made.sign(), made.sign(at=NOW + 1)))
    assert verdict(report) == (Indication.INDETERMINATE, SubIndication.SIG_CONSTRAINTS_FAILURE)
    assert report.signatures[0].time_source != "time-stamp"


def longer_length(document: bytes) -> bytes:
    """The outer length with a byte too many."""
    assert document[1] == 0x82
    return b"\x30\x83\x00" + document[2:]


def in_pieces(document: bytes) -> bytes:
    """The content as a constructed OCTET STRING."""
    parts = open_signed(document)
    content = parts.content or b""
    whole, pieces = tlv(0xA0, octets(content)), tlv(0xA0, tlv(0x24, octets(content[:9]), octets(content[9:])))
    return resized(document, whole, pieces)


def resized(document: bytes, old: bytes, new: bytes) -> bytes:
    """Replace an element of the encapsulated content and every length around it."""
    outer = children_of(document)
    data = children_of(children_of(outer[1])[0])
    data[2] = sequence(*children_of(data[2])[:1], new) if old else data[2]
    return sequence(outer[0], tlv(0xA0, sequence(*data)))


def long_serial(document: bytes) -> bytes:
    """The serial number by which the signer names his certificate, with a leading zero."""
    parts, signer = parts_of(document)
    issuer, serial = children_of(signer.sid)
    longer = tlv(0x02, b"\x00" + serial[2:])
    return with_signer(parts, replace(signer, sid=sequence(issuer, longer)))


@pytest.mark.parametrize(
    "spoil",
    [
        longer_length,
        in_pieces,
        long_serial,
        lambda document: document + b"\x00",
        lambda document: document + document,
        lambda document: document[:-1],
    ],
    ids=["longer-length", "in-pieces", "long-serial", "trailing", "twice", "cut"],
)
def test_there_is_one_way_to_write_it(spoil: Callable[[bytes], bytes]) -> None:
    """C5."""
    report = made.verify(spoil(made.sign()))
    assert report.indication is Indication.TOTAL_FAILED
    assert report.sub_indication is SubIndication.FORMAT_FAILURE


def test_too_many_signers_are_refused_quickly() -> None:
    parts, signer = parts_of(made.sign(level=Level.B_B))
    many = tuple(write_signer(replace(signer, signature=octets(integer(number)))) for number in range(200))
    assert verdict(made.verify(write_signed(replace(parts, signers=many)))) == FORMAT_FAILURE


def test_a_pdf_inside_a_signature_is_its_content() -> None:
    """What starts like CMS is judged as CMS, though readers of PDF search for their header further on."""
    from tests import signing_pdfs as pdfs

    report = made.verify(made.sign(pdfs.sign(pdfs.plain(), shared_city())))
    assert [one.format for one in report.signatures] == ["CAdES"]


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # altered certificates have odd serials
def test_no_bit_of_a_signature_file_can_be_changed_unnoticed() -> None:
    check_bits(1, 60)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_no_bit_of_a_signature_file_can_be_changed_unnoticed_at_length() -> None:
    check_bits(2, 250)


def check_bits(seed: int, rounds: int) -> None:
    """Content, both signers, the counter-signature, stamps and certificates: some bits of all."""
    chance = random.Random(seed)
    colleague = shared_city().person()
    document = made.counter(made.add(made.sign(), colleague), colleague)
    assert made.verify(document).indication is PASSED
    for _ in range(rounds):
        at, bit = chance.randrange(len(document)), chance.randrange(8)
        changed = bytearray(document)
        changed[at] ^= 1 << bit
        assert made.verify(bytes(changed)).indication is not PASSED, f"byte {at} bit {bit}"
