"""
EU DSS on our evidence records: new ones, renewed ones, of one file and of many; the time they prove is the one we say.

One flipped bit in the file, and a record of another file, prove nothing there or here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from signing.flows.existence import prove_existence
from signing.flows.own_trust import TrustSource
from signing.formats.evidence_write import create_records, renew_record
from tests.city import City
from tests.interop.base import Counterpart, say
from tests.interop.eu_dss_judge import Judge, judge, missing
from tests.signing_asic import sources
from tests.signing_pki import DAY, NOW, shared_city

LATER = NOW + 3600
AT = LATER + 1000


@dataclass(frozen=True, slots=True)
class Kept:
    name: str
    record: bytes
    thing: bytes


def run(_city: City) -> bool:
    """All of it, also after something failed. The city is not asked: what signs is the same code, here in process."""
    pki = shared_city()
    lists = [holder.sign_crl(AT - 30, AT + 90 * DAY) for holder in (pki.root, pki.issuing)]
    with (
        tempfile.TemporaryDirectory(prefix="antin-evidence-") as folder,
        judge(Path(folder), anchors=pki.anchors, lists=lists) as dss,
    ):
        say("Evidence records")
        checks = [_agreed(one, dss, tuple(lists)) for one in _records()]
    return all(checks)


def _records() -> Iterator[Kept]:
    stamp = shared_city().stamp
    (alone,) = create_records([b"one file"], stamp)
    yield Kept("one file", alone, b"one file")
    for count in (2, 3, 7, 64):
        things = [f"file {number}".encode() for number in range(count)]
        for place in (0, count - 1):
            yield Kept(f"file {place + 1} of {count}", create_records(things, stamp)[place], things[place])
    things = [f"file {number}".encode() for number in range(5)]
    stamped = renew_record(create_records(things, stamp)[1], sources(LATER))
    yield Kept("time stamp renewed", stamped, things[1])
    digested = renew_record(stamped, sources(LATER + 60), things[1])
    yield Kept("hash tree renewed", digested, things[1])
    yield Kept("renewed three times", renew_record(digested, sources(LATER + 120)), things[1])


def _agreed(one: Kept, dss: Judge, lists: tuple[bytes, ...]) -> bool:
    answer = dss.verify(one.record, AT, one.thing)
    there = [(said.indication, said.why) for said in answer.signatures] == [("PASSED", str(NOW))]
    here = _since(one.record, one.thing, lists) == NOW
    broken = bytearray(one.thing)
    broken[0] ^= 1
    passing = any(said.indication == "PASSED" for said in dss.verify(one.record, AT, bytes(broken)).signatures)
    wrong = passing or _since(one.record, bytes(broken), lists) is not None
    fine = there and here and not wrong
    say(f"  {'✓' if fine else '✗'} {one.name}{'' if fine else f': {here} {wrong} {answer}'}")
    return fine


def _since(record: bytes, thing: bytes, lists: tuple[bytes, ...]) -> int | None:
    own = TrustSource(tuple(shared_city().anchors), (shared_city().issuing.der,), lists)
    return prove_existence(record, thing, moment=AT, own=own).since


COUNTERPART = Counterpart("evidence", missing, run)
