"""Evidence records: made for many files at once, renewed in both ways, verified; what proves nothing is found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache

import pytest

from signing.errors import SigningError
from signing.flows.existence import Existence, prove_existence
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import Level
from signing.formats.der import octets, sequence, tlv
from signing.formats.evidence_write import create_records, reduced_trees, renew_record
from signing.validation.evidence_record import RecordBroken, read_record, starts_record
from signing.validation.indications import Indication
from signing.validation.located import Beside
from tests import signing_cms
from tests.signing_asic import sources
from tests.signing_pki import DAY, NOW, City, Holder, found_city, issue, shared_city

THINGS = tuple(f"tệp {number}".encode() for number in range(7))
LATER = NOW + 3600


@cache
def records() -> tuple[bytes, ...]:
    return create_records(THINGS, shared_city().stamp)


@cache
def renewed() -> bytes:
    """By one more time stamp, then by a new hash tree, then by a time stamp again."""
    first = renew_record(records()[2], sources(LATER))
    second = renew_record(first, sources(LATER + 60), THINGS[2])
    return renew_record(second, sources(LATER + 120))


def prove(
    record: bytes,
    thing: bytes = THINGS[2],
    *,
    moment: int = LATER + 200,
    city: City | None = None,
    lists: tuple[bytes, ...] | None = None,
) -> Existence:
    city = city or shared_city()
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls) if lists is None else lists)
    return prove_existence(record, thing, moment=moment, own=own)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 64, 65])
def test_every_leaf_leads_to_the_root(count: int) -> None:
    leaves = [hashlib.sha256(bytes((number,))).digest() for number in range(count)]
    root, trees = reduced_trees(leaves)
    for leaf in leaves:
        digest, tree = leaf, trees[leaf]
        assert (len(tree) > 0) == (count > 1)
        for number, others in enumerate(tree):
            assert digest in others or number
            digest = hashlib.sha256(b"".join(sorted({*others, digest}))).digest()
        assert digest == root
        assert len(tree) <= count.bit_length()


def test_one_time_stamp_for_many_files_and_a_record_for_each() -> None:
    assert len({read_record(record).chains[0][0].token for record in records()}) == 1
    for record, thing in zip(records(), THINGS, strict=True):
        assert starts_record(record)
        assert prove(record, thing).since == NOW
        listed = read_record(record).chains[0][0].tree[0]
        for other in THINGS:  # a record proves its neighbours in the tree too, and nobody else
            assert (prove(record, other).since == NOW) == (hashlib.sha256(other).digest() in listed)
    assert prove(create_records([b"x"], shared_city().stamp)[0], b"x").since == NOW


def test_renewed_in_both_ways() -> None:
    assert [len(chain) for chain in read_record(renewed()).chains] == [2, 2]
    found = prove(renewed())
    assert (found.since, found.trouble) == (NOW, "")
    assert [stamp.time for stamp in found.stamps] == [NOW, LATER, LATER + 60, LATER + 120]
    assert prove(renewed(), THINGS[3]).since is None


def test_what_cannot_be_made_is_told() -> None:
    with pytest.raises(SigningError):
        create_records([], shared_city().stamp)
    with pytest.raises(SigningError):
        renew_record(b"\x30\x00", sources(LATER))
    with pytest.raises(SigningError):
        create_records([b"x"], lambda _imprint: b"")


# ── the years ────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def years() -> tuple[City, Holder]:
    """A first unit whose certificate ends after 20 days, and a second one."""
    city = found_city(not_after=NOW + 20 * DAY)
    city.tsu = issue("Cấp dấu thời gian 1", city.issuing, stamps=True, not_after=NOW + 20 * DAY)
    return city, issue("Cấp dấu thời gian 2", city.issuing, stamps=True)


def lists_at(moment: int) -> tuple[bytes, ...]:
    city, _second = years()
    return tuple(holder.sign_crl(moment - 30, moment + 30 * DAY) for holder in (city.root, city.issuing))


def test_a_record_outlives_the_certificate_of_its_first_unit() -> None:
    city, second = years()
    (record,) = create_records([b"x"], city.stamp)
    renewal = sources(NOW + 5 * DAY, city, second, lists_at(NOW + 5 * DAY))
    later = NOW + 45 * DAY
    assert prove(record, b"x", city=city, moment=later, lists=lists_at(later)).since is None
    for thing in (None, b"x"):
        kept = renew_record(record, renewal, thing)
        assert prove(kept, b"x", city=city, moment=later, lists=lists_at(later)).since == NOW


def test_a_signature_outlives_its_certificates_beside_a_record() -> None:
    city, second = years()
    signature = signing_cms.sign(city=city)
    lasting = signing_cms.extend(signature, Level.B_LT, city=city, at=NOW + 3600, lists=lists_at(NOW + 3600))
    (record,) = create_records([lasting], lambda imprint: city.stamp(imprint, at=NOW + 7200, tsu=second))
    later = NOW + 45 * DAY

    def verdict(document: bytes, *beside: bytes) -> tuple[Indication, str, set[str]]:
        own = TrustSource(tuple(city.anchors), (city.issuing.der,), lists_at(later))
        report = verify_document(document, moment=later, own=own, beside=Beside(records=beside))
        codes = {found.code for found in (*report.findings, *report.signatures[0].findings)}
        return report.indication, report.signatures[0].level, codes

    assert verdict(lasting)[0] is Indication.INDETERMINATE
    indication, level, codes = verdict(lasting, record)
    assert (indication, level, "archive_usable" in codes) == (Indication.TOTAL_PASSED, "B-LT", True)
    assert verdict(signature, record)[0] is Indication.INDETERMINATE
    assert verdict(signature, record)[2] & {"record_unused", "archive_broken"} == {"record_unused"}
    assert "record_unused" in verdict(lasting, record, b"\x30\x00")[2]


# ── attacks ──────────────────────────────────────────────────────────────────────────────────────────────────────


def without_last(der: bytes) -> bytes:
    return der[:-1]


def rebuilt(change: Callable[[list[list[bytes]]], None], der: bytes) -> bytes:
    """The record with its archive time stamps (DER, by chain) changed."""
    record = read_record(der)
    chains = [[one.der for one in chain] for chain in record.chains]
    change(chains)
    return sequence(tlv(2, b"\x01"), sequence(*record.algorithms), sequence(*(sequence(*chain) for chain in chains)))


def swap(chains: list[list[bytes]]) -> None:
    chains[0].reverse()


def drop_first(chains: list[list[bytes]]) -> None:
    del chains[0][0]


def drop_link(chains: list[list[bytes]]) -> None:
    del chains[0][1]


def drop_chain(chains: list[list[bytes]]) -> None:
    del chains[0]


def foreign(chains: list[list[bytes]]) -> None:
    """The first time stamp is that of another object."""
    chains[0][0] = read_record(records()[3]).chains[0][0].der


def other_renewal(chains: list[list[bytes]]) -> None:
    """The renewal is that of another record."""
    other = renew_record(create_records([b"other"], shared_city().stamp)[0], sources(LATER))
    chains[0][1] = read_record(other).chains[0][1].der


CHANGES = (swap, drop_first, drop_link, drop_chain, foreign, other_renewal)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_was_done_to_it_is_found(change: Callable[[list[list[bytes]]], None]) -> None:
    assert prove(rebuilt(lambda _chains: None, renewed())).since == NOW
    found = prove(rebuilt(change, renewed()))
    assert found.since is None
    assert found.trouble


def first_stamp(tree: bytes = b"", algorithm: bytes = b"", more: bytes = b"") -> bytes:
    token = read_record(records()[2]).chains[0][0].token
    named = read_record(records()[2]).algorithms
    stamp = sequence(algorithm, tree, token, more)
    return sequence(tlv(2, b"\x01"), sequence(*named), sequence(sequence(stamp)))


LEAF = hashlib.sha256(THINGS[2]).digest()
SHAPES: dict[str, bytes] = {
    "empty": b"",
    "no time stamps": sequence(tlv(2, b"\x01"), sequence(), sequence()),
    "an empty chain": sequence(tlv(2, b"\x01"), sequence(), sequence(sequence())),
    "version 2": rebuilt(lambda _chains: None, records()[2]).replace(b"\x02\x01\x01\x30", b"\x02\x01\x02\x30", 1),
    "cut short": without_last(records()[2]),
    "something behind": records()[2] + b"\x05\x00",
    "a list of one": first_stamp(tlv(0xA2, sequence(octets(LEAF)))),
    "an empty list": first_stamp(tlv(0xA2, sequence())),
    "no lists": first_stamp(tlv(0xA2)),
    "a digest twice": first_stamp(tlv(0xA2, sequence(octets(LEAF), octets(LEAF)))),
    "a digest of another length": first_stamp(tlv(0xA2, sequence(octets(LEAF), octets(LEAF[:20])))),
    "attributes": first_stamp(tlv(0xA1)),
    "something behind the token": first_stamp(more=sequence()),
    "another algorithm": first_stamp(algorithm=tlv(0xA0, bytes.fromhex("0609608648016503040203"))),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_a_record_should_not_be_is_refused(shape: str) -> None:
    with pytest.raises(RecordBroken):
        read_record(SHAPES[shape])
    assert prove(SHAPES[shape]).since is None


def test_a_leaf_cannot_be_taken_for_a_node() -> None:
    """Whoever knows the tree cannot claim that the concatenation of two leaves was a file."""
    (first, second) = (hashlib.sha256(thing).digest() for thing in (b"a", b"b"))
    pair, _other = create_records([b"a", b"b"], shared_city().stamp)
    node = b"".join(sorted((first, second)))
    assert prove(pair, b"a").since == NOW
    assert prove(pair, node).since is None


def test_no_flipped_bit_proves_anything_else() -> None:
    record = renewed()
    step = max(1, len(record) // 150)
    for place in range(0, len(record), step):
        mutant = record[:place] + bytes((record[place] ^ 1,)) + record[place + 1 :]
        assert prove(mutant).since in (None, NOW)
