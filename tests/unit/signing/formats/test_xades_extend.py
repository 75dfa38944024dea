"""XAdES brought to T, LT and LTA, renewed, and what an archive time stamp proves."""

from __future__ import annotations

import copy

import pytest
from lxml import etree

from signing.errors import SigningError
from signing.formats.base import Level, Packaging
from signing.formats.xml_words import INCLUSIVE
from signing.validation.indications import Indication, SubIndication
from signing.validation.located import Beside
from tests import signing_xades as made
from tests.signing_pki import DAY, NOW, found_city, issue, shared_city
from tests.xml_forging import NAMES, altered, found

PASSED = Indication.TOTAL_PASSED
CONTENT = "Nội dung rời.".encode()
AT = NOW + 100


def names(document: bytes) -> list[str]:
    """Of the unsigned properties, in order."""
    path = "//x:UnsignedSignatureProperties/*"
    return [etree.QName(one).localname for one in etree.fromstring(document).xpath(path, namespaces=NAMES)]


@pytest.mark.parametrize("level", [Level.B_T, Level.B_LT, Level.B_LTA])
def test_each_level_holds_the_one_before(level: Level) -> None:
    document = made.extend(made.sign(level=Level.B_B), level)
    report = made.verify(document, moment=AT)
    assert (report.indication, report.signatures[0].level) == (PASSED, str(level))
    wanted = ["SignatureTimeStamp", "CertificateValues", "RevocationValues", "ArchiveTimeStamp"]
    assert names(document) == wanted[: {Level.B_T: 1, Level.B_LT: 3, Level.B_LTA: 4}[level]]


def test_levels_are_reached_step_by_step_or_at_once() -> None:
    city = shared_city()
    lists = (city.root.sign_crl(NOW, NOW + DAY), city.issuing.sign_crl(NOW, NOW + DAY))
    stepped = made.sign(level=Level.B_B)
    for level in (Level.B_T, Level.B_LT, Level.B_LTA):
        stepped = made.extend(stepped, level, lists=lists)
    at_once = made.extend(made.sign(level=Level.B_B), Level.B_LTA, lists=lists)
    assert names(stepped) == names(at_once)
    assert made.verify(stepped, moment=AT).signatures[0].level == "B-LTA"


@pytest.mark.parametrize("packaging", [Packaging.ATTACHED, Packaging.DETACHED])
def test_every_packaging_is_archived(packaging: Packaging) -> None:
    beside = Beside(content=CONTENT) if packaging is Packaging.DETACHED else Beside()
    document = made.sign(CONTENT, packaging=packaging)
    report = made.verify(made.extend(document, Level.B_LTA, beside=beside), moment=AT, beside=beside)
    assert (report.indication, report.signatures[0].level) == (PASSED, "B-LTA")


def test_an_archive_stamp_needs_the_content() -> None:
    document = made.sign(CONTENT, packaging=Packaging.DETACHED)
    assert made.extend(document, Level.B_LT)
    with pytest.raises(SigningError, match="no_content"):
        made.extend(document, Level.B_LTA)


def test_everybody_is_extended_and_counter_signatures_are_covered() -> None:
    person = shared_city().person()
    document = made.counter(made.add(made.sign(CONTENT, packaging=Packaging.ATTACHED), person), person)
    report = made.verify(made.extend(document, Level.B_LTA), moment=AT)
    assert report.indication is PASSED
    assert [one.level for one in report.signatures] == ["B-LTA", "B-LT", "B-LTA"]


def test_what_the_archive_stamp_covers_cannot_be_changed() -> None:
    document = made.extend(made.sign(), Level.B_LTA)
    for path in ("//x:RevocationValues", "//x:CertificateValues", "//x:SignatureTimeStamp"):

        def drop(root: etree._Element, gone: str = path) -> None:
            element = found(root, gone)
            element.getparent().remove(element)

        report = made.verify(altered(document, drop), moment=AT)
        assert report.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
        assert "archive_broken" in {one.code for one in report.signatures[0].findings}


def test_what_comes_behind_the_archive_stamp_is_not_covered() -> None:
    """A second one, copied behind, covers the first, and that it does not."""
    document = made.extend(made.sign(), Level.B_LTA)

    def again(root: etree._Element) -> None:
        (stamp,) = root.xpath("//*[local-name()='ArchiveTimeStamp']")
        stamp.addnext(copy.deepcopy(stamp))

    assert "archive_broken" in {
        one.code for one in made.verify(altered(document, again), moment=AT).signatures[0].findings
    }


def test_another_canonical_form_is_used_as_it_says() -> None:
    document = made.extend(made.sign(), Level.B_LTA)

    def other(root: etree._Element) -> None:
        (method,) = root.xpath("//*[local-name()='ArchiveTimeStamp']/d:CanonicalizationMethod", namespaces=NAMES)
        method.set("Algorithm", INCLUSIVE)

    assert made.verify(altered(document, other), moment=AT).indication is not PASSED


def test_a_time_stamp_of_another_signature_does_not_count() -> None:
    """T14: moved from one signature to another."""
    first, second = made.sign(level=Level.B_B), made.sign()
    taken = copy.deepcopy(found(etree.fromstring(second), "//x:UnsignedProperties"))
    forged = altered(first, lambda root: found(root, "//x:QualifyingProperties").append(taken))
    assert "stamp_broken" in {one.code for one in made.verify(forged).signatures[0].findings}


def test_unknown_unsigned_properties_show() -> None:
    def strange(root: etree._Element) -> None:
        etree.SubElement(found(root, "//x:UnsignedSignatureProperties"), "{urn:mine}Approved")

    report = made.verify(altered(made.sign(), strange))
    assert "unsigned_unknown" in {one.code for one in report.signatures[0].findings}
    assert report.indication is Indication.INDETERMINATE


def test_it_stays_valid_after_its_certificates_have_ended() -> None:
    """Renewed before the first time stamper's key ends, it is judged at the time that is proven."""
    city = found_city(not_after=NOW + 5 * DAY)
    document = made.extend(made.sign(city=city), Level.B_LTA, city=city)
    later = NOW + 300 * DAY
    young = issue("Cấp dấu thời gian mới", city.issuing, stamps=True, not_after=NOW + 3650 * DAY)
    renewed = made.extend(document, Level.B_LTA, city=city, at=later, tsu=young)
    assert names(renewed)[-1] == "ArchiveTimeStamp"
    lists = (city.root.sign_crl(later, later + 30 * DAY), city.issuing.sign_crl(later, later + 30 * DAY))
    report = made.verify(renewed, city=city, moment=later + 60, lists=lists)
    assert report.indication is PASSED, report.as_json()
    assert made.verify(made.sign(city=city), city=city, moment=later + 60, lists=()).indication is not PASSED
