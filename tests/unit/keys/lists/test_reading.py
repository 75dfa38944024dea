"""What lists say, and whom they let us trust when."""

from __future__ import annotations

from typing import Any

import pytest

from keys.errors import KeyRefused
from keys.trust.lists import words
from keys.trust.lists.acceptance import Held, check_current, check_follows
from keys.trust.lists.anchors import approved, listed_anchors
from keys.trust.lists.enveloped import verify_list
from keys.trust.lists.facts import Spell, TrustList
from keys.trust.lists.reading import read_content, read_list
from keys.trust.lists.strict_xml import canonical
from keys.trust.lists.writing import write_list
from tests.signing_pki import DAY, NOW, shared_city
from tests.trust_lists import PAGE, service, shared_operator, the_list

WITHDRAWN = words.GRANTED.replace("granted", "withdrawn")
YEAR = 365 * DAY


def read_back(found: TrustList) -> TrustList:
    operator = shared_operator()
    return read_list(verify_list(operator.publishes(found), [operator.der], at=NOW))


def test_what_is_written_is_read() -> None:
    history = service((WITHDRAWN, NOW - DAY), (words.GRANTED, NOW - YEAR))
    for found in (the_list(), the_list(history, version=5), the_list(next_update=None)):
        assert read_back(found) == found


@pytest.mark.parametrize("version", [1, 4, 7])
def test_another_schema(version: int) -> None:
    with pytest.raises(KeyRefused, match="trust_list_refused"):
        read_back(the_list(version=version))


def test_a_history_out_of_order() -> None:
    with pytest.raises(KeyRefused, match="trust_list_refused"):
        read_back(the_list(service((words.GRANTED, NOW - YEAR), (WITHDRAWN, NOW))))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TSLSequenceNumber", "-1"),
        ("TSLSequenceNumber", "9" * 13),
        ("TSLSequenceNumber", "٣"),
        ("ListIssueDateTime", "soon"),
        ("StatusStartingTime", "9999-99-99T00:00:00Z"),
        ("X509Certificate", "===="),
    ],
)
def test_odd_words(name: str, text: str) -> None:
    root: Any = write_list(the_list(), information=PAGE, city="Hà Nội")
    next(root.iter(f"{{{words.TSL}}}{name}")).text = text
    with pytest.raises(KeyRefused, match="trust_list_refused"):
        read_content(canonical(root))


class TestPeriods:
    def test_granted_until_withdrawn(self) -> None:
        spells = (Spell(WITHDRAWN, 300), Spell(words.GRANTED, 100))
        assert approved(spells, until=1000) == ((100, 300),)

    def test_granted_twice(self) -> None:
        spells = (Spell(words.GRANTED, 500), Spell(WITHDRAWN, 300), Spell(words.RECOGNISED, 100))
        assert approved(spells, until=1000) == ((100, 300), (500, 1000))

    def test_withdrawn_now_and_unknown_words(self) -> None:
        assert approved((Spell(WITHDRAWN, 100),), until=1000) == ()
        assert approved((Spell("http://example.vn/granted", 100),), until=1000) == ()

    def test_nothing_after_the_end_of_the_list(self) -> None:
        assert approved((Spell(words.GRANTED, 2000),), until=1000) == ()
        assert approved((Spell(WITHDRAWN, 3000), Spell(words.GRANTED, 100)), until=1000) == ((100, 1000),)


class TestAnchors:
    def test_an_authority(self) -> None:
        assert listed_anchors(the_list(), until=NOW) == {shared_city().root.der: ((NOW - YEAR, NOW),)}

    def test_the_same_in_two_services(self) -> None:
        two = the_list(service(), service((words.GRANTED, NOW - 10), kind=words.TIME_STAMPS))
        assert listed_anchors(two, until=NOW)[shared_city().root.der] == ((NOW - YEAR, NOW), (NOW - 10, NOW))

    @pytest.mark.parametrize("kind", [words.OCSP, "http://uri.etsi.org/TrstSvc/Svctype/IdV", ""])
    def test_services_that_neither_certify_nor_stamp(self, kind: str) -> None:
        assert listed_anchors(the_list(service(kind=kind)), until=NOW) == {}

    def test_a_person_is_nobodys_anchor(self) -> None:
        leaf = service(certificate=shared_city().official.der)
        assert listed_anchors(the_list(leaf, service(certificate=b"junk")), until=NOW) == {}

    def test_a_stamping_unit_stands_for_stamps_only(self) -> None:
        unit = shared_city().tsu.der
        stamps = the_list(service(certificate=unit, kind=words.TIME_STAMPS))
        assert set(listed_anchors(stamps, until=NOW)) == {unit}
        assert listed_anchors(the_list(service(certificate=unit)), until=NOW) == {}


class TestAcceptance:
    HELD = Held(7, NOW - 3600, "a" * 64)

    def test_expired(self) -> None:
        for changes in ({"next_update": NOW}, {"next_update": None}, {"issued": NOW + DAY}):
            with pytest.raises(KeyRefused, match="trust_list_refused"):
                check_current(the_list(**changes), now=NOW)
        check_current(the_list(), now=NOW)

    def test_numbers_only_rise(self) -> None:
        assert check_follows(the_list(sequence=8), "b" * 64, self.HELD)
        assert not check_follows(the_list(), "a" * 64, self.HELD)
        for new, digest in ((the_list(sequence=6), "b" * 64), (the_list(), "b" * 64)):
            with pytest.raises(KeyRefused, match="trust_list_refused"):
                check_follows(new, digest, self.HELD)

    def test_the_issue_is_never_older(self) -> None:
        with pytest.raises(KeyRefused, match="trust_list_refused"):
            check_follows(the_list(sequence=8, issued=NOW - 2 * DAY), "b" * 64, self.HELD)
