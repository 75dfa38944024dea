"""PAdES on its way through the years: T, LT, LTA, renewal; what proves its age, and what does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from signing.errors import SigningError
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats import pdf_document_stamp
from signing.formats.base import ExtensionSources, Level, ValidationData
from signing.formats.pades import Pades
from signing.formats.pdf_graph import Graph
from signing.formats.pdf_scan import Unusual
from signing.formats.pdf_store import read_store
from signing.validation.indications import Indication
from signing.validation.report import Report
from tests import signing_pdfs as pdfs
from tests.signing_pki import DAY, NOW, City, Holder, found_city, issue, shared_city
from tests.vectors.pdf_attacks.surgery import append_objects, object_of

PASSED, FAILED, UNSURE = Indication.TOTAL_PASSED, Indication.TOTAL_FAILED, Indication.INDETERMINATE
LEVELS = (Level.B_T, Level.B_LT, Level.B_LTA)
SAMPLES: dict[str, Callable[[], bytes]] = {
    "plain": pdfs.plain,
    "with a form": pdfs.with_form,
    "compressed": pdfs.compressed,
    "scanned": pdfs.scanned,
}


def extend(document: bytes, level: Level, **options: object) -> bytes:
    return pdfs.extend(document, level, **options)  # type: ignore[arg-type]  # options of extend()


def verify(document: bytes, moment: int = NOW + 120, lists: tuple[bytes, ...] | None = None) -> Report:
    city = shared_city()
    own = TrustSource(tuple(city.anchors), (), tuple(city.crls if lists is None else lists))
    report = verify_document(document, moment=moment, own=own)
    assert not any(found.code == "internal" for found in report.findings)
    return report


def levels(report: Report) -> list[str]:
    return [one.level for one in report.signatures]


def codes(report: Report) -> set[str]:
    return {found.code for one in (*report.signatures, *report.stamps) for found in one.findings}


@cache
def signed() -> bytes:
    return pdfs.sign(pdfs.plain(), shared_city())


@cache
def lasting() -> bytes:
    return extend(signed(), Level.B_LT)


@cache
def archived() -> bytes:
    return extend(signed(), Level.B_LTA)


# ── each level ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("first", [Level.B_B, Level.B_T])
@pytest.mark.parametrize("name", SAMPLES)
def test_each_level_is_reached_and_named(name: str, first: Level) -> None:
    document = pdfs.sign(SAMPLES[name](), shared_city(), level=first)
    for level in LEVELS:
        extended = extend(document, level)
        assert extended.startswith(document)
        report = verify(extended)
        assert (report.indication, levels(report)) == (PASSED, [str(level)])
        assert "no_stamp" not in codes(report)
        assert report.signatures[0].time_source == "time-stamp"
        stamps = (first is Level.B_B) + (level is Level.B_LTA)
        assert [stamp.indication for stamp in report.stamps] == [PASSED] * stamps


def test_the_lower_levels_are_not_made_twice() -> None:
    assert extend(signed(), Level.B_T) == signed()
    store = read_store(Graph(lasting())).data()
    assert extend(lasting(), Level.B_LT, lists=store.lists) == lasting()


def test_a_document_with_several_signatures() -> None:
    both = pdfs.sign(signed(), shared_city(), shared_city().person(), level=Level.B_B)
    assert levels(verify(both)) == ["B-T", "B-B"]
    report = verify(extend(both, Level.B_LTA))
    assert (report.indication, levels(report)) == (PASSED, ["B-LTA", "B-LTA"])


def test_a_signature_after_the_archive_stamp() -> None:
    """It stands at its own level, and those before it stay where they are; one more extension lifts it too."""
    later = pdfs.sign(archived(), shared_city(), shared_city().person(), at=NOW + 90)
    assert levels(verify(later)) == ["B-LTA", "B-LT"]  # the store serves it already
    report = verify(extend(later, Level.B_LTA, at=NOW + 100))
    assert (report.indication, levels(report)) == (PASSED, ["B-LTA", "B-LTA"])


def test_values_are_kept_once() -> None:
    renewed = extend(archived(), Level.B_LTA, at=NOW + 70, lists=read_store(Graph(archived())).data().lists)
    values = read_store(Graph(renewed)).values
    assert len({one.der for one in values}) == len(values) == 6
    assert len(verify(renewed).stamps) == 2


def test_what_is_not_plain_goes_the_way_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def unusual(*_: object) -> None:
        raise Unusual("for the test")

    monkeypatch.setattr(pdf_document_stamp, "Graph", unusual)
    for sample in (pdfs.plain(), pdfs.compressed()):
        document = pdfs.sign(sample, shared_city(), level=Level.B_B)
        extended = extend(document, Level.B_LTA)
        assert extended.startswith(document)
        report = verify(extended)
        assert (report.indication, levels(report), len(report.stamps)) == (PASSED, ["B-LTA"], 2)
        renewed = verify(extend(extended, Level.B_LTA, at=NOW + 70))
        assert (renewed.indication, len(renewed.stamps)) == (PASSED, 3)


def test_a_token_larger_than_foreseen_gets_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_document_stamp, "FIRST_ROOM", 100)
    assert levels(verify(extend(signed(), Level.B_LTA))) == ["B-LTA"]


# ── the years ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Years:
    """The certificates of the signer and of the first unit end after 20 days, the second unit's after 60."""

    city: City
    stamping: Holder
    second: Holder
    third: Holder

    def lists(self, moment: int) -> tuple[bytes, ...]:
        holders = (self.city.root, self.city.issuing, self.stamping)
        return tuple(holder.sign_crl(moment - 30, moment + 30 * DAY) for holder in holders)

    def extend(self, document: bytes, level: Level, at: int, tsu: Holder) -> bytes:
        return extend(document, level, city=self.city, at=at, tsu=tsu, lists=self.lists(at))

    def verify(self, document: bytes, moment: int, lists: tuple[bytes, ...] | None = None) -> Report:
        own = TrustSource(tuple(self.city.anchors), (), self.lists(moment) if lists is None else lists)
        return verify_document(document, moment=moment, own=own)


def years() -> Years:
    city = found_city(not_after=NOW + 20 * DAY)
    city.tsu = issue("Cấp dấu thời gian 1", city.issuing, stamps=True, not_after=NOW + 20 * DAY)
    stamping = issue("CA dấu thời gian", city.root, authority=True)
    second = issue("Cấp dấu thời gian 2", stamping, stamps=True, not_after=NOW + 60 * DAY)
    third = issue("Cấp dấu thời gian 3", stamping, stamps=True)
    return Years(city, stamping, second, third)


@cache
def quiet_years() -> Years:
    return years()


def test_what_a_document_stamp_covers_outlives_its_certificates() -> None:
    time = quiet_years()
    document = pdfs.sign(pdfs.plain(), time.city)
    kept = time.extend(document, Level.B_LT, NOW + 3600, time.city.tsu)
    sealed = time.extend(kept, Level.B_LTA, NOW + 3600, time.second)
    later = NOW + 45 * DAY
    assert time.verify(document, later).indication is UNSURE
    assert time.verify(kept, later).indication is UNSURE  # P13: what nothing covers proves nothing
    report = time.verify(sealed, later)
    assert (report.indication, report.signatures[0].signing_time) == (PASSED, NOW), report.as_json()


def test_a_document_stamp_without_data_before_it_is_not_enough() -> None:
    """The order counts: the data came after the stamp, so nothing shows that it is old."""
    time = quiet_years()
    document = pdfs.sign(pdfs.plain(), time.city, level=Level.B_B)
    stamped = time.extend(document, Level.B_T, NOW + 3600, time.second)
    kept = time.extend(stamped, Level.B_LT, NOW + 3600, time.second)
    assert levels(time.verify(kept, NOW + 3700)) == ["B-LT"]
    later = NOW + 45 * DAY
    lists = (time.city.root.sign_crl(later - 30, later + DAY), time.stamping.sign_crl(later - 30, later + DAY))
    assert time.verify(kept, later, lists).indication is UNSURE
    sealed = time.extend(kept, Level.B_LTA, NOW + 7200, time.second)
    assert time.verify(sealed, later, lists).indication is PASSED


def test_renewal_carries_it_on() -> None:
    time = quiet_years()
    sealed = time.extend(pdfs.sign(pdfs.plain(), time.city), Level.B_LTA, NOW + 3600, time.second)
    renewed = time.extend(sealed, Level.B_LTA, NOW + 50 * DAY, time.third)
    later = NOW + 100 * DAY
    assert time.verify(sealed, later).indication is UNSURE
    report = time.verify(renewed, later)
    assert (report.indication, report.signatures[0].signing_time) == (PASSED, NOW), report.as_json()
    assert [stamp.indication for stamp in report.stamps] == [PASSED, PASSED]


def test_the_lists_inside_are_enough_for_the_past() -> None:
    time = quiet_years()
    sealed = time.extend(pdfs.sign(pdfs.plain(), time.city), Level.B_LTA, NOW + 3600, time.second)
    later = NOW + 45 * DAY
    lists = (time.city.root.sign_crl(later - 30, later + DAY), time.stamping.sign_crl(later - 30, later + DAY))
    report = time.verify(sealed, later, lists)
    assert (report.indication, "settled_by_archive" in codes(report)) == (PASSED, True), codes(report)
    assert time.verify(sealed, later, lists[:1]).indication is UNSURE


def test_renewal_does_without_lists_that_nobody_issues_any_more() -> None:
    time = quiet_years()
    sealed = time.extend(pdfs.sign(pdfs.plain(), time.city), Level.B_LTA, NOW + 3600, time.second)
    at = NOW + 50 * DAY
    known = (time.city.root.sign_crl(at - 30, at + 60 * DAY), time.stamping.sign_crl(at - 30, at + 60 * DAY))
    renewed = extend(sealed, Level.B_LTA, city=time.city, at=at, tsu=time.third, lists=known, strict=True)
    assert time.verify(renewed, at + 60, known).indication is PASSED
    with pytest.raises(SigningError):
        extend(pdfs.sign(pdfs.plain(), time.city), Level.B_LT, city=time.city, at=at, lists=known, strict=True)


@pytest.mark.parametrize(("revoked_at", "verdict"), [(NOW + 10 * DAY, PASSED), (NOW - DAY, UNSURE)])
def test_a_signer_who_was_revoked(revoked_at: int, verdict: Indication) -> None:
    time = years()
    sealed = time.extend(pdfs.sign(pdfs.plain(), time.city), Level.B_LTA, NOW + 3600, time.second)
    time.city.issuing.revoke(time.city.official, revoked_at)
    for moment in (NOW + 12 * DAY, NOW + 45 * DAY):
        assert (time.verify(sealed, moment).indication is PASSED) == (verdict is PASSED)


@pytest.mark.parametrize(("stamped_at", "verdict"), [(NOW + 3600, PASSED), (NOW + 11 * DAY, FAILED)])
def test_a_revocation_before_the_only_stamp(stamped_at: int, verdict: Indication) -> None:
    """A B-B signature, stamped as a whole: what counts is whether that was before the revocation."""
    time = years()
    stamped = time.extend(pdfs.sign(pdfs.plain(), time.city, level=Level.B_B), Level.B_LTA, stamped_at, time.second)
    time.city.issuing.revoke(time.city.official, NOW + 10 * DAY)
    assert (time.verify(stamped, NOW + 12 * DAY).indication is PASSED) == (verdict is PASSED)


# ── attacks ──────────────────────────────────────────────────────────────────────────────────────────────────────


def without_the_end(document: bytes) -> bytes:
    """The last revision trimmed."""
    return document[: document.rindex(b"%%EOF", 0, -10) + 6]


def with_stamp_of_another(document: bytes) -> bytes:
    """The token in the document time stamp replaced by a good one over something else."""
    start = document.rindex(b"/Contents <") + 11
    token = shared_city().stamp(b"\x01" * 32, at=NOW + 60).hex().upper().encode()
    end = document.index(b">", start)
    return document[:start] + token.ljust(end - start, b"0") + document[end:]


def over_less(document: bytes) -> bytes:
    """The byte range of the last stamp made shorter, its end left out."""
    place = document.rindex(b"/ByteRange [")
    numbers = re.match(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", document[place:])
    assert numbers is not None
    shorter = b"/ByteRange [0 %s %s %d]" % (numbers[1], numbers[2], int(numbers[3]) - 40)
    return document[:place] + shorter.ljust(len(numbers[0])) + document[place + len(numbers[0]) :]


def with_changed_value(document: bytes) -> bytes:
    """One bit of a list in the store, under the stamp."""
    held = next(one for one in read_store(Graph(document)).values if one.kind == 1)
    at = held.end - 5
    return document[:at] + bytes((document[at] ^ 1,)) + document[at + 1 :]


def with_page_changed_after(document: bytes) -> bytes:
    """A revision after the stamp that empties a page."""
    number, body = object_of(document, rb"/Type\s*/Page\b(?!s)")
    return append_objects(document, {number: re.sub(rb"/Contents \d+ 0 R", b"", body)})


@pytest.mark.parametrize("spoil", [with_stamp_of_another, over_less, with_changed_value, with_page_changed_after])
def test_a_spoiled_archive_never_passes(spoil: Callable[[bytes], bytes]) -> None:
    assert verify(archived()).indication is PASSED
    assert verify(spoil(archived())).indication is FAILED


def test_a_trimmed_archive_is_what_is_left() -> None:
    assert levels(verify(without_the_end(archived()))) == ["B-LT"]
    time = quiet_years()
    sealed = time.extend(pdfs.sign(pdfs.plain(), time.city), Level.B_LTA, NOW + 3600, time.second)
    assert time.verify(without_the_end(sealed), NOW + 45 * DAY).indication is UNSURE


def store_with(document: bytes, data: ValidationData) -> bytes:
    return document + pdf_document_stamp.more_stored(document, data)


def test_strangers_in_the_store_are_nobody() -> None:
    """P13: foreign certificates, lists and rubbish; a list that speaks for a revoked signer, of another key."""
    foreign = found_city()
    city = found_city()
    city.issuing.revoke(city.official, NOW - DAY)
    false_friend = issue(
        "CA cấp phát thử nghiệm", None, organisation="Thành phố", authority=True, not_before=NOW - 3650 * DAY
    )
    data = ValidationData(
        (foreign.root.der, foreign.issuing.der, false_friend.der, b"rubbish"),
        (foreign.root.sign_crl(), false_friend.sign_crl(NOW, NOW + 60 * DAY), b"rubbish"),
        (b"rubbish",),
    )
    planted = store_with(pdfs.sign(pdfs.plain(), city), data)
    own = TrustSource(tuple(city.anchors), (), tuple(city.crls))
    report = verify_document(planted, moment=NOW + 120, own=own)
    assert report.indication is not PASSED
    assert "revoked" in {found.code.split("_")[0] for found in report.signatures[0].findings}
    stranger = verify_document(
        store_with(pdfs.sign(pdfs.plain(), foreign), ValidationData((foreign.root.der,), tuple(foreign.crls))),
        moment=NOW + 120,
        own=own,
    )
    assert stranger.indication is UNSURE  # whoever brings his own root along is not trusted for it
    good = verify(store_with(signed(), data))
    assert (good.indication, levels(good)) == (PASSED, ["B-T"])  # nothing in it is about this signature


def test_the_store_is_used() -> None:
    """Without a list of ours: those in the store are signed by the issuers, and that is enough while they are fresh."""
    assert verify(signed(), lists=()).indication is UNSURE
    assert verify(lasting(), lists=()).indication is PASSED


def test_a_stamp_moved_before_the_signature_keeps_nothing() -> None:
    stamped = extend(pdfs.sign(pdfs.plain(), shared_city(), level=Level.B_B), Level.B_T)
    later = pdfs.sign(stamped, shared_city(), shared_city().person(), level=Level.B_B, at=NOW + 90)
    assert levels(verify(later)) == ["B-T", "B-B"]


def test_many_values_and_stamps_stay_within_bounds() -> None:
    chance = ValidationData(lists=tuple(b"\x30\x03\x02\x01" + bytes((n,)) for n in range(200)))
    report = verify(store_with(archived(), chance))
    assert report.indication is PASSED


# ── what cannot be had ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_dead_authority_fails_the_request() -> None:
    """T10."""

    def dead(imprint: bytes) -> bytes:
        raise ConnectionError(imprint.hex())

    for stamps in (dead, lambda _imprint: b"no token"):
        sources = ExtensionSources(stamps, lambda _certificate, _embedded: ValidationData())
        with pytest.raises((ConnectionError, SigningError)):
            Pades().extend(lasting(), Level.B_LTA, sources)


@pytest.mark.parametrize(
    "document", [pdfs.plain(), b"%PDF-1.7 rubbish", over_less(pdfs.sign(pdfs.plain(), shared_city()))]
)
def test_what_has_no_sound_signature_is_not_extended(document: bytes) -> None:
    with pytest.raises(SigningError) as refused:
        extend(document, Level.B_LTA)
    assert refused.value.code in ("not_extendable", "pdf_broken")
