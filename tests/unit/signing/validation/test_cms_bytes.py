"""
No byte of a signature value can be changed unnoticed, though most of it is not covered by the signature.

Found by this test when it was first run over every bit: an unsigned attribute set under another tag, and odd
parameters of a digest algorithm, were skipped by the parser.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import pytest

from signing.formats.pdf_locate import locate_signatures
from signing.validation.cms import CmsBroken, read_cms
from signing.validation.der_check import NotDer, check_der, children
from signing.validation.document_digests import DocumentDigests
from signing.validation.facts import Trust
from signing.validation.gather import gather
from signing.validation.indications import Indication
from signing.validation.judge import judge
from signing.validation.located import LocatedSignature
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, shared_city

pytestmark = pytest.mark.filterwarnings("ignore:Parsed a serial number")  # altered certificates have odd serials


@cache
def signed() -> tuple[bytes, LocatedSignature, Trust]:
    city = shared_city()
    document = pdfs.sign(pdfs.plain(), city)
    (located,) = locate_signatures(document)
    return document, located, Trust(tuple(city.anchors), (city.issuing.der,), tuple(city.crls), NOW + 60)


def passes(cms: bytes) -> bool:
    document, located, trust = signed()
    return (
        judge(gather(DocumentDigests(document), replace(located, cms=cms), trust)).verdict[0] is Indication.TOTAL_PASSED
    )


def with_change(at: int, change: int) -> bytes:
    cms = bytearray(signed()[1].cms)
    cms[at] ^= change
    return bytes(cms)


def check(changes: Iterable[tuple[int, int]]) -> None:
    for at, change in changes:
        assert not passes(with_change(at, change)), f"byte {at} ^ {change:#x}"


def test_unchanged_it_passes() -> None:
    assert passes(signed()[1].cms)


def test_some_bits_of_some_bytes() -> None:
    chance = random.Random(1)
    size = len(signed()[1].cms)
    check((chance.randrange(size), 1 << chance.randrange(8)) for _ in range(400))


@pytest.mark.slow
@pytest.mark.parametrize("bit", range(8))
def test_every_bit_of_every_byte(bit: int) -> None:
    check((at, 1 << bit) for at in range(len(signed()[1].cms)))


def test_unsigned_attributes_cannot_hide_under_another_tag() -> None:
    cms = signed()[1].cms
    stamp = read_cms(cms).stamps[0]
    at = cms.rindex(b"\xa1\x82", 0, cms.index(stamp))
    with pytest.raises(CmsBroken):
        read_cms(with_change(at, 0xA1 ^ 0xA2))


def test_a_digest_algorithm_takes_no_parameters() -> None:
    cms = signed()[1].cms
    at = cms.index(bytes.fromhex("06096086480165030402010500")) + 11
    with pytest.raises(CmsBroken):
        read_cms(read_stamp_with(at))


def read_stamp_with(at: int) -> bytes:
    """The time stamp with the tag of the NULL at `at` (an offset in the whole) exchanged."""
    cms = signed()[1].cms
    stamp = read_cms(cms).stamps[0]
    start = cms.index(stamp)
    out = bytearray(stamp)
    out[at - start] = 0x04
    return bytes(out)


@pytest.mark.parametrize(
    "data", ["", "30", "3080", "30800000", "308101ff", "3003020101ff", "30030201", "1f810100", "3084000000010000"]
)
def test_what_is_not_der(data: str) -> None:
    with pytest.raises(NotDer):
        check_der(bytes.fromhex(data))


def test_children_are_whole_elements() -> None:
    assert children(bytes.fromhex("3006020101040100")) == [
        (0x02, bytes.fromhex("020101")),
        (0x04, bytes.fromhex("040100")),
    ]
