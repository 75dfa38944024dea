"""OCSP answers in CAdES signatures: collected when extending, kept (RFC 5940), under the archive time stamp."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from signing.flows.extend import ExtensionOrder, extend_document
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import Level
from signing.formats.cades_extend import _response
from signing.formats.cms_build import write_signed
from signing.validation.cms import read_cms
from signing.validation.cms_parts import open_signed
from signing.validation.indications import Indication
from signing.validation.report import Report
from tests import signing_cms as made
from tests import signing_ocsp as ocsp
from tests.signing_pki import DAY, NOW, City, found_city, shared_city


def own_of(city: City, *data: bytes) -> TrustSource:
    return TrustSource(tuple(city.anchors), (city.issuing.der,), data)


def extended(city: City, document: bytes, level: Level, *, at: int = NOW + 60) -> bytes:
    """With what is at hand: a list for the authority, answers for people and time-stamping units."""
    answers = (ocsp.answer(one, city.issuing, at=at - 30, until=at + DAY) for one in (city.official, city.tsu))
    own = own_of(city, city.root.sign_crl(at - 30, at + DAY), *answers)
    order = ExtensionOrder(document, level, at, own, lambda imprint: city.stamp(imprint, at=at))
    return extend_document(order).content


def verified(city: City, document: bytes, moment: int, *data: bytes) -> Report:
    return verify_document(document, moment=moment, own=own_of(city, *data))


def codes(report: Report) -> set[str]:
    return {found.code for signature in report.signatures for found in signature.findings}


def test_answers_that_were_collected_are_inside() -> None:
    city = shared_city()
    lasting = extended(city, made.sign(), Level.B_LT)
    facts = read_cms(lasting, (0,))
    assert (len(facts.answers), len(facts.lists), facts.other_revocation) == (2, 1, 0)
    report = verified(city, lasting, NOW + 120)
    assert report.indication is Indication.TOTAL_PASSED
    assert report.signatures[0].level == "B-LT"


def test_the_archive_keeps_them_when_they_have_grown_old() -> None:
    city = found_city()
    archived = extended(city, made.sign(city=city), Level.B_LTA)
    later = NOW + 30 * DAY
    fresh = [one.sign_crl(later - 60, later + DAY) for one in (city.root, city.issuing)]
    assert verified(city, archived, later, *fresh).indication is Indication.TOTAL_PASSED
    city.issuing.revoke(city.official, NOW + 10 * DAY)
    since = [one.sign_crl(later - 60, later + DAY) for one in (city.root, city.issuing)]
    assert verified(city, archived, later, *since).indication is Indication.TOTAL_PASSED


def planted(city: City) -> dict[str, Callable[[], bytes]]:
    stranger = found_city()
    return {
        "of a stranger": lambda: ocsp.answer(stranger.official, stranger.issuing),
        "by a stranger": lambda: ocsp.answer(city.official, city.issuing, by=ocsp.delegate(stranger.issuing)),
        "no answer": lambda: ocsp.not_successful(),
    }


@pytest.mark.parametrize("name", ["of a stranger", "by a stranger", "no answer"])
def test_a_planted_answer_is_noticed(name: str) -> None:
    """P13 for CMS: it is not under the signature, so whatever nobody vouches for must show."""
    city = shared_city()
    parts = open_signed(extended(city, made.sign(), Level.B_LT))
    answer = planted(city)[name]()
    changed = write_signed(replace(parts, lists=(*parts.lists, _response(answer))))
    report = verified(city, changed, NOW + 120)
    assert report.indication is Indication.INDETERMINATE
    assert "certificate_stray" in codes(report)


def test_no_bit_of_a_lasting_signature_can_be_changed_unnoticed() -> None:
    city, chance = shared_city(), random.Random(5)
    document = extended(city, made.sign(), Level.B_LT)
    begin = min(document.index(answer) for answer in read_cms(document, (0,)).answers)
    end = max(document.index(answer) + len(answer) for answer in read_cms(document, (0,)).answers)
    for _ in range(120):
        at, bit = chance.randrange(begin - 40, end), chance.randrange(8)
        changed = bytearray(document)
        changed[at] ^= 1 << bit
        report = verified(city, bytes(changed), NOW + 120, *city.crls)
        assert report.indication is not Indication.TOTAL_PASSED, f"byte {at} bit {bit}"
