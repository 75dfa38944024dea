"""CAdES on its way through the years: T, LT, LTA, renewal; what proves its age, and what does not."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import pytest

from signing.errors import SigningError
from signing.flows.extend import ExtensionOrder, extend_document
from signing.flows.own_trust import TrustSource
from signing.formats.base import ExtensionSources, Level, Packaging, ValidationData
from signing.formats.cades_extend import hash_index
from signing.formats.cms_build import with_unsigned, write_signed, write_signer
from signing.validation.archive import ARCHIVE_TIME_STAMP, HASH_INDEX
from signing.validation.cms_parts import SignedParts, SignerParts, open_signed, open_signer
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from signing.validation.report import Report
from tests import signing_cms as made
from tests.signing_pki import DAY, NOW, City, Holder, found_city, issue, shared_city

PASSED, UNSURE = Indication.TOTAL_PASSED, Indication.INDETERMINATE
LEVELS = (Level.B_T, Level.B_LT, Level.B_LTA)


def codes(report: Report) -> set[str]:
    return {found.code for signature in report.signatures for found in signature.findings}


@pytest.mark.parametrize("packaging", [Packaging.ATTACHED, Packaging.DETACHED])
@pytest.mark.parametrize("level", LEVELS)
def test_each_level_is_reached_and_named(level: Level, packaging: Packaging) -> None:
    beside = Beside(content=made.CONTENT) if packaging is Packaging.DETACHED else ALONE
    document = made.extend(made.sign(level=Level.B_B, packaging=packaging), level, beside=beside)
    report = made.verify(document, moment=NOW + 120, beside=beside)
    assert (report.indication, report.signatures[0].level) == (PASSED, str(level))
    assert ("archive_usable" in codes(report)) == (level is Level.B_LTA)


def test_the_lower_levels_are_not_made_twice() -> None:
    document = made.sign()
    assert made.extend(document, Level.B_T) == document
    lasting = made.extend(document, Level.B_LT)
    assert made.extend(lasting, Level.B_LT, lists=tuple(open_signed(lasting).lists)) == lasting


def test_every_signer_is_extended() -> None:
    both = made.add(made.sign(), shared_city().person())
    report = made.verify(made.extend(both, Level.B_LTA), moment=NOW + 120)
    assert [(one.indication, one.level) for one in report.signatures] == [(PASSED, "B-LTA")] * 2


def test_a_counter_signature_under_an_archive_stamp_stays() -> None:
    document = made.extend(made.counter(made.sign(), shared_city().person()), Level.B_LTA)
    report = made.verify(document, moment=NOW + 120)
    assert [one.indication for one in report.signatures] == [PASSED, PASSED]
    later = made.verify(made.counter(document, shared_city().person("Lê Thị Cúc"), at=NOW + 90), moment=NOW + 120)
    assert [one.indication for one in later.signatures] == [PASSED] * 3


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
        return made.extend(document, level, city=self.city, at=at, tsu=tsu, lists=self.lists(at))

    def verify(self, document: bytes, moment: int, lists: tuple[bytes, ...] | None = None) -> Report:
        given = self.lists(moment) if lists is None else lists
        return made.verify(document, city=self.city, moment=moment, lists=given)


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


def test_what_an_archive_stamp_covers_outlives_its_certificates() -> None:
    time = quiet_years()
    document = made.sign(city=time.city)
    lasting = time.extend(document, Level.B_LT, NOW + 3600, time.city.tsu)
    archived = time.extend(lasting, Level.B_LTA, NOW + 3600, time.second)
    later = NOW + 45 * DAY
    assert time.verify(document, later).indication is UNSURE
    assert time.verify(lasting, later).indication is UNSURE  # P13: what nothing covers proves nothing
    report = time.verify(archived, later)
    assert (report.indication, report.signatures[0].signing_time) == (PASSED, NOW), report.as_json()


def test_renewal_carries_it_on() -> None:
    time = quiet_years()
    archived = time.extend(made.sign(city=time.city), Level.B_LTA, NOW + 3600, time.second)
    renewed = time.extend(archived, Level.B_LTA, NOW + 50 * DAY, time.third)
    assert len([kind for kind, _ in signer_of(renewed).unsigned if kind == ARCHIVE_TIME_STAMP]) == 2
    later = NOW + 100 * DAY
    assert time.verify(archived, later).indication is UNSURE
    assert "archive_unusable" in codes(time.verify(archived, later))
    assert time.verify(renewed, later).indication is PASSED


def test_the_lists_inside_are_enough_for_the_past() -> None:
    """Nobody issues lists for the signer's authority any more; those inside are proven to be old."""
    time = quiet_years()
    archived = time.extend(made.sign(city=time.city), Level.B_LTA, NOW + 3600, time.second)
    later = NOW + 45 * DAY
    lists = (time.city.root.sign_crl(later - 30, later + DAY), time.stamping.sign_crl(later - 30, later + DAY))
    report = time.verify(archived, later, lists)
    assert (report.indication, "settled_by_archive" in codes(report)) == (PASSED, True), codes(report)
    assert time.verify(archived, later, lists[:1]).indication is UNSURE


@pytest.mark.parametrize(
    ("revoked_at", "archived_at", "verdict"),
    [(NOW + 10 * DAY, NOW + 3600, PASSED), (NOW - DAY, NOW + 3600, UNSURE), (NOW + 1800, NOW + 3600, UNSURE)],
    ids=["after-the-archive-stamp", "before-all", "before-the-archive-stamp"],
)
def test_a_unit_that_was_revoked(revoked_at: int, archived_at: int, verdict: Indication) -> None:
    """T8: the first unit is revoked; what an archive stamp shows to have existed before stays, and nothing else."""
    time = years()
    archived = time.extend(made.sign(city=time.city), Level.B_LTA, archived_at, time.second)
    time.city.issuing.revoke(time.city.tsu, revoked_at)
    report = time.verify(archived, NOW + 12 * DAY)
    stamp_counts = report.signatures[0].signing_time == NOW
    assert stamp_counts == (verdict is PASSED)


@pytest.mark.parametrize(("revoked_at", "verdict"), [(NOW + 10 * DAY, PASSED), (NOW - DAY, UNSURE)])
def test_a_signer_who_was_revoked(revoked_at: int, verdict: Indication) -> None:
    time = years()
    archived = time.extend(made.sign(city=time.city), Level.B_LTA, NOW + 3600, time.second)
    time.city.issuing.revoke(time.city.official, revoked_at)
    report = time.verify(archived, NOW + 45 * DAY)
    assert (report.indication is PASSED) == (verdict is PASSED)


# ── attacks ──────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def archived() -> bytes:
    return made.extend(made.sign(), Level.B_LTA)


def signer_of(document: bytes) -> SignerParts:
    return open_signer(open_signed(document).signers[0])


def with_unsigned_values(document: bytes, change: Callable[[bytes, bytes], bool]) -> bytes:
    parts, signer = open_signed(document), signer_of(document)
    kept = tuple(pair for pair in signer.unsigned if change(*pair))
    return write_signed(replace(parts, signers=(write_signer(replace(signer, unsigned=kept)),)))


def without_list(document: bytes) -> bytes:
    parts = open_signed(document)
    return write_signed(replace(parts, lists=parts.lists[1:]))


def without_stamp(document: bytes) -> bytes:
    return with_unsigned_values(document, lambda kind, _value: kind == ARCHIVE_TIME_STAMP)


def from_another(document: bytes) -> bytes:
    return made.transplant(document, made.sign(at=NOW + 1))


def with_token(document: bytes, change: Callable[[SignedParts, SignerParts], SignerParts]) -> bytes:
    """The archive stamp with another signer info."""
    parts, signer = open_signed(document), signer_of(document)
    values = []
    for kind, value in signer.unsigned:
        if kind == ARCHIVE_TIME_STAMP:
            token = open_signed(value)
            info = change(token, open_signer(token.signers[0]))
            value = write_signed(replace(token, signers=(write_signer(info),)))
        values.append((kind, value))
    return write_signed(replace(parts, signers=(write_signer(replace(signer, unsigned=tuple(values))),)))


def without_index(document: bytes) -> bytes:
    return with_token(document, lambda _token, info: replace(info, unsigned=()))


def with_two_indexes(document: bytes) -> bytes:
    index = hash_index(open_signed(document), signer_of(document))
    return with_token(document, lambda _token, info: replace(info, unsigned=(*info.unsigned, (HASH_INDEX, index))))


def with_a_wider_index(document: bytes) -> bytes:
    """An index written anew, so that it names what came later; the imprint is over the old one."""
    planted = replace(open_signed(document), lists=(*open_signed(document).lists, shared_city().root.sign_crl(NOW)))
    signer = signer_of(document)
    before = replace(signer, unsigned=tuple(pair for pair in signer.unsigned if pair[0] != ARCHIVE_TIME_STAMP))
    index = hash_index(planted, before)
    return with_token(write_signed(planted), lambda _token, info: replace(info, unsigned=((HASH_INDEX, index),)))


@pytest.mark.parametrize(
    "spoil", [without_list, without_stamp, from_another, without_index, with_two_indexes, with_a_wider_index]
)
def test_an_archive_stamp_fits_what_it_names_and_nothing_else(spoil: Callable[[bytes], bytes]) -> None:
    assert made.verify(archived(), moment=NOW + 120).indication is PASSED
    report = made.verify(spoil(archived()), moment=NOW + 120)
    assert (report.indication, "archive_broken" in codes(report)) == (UNSURE, True)


def test_an_index_has_no_place_in_another_stamp() -> None:
    document = made.sign()
    parts, signer = open_signed(document), signer_of(document)
    ((kind, value),) = signer.unsigned
    token = open_signed(value)
    index = hash_index(parts, signer)
    marked = write_signed(replace(token, signers=(with_unsigned(token.signers[0], HASH_INDEX, index),)))
    changed = replace(parts, signers=(write_signer(replace(signer, unsigned=((kind, marked),))),))
    assert "stamp_broken" in codes(made.verify(write_signed(changed)))


def test_a_planted_list_is_noticed() -> None:
    foreign = found_city()
    parts = open_signed(made.extend(made.sign(), Level.B_LT))
    planted = write_signed(replace(parts, lists=(*parts.lists, foreign.root.sign_crl())))
    report = made.verify(planted, moment=NOW + 120)
    assert (report.indication, "certificate_stray" in codes(report)) == (UNSURE, True)


@pytest.mark.parametrize("name", ["060604008d450205", "060604008d450206"])
def test_an_archive_stamp_under_another_name_is_not_passed_over(name: str) -> None:
    """The first is that of an index, which belongs into time stamps: one bit away."""
    document = archived()
    assert document.count(ARCHIVE_TIME_STAMP) == 1
    report = made.verify(document.replace(ARCHIVE_TIME_STAMP, bytes.fromhex(name)), moment=NOW + 120)
    assert (report.indication, "unsigned_unknown" in codes(report)) == (UNSURE, True)


def test_a_hash_index_belongs_into_a_time_stamp() -> None:
    parts = open_signed(made.sign())
    index = hash_index(parts, open_signer(parts.signers[0]))
    signer = with_unsigned(parts.signers[0], HASH_INDEX, index)
    report = made.verify(write_signed(replace(parts, signers=(signer,))), moment=NOW + 120)
    assert (report.indication, "unsigned_unknown" in codes(report)) == (UNSURE, True)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # altered certificates have odd serials
def test_no_bit_of_an_archived_signature_can_be_changed_unnoticed() -> None:
    check_bits(1, 60)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_no_bit_of_an_archived_signature_can_be_changed_unnoticed_at_length() -> None:
    check_bits(3, 250)


def check_bits(seed: int, rounds: int) -> None:
    chance = random.Random(seed)
    document = archived()
    for _ in range(rounds):
        at, bit = chance.randrange(len(document)), chance.randrange(8)
        changed = bytearray(document)
        changed[at] ^= 1 << bit
        assert made.verify(bytes(changed), moment=NOW + 120).indication is not PASSED, f"byte {at} bit {bit}"


# ── what cannot be had ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_dead_authority_fails_the_request() -> None:
    """T10."""

    def dead(imprint: bytes) -> bytes:
        raise ConnectionError(imprint.hex())

    lasting = made.extend(made.sign(), Level.B_LT)
    for stamps in (dead, lambda _imprint: b"no token"):
        sources = ExtensionSources(stamps, lambda _certificate, _embedded: ValidationData())
        with pytest.raises((ConnectionError, SigningError)):
            made.CADES.extend(lasting, Level.B_LTA, sources)


def test_without_revocation_data_there_is_no_level_lt() -> None:
    def nothing(_certificate: bytes, _embedded: tuple[bytes, ...]) -> ValidationData:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        made.CADES.extend(made.sign(), Level.B_LT, ExtensionSources(shared_city().stamp, nothing))


def test_a_detached_signature_is_archived_with_its_content() -> None:
    detached = made.sign(packaging=Packaging.DETACHED)
    with pytest.raises(SigningError) as refused:
        made.extend(detached, Level.B_LTA)
    assert refused.value.code == "no_content"
    other = made.extend(detached, Level.B_LTA, beside=Beside(content=b"another"))
    report = made.verify(other, moment=NOW + 120, beside=Beside(content=made.CONTENT))
    assert "archive_broken" in codes(report)


def test_what_is_no_signature_file_is_refused() -> None:
    for rubbish in (b"plain words", b"", made.sign()[:-1]):
        with pytest.raises(SigningError) as refused:
            made.extend(rubbish, Level.B_T)
        assert refused.value.code == "not_readable"


@pytest.mark.parametrize(
    ("own", "code"),
    [
        (TrustSource(), "no_path"),
        (TrustSource(anchors=tuple(shared_city().anchors)), "no_revocation_data"),
        (
            TrustSource(
                anchors=tuple(shared_city().anchors),
                lists=(shared_city().root.sign_crl(), shared_city().issuing.sign_crl(NOW - DAY, NOW - 1)),
            ),
            "no_revocation_data",
        ),
    ],
    ids=["nobody-trusted", "no-lists", "an-old-list"],
)
def test_the_flow_wants_a_trusted_path_and_current_lists(own: TrustSource, code: str) -> None:
    order = ExtensionOrder(made.sign(), Level.B_LT, NOW + 60, own, shared_city().stamp)
    with pytest.raises(SigningError) as refused:
        extend_document(order)
    assert refused.value.code == code


def test_the_flow_hands_out_what_reached_its_level_only() -> None:
    """A unit that nobody trusts stamps; the file would be called B-LTA and be worth no more than before."""
    city, stranger = shared_city(), found_city()
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls))

    def order(stamp: Callable[[bytes], bytes]) -> ExtensionOrder:
        return ExtensionOrder(made.sign(), Level.B_LTA, NOW + 60, own, stamp)

    assert extend_document(order(city.stamp)).level is Level.B_LTA
    for stamp in (stranger.stamp, lambda _imprint: city.stamp(bytes(32))):
        with pytest.raises(SigningError) as refused:
            extend_document(order(stamp))
        assert refused.value.code == "own_check_failed"
