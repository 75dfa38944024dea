"""JAdES on its way through the years: T, LT, LTA, renewal; what proves its age, and what does not."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

import pytest

from signing.errors import SigningError
from signing.flows.extend import ExtensionOrder, extend_document
from signing.flows.own_trust import TrustSource
from signing.formats.base import Level, Packaging, Statements
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from signing.validation.report import Report
from tests import signing_jws as made
from tests.signing_cms import CONTENT
from tests.signing_pki import DAY, NOW, City, Holder, found_city, issue, shared_city

PASSED, UNSURE = Indication.TOTAL_PASSED, Indication.INDETERMINATE
BESIDE = Beside(content=CONTENT)


def codes(report: Report) -> set[str]:
    return {found.code for signature in report.signatures for found in signature.findings}


@pytest.mark.parametrize("packaging", [Packaging.ATTACHED, Packaging.DETACHED, Packaging.COMPACT])
@pytest.mark.parametrize("level", [Level.B_T, Level.B_LT, Level.B_LTA])
def test_each_level_is_reached_and_named(level: Level, packaging: Packaging) -> None:
    beside = BESIDE if packaging is Packaging.DETACHED else ALONE
    document = made.extend(made.sign(level=Level.B_B, packaging=packaging), level, beside=beside)
    assert document.startswith(b"{")
    report = made.verify(document, moment=NOW + 120, beside=beside)
    assert (report.indication, report.signatures[0].level) == (PASSED, str(level))
    assert ("archive_usable" in codes(report)) == (level is Level.B_LTA)


def test_each_thing_stands_in_its_element() -> None:
    document = made.extend(made.sign(), Level.B_LTA)
    elements = [next(iter(one)) for one in made.unsigned(document)]
    assert elements == ["sigTst", "xVals", "rVals", "tstVD", "arcTst"]
    renewed = made.extend(document, Level.B_LTA, tsu=other_unit())
    assert [next(iter(one)) for one in made.unsigned(renewed)][5:] == ["rVals", "arcTst"]


@cache
def other_unit() -> Holder:
    return issue("Cấp dấu thời gian khác", shared_city().issuing, stamps=True)


def test_the_lower_levels_are_not_made_twice() -> None:
    document, city = made.sign(), shared_city()
    assert made.extend(document, Level.B_T) == document
    lists = tuple(holder.sign_crl(NOW + 30, NOW + 30 * DAY) for holder in (city.root, city.issuing))
    lasting = made.extend(document, Level.B_LT, lists=lists)
    assert made.extend(lasting, Level.B_LT, lists=lists) == lasting


def test_every_signature_is_extended() -> None:
    both = made.add(made.sign(), shared_city().person())
    report = made.verify(made.extend(both, Level.B_LTA), moment=NOW + 120)
    assert [(one.indication, one.level) for one in report.signatures] == [(PASSED, "B-LTA")] * 2


def test_a_counter_signature_under_an_archive_stamp_stays() -> None:
    person = shared_city().person()
    document = made.extend(made.counter(made.sign(), person), Level.B_LTA)
    report = made.verify(document, moment=NOW + 120)
    assert [one.indication for one in report.signatures] == [PASSED, PASSED]
    later = made.verify(made.counter(document, person, at=NOW + 90), moment=NOW + 120)
    assert [one.indication for one in later.signatures] == [PASSED] * 3
    with pytest.raises(SigningError) as refused:
        made.counter(document, person, (0, 0))  # it would change what the archive stamp covers
    assert refused.value.code == "already_archived"


def test_a_detached_signature_is_archived_with_its_content() -> None:
    document = made.sign(packaging=Packaging.DETACHED)
    with pytest.raises(SigningError) as refused:
        made.extend(document, Level.B_LTA)
    assert refused.value.code == "no_content"
    archived = made.extend(document, Level.B_LTA, beside=BESIDE)
    assert made.verify(archived, moment=NOW + 120, beside=BESIDE).indication is PASSED
    other = made.verify(archived, moment=NOW + 120, beside=Beside(content=b"another"))
    assert {"hash_mismatch", "archive_broken"} <= codes(other)


def test_elements_in_the_clear_are_read_and_not_archived() -> None:
    found = made.members(made.extend(made.sign(), Level.B_LT))
    clear = {**found, "header": {"etsiU": made.unsigned(made.write(found))}}
    report = made.verify(made.write(clear), moment=NOW + 120)
    assert (report.indication, report.signatures[0].level) == (PASSED, "B-LT")
    with pytest.raises(SigningError) as refused:
        made.extend(made.write(clear), Level.B_LTA)
    assert refused.value.code == "not_extendable"
    archived = made.members(made.extend(made.sign(), Level.B_LTA))
    clear = {**archived, "header": {"etsiU": made.unsigned(made.write(archived))}}
    assert "archive_broken" in codes(made.verify(made.write(clear), moment=NOW + 120))


def shuffled(document: bytes, change: Any) -> bytes:
    found = made.members(document)
    found["header"]["etsiU"] = change(found["header"]["etsiU"])
    return made.write(found)


@pytest.mark.parametrize(
    "change",
    [
        lambda all_of_it: [*all_of_it[1:-1], all_of_it[0], all_of_it[-1]],
        lambda all_of_it: [*all_of_it[:1], *all_of_it[2:]],
        lambda all_of_it: [all_of_it[0], *all_of_it],
        lambda all_of_it: [made.encoded(made.decoded(all_of_it[0]) + b" "), *all_of_it[1:]],
    ],
    ids=["order", "taken-out", "twice", "blank"],
)
def test_what_an_archive_stamp_covers_cannot_be_touched(change: Any) -> None:
    document = made.extend(made.sign(), Level.B_LTA)
    assert made.verify(document, moment=NOW + 120).indication is PASSED
    report = made.verify(shuffled(document, change), moment=NOW + 120)
    assert "archive_broken" in codes(report)
    assert report.indication is not PASSED


def test_an_archive_stamp_of_another_signature_fails() -> None:
    document, other = (made.extend(made.sign(at=at), Level.B_LTA) for at in (NOW, NOW + 1))
    stamp = made.members(other)["header"]["etsiU"][-1]
    report = made.verify(shuffled(document, lambda all_of_it: [*all_of_it[:-1], stamp]), moment=NOW + 120)
    assert "archive_broken" in codes(report)


# ── the years ────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def years() -> tuple[City, Holder, Holder, Holder]:
    """The certificates of the signer and of the first unit end after 20 days, the second unit's after 60."""
    city = found_city(not_after=NOW + 20 * DAY)
    city.tsu = issue("Cấp dấu thời gian 1", city.issuing, stamps=True, not_after=NOW + 20 * DAY)
    stamping = issue("CA dấu thời gian", city.root, authority=True)
    second = issue("Cấp dấu thời gian 2", stamping, stamps=True, not_after=NOW + 60 * DAY)
    return city, stamping, second, issue("Cấp dấu thời gian 3", stamping, stamps=True)


def lists_at(moment: int) -> tuple[bytes, ...]:
    city, stamping, _second, _third = years()
    return tuple(holder.sign_crl(moment - 30, moment + 30 * DAY) for holder in (city.root, city.issuing, stamping))


def extend(document: bytes, level: Level, at: int, tsu: Holder) -> bytes:
    return made.extend(document, level, city=years()[0], at=at, tsu=tsu, lists=lists_at(at))


def verify(document: bytes, moment: int) -> Report:
    return made.verify(document, city=years()[0], moment=moment, lists=lists_at(moment))


def test_what_an_archive_stamp_covers_outlives_its_certificates_and_renewal_carries_it_on() -> None:
    city, _stamping, second, third = years()
    document = made.sign(city=city, statements=Statements(stamp_content=lambda imprint: city.stamp(imprint, at=NOW)))
    lasting = extend(document, Level.B_LT, NOW + 3600, city.tsu)
    archived = extend(lasting, Level.B_LTA, NOW + 3600, second)
    renewed = extend(archived, Level.B_LTA, NOW + 50 * DAY, third)
    later, much_later = NOW + 45 * DAY, NOW + 100 * DAY
    assert verify(document, later).indication is UNSURE
    assert verify(lasting, later).indication is UNSURE  # P13: what nothing covers proves nothing
    report = verify(archived, later)
    assert (report.indication, report.signatures[0].signing_time) == (PASSED, NOW), report.as_json()
    assert verify(archived, much_later).indication is UNSURE
    assert verify(renewed, much_later).indication is PASSED


def test_data_behind_the_archive_stamp_is_not_proven() -> None:
    """The values moved behind the stamp: its imprint no longer fits."""
    city, _stamping, second, _third = years()
    archived = extend(made.sign(city=city), Level.B_LTA, NOW + 3600, second)
    moved = shuffled(archived, lambda all_of_it: [all_of_it[0], all_of_it[-1], *all_of_it[1:-1]])
    assert verify(archived, NOW + 45 * DAY).indication is PASSED
    assert verify(moved, NOW + 45 * DAY).indication is not PASSED


def test_values_added_after_the_archive_stamp_prove_nothing() -> None:
    """P13: the lists of the signer's authority stand behind the stamp, and nobody issues new ones."""
    city, stamping, second, _third = years()
    lasting = extend(made.sign(city=city), Level.B_LT, NOW + 3600, city.tsu)
    found = made.members(lasting)
    first, *values = found["header"]["etsiU"]
    over = f"{found['payload']}.{found['protected']}.{found['signature']}.{first}".encode()
    token = city.stamp(hashlib.sha256(over).digest(), at=NOW + 3600, tsu=second)
    stamp = made.encoded(made.write({"arcTst": {"tstTokens": [{"val": base64.b64encode(token).decode()}]}}))
    behind = made.write({**found, "header": {"etsiU": [first, stamp, *values]}})
    moment = NOW + 45 * DAY
    lists = tuple(holder.sign_crl(moment - 30, moment + DAY) for holder in (city.root, stamping))
    archived = extend(lasting, Level.B_LTA, NOW + 3600, second)
    assert made.verify(archived, city=city, moment=moment, lists=lists).indication is PASSED
    report = made.verify(behind, city=city, moment=moment, lists=lists)
    assert "archive_usable" in codes(report)
    assert report.indication is UNSURE


def test_the_flow_extends_and_checks() -> None:
    city = shared_city()
    at = NOW + 60
    lists = tuple(holder.sign_crl(at - 30, at + 30 * DAY) for holder in (city.root, city.issuing))
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), lists)

    def stamp(imprint: bytes) -> bytes:
        return city.stamp(imprint, at=at)

    order = ExtensionOrder(made.sign(), Level.B_LTA, at, own, stamp)
    assert made.verify(extend_document(order).content, moment=at + 60).signatures[0].level == "B-LTA"
    bad = made.write({**made.members(made.sign()), "payload": "YQ"})
    with pytest.raises(SigningError) as refused:
        extend_document(ExtensionOrder(bad, Level.B_LTA, at, own, stamp))
    assert refused.value.code == "not_extendable"
