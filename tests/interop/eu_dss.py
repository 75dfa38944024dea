"""
EU DSS as the judge of what we sign, with our anchor and our revocation lists.

1. What we sign passes there, in the format and level that we say.
2. A flipped bit in it passes nowhere.
3. Of damaged and forged files made from it, none passes with us that does not pass there.
4. Our reports are as ETSI TS 119 102-2 has them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import Level, VisibleSignature
from signing.reports.etsi import ETSI
from signing.validation.indications import Indication
from signing.validation.report import Report
from tests import signing_pdfs
from tests.city import City
from tests.interop.base import Counterpart, say
from tests.interop.eu_dss_judge import Answer, Judge, judge, missing
from tests.interop.lenient import Damaged, chances, never_more_lenient
from tests.interop.mutants import mutants
from tests.signing_pki import NOW, shared_city
from tests.signing_pki import City as Pki

AT = NOW + 60


@dataclass(frozen=True, slots=True)
class Paper:
    """A signed document; expected: how the judge names format and level; detached: the content where it is apart."""

    name: str
    signed: bytes
    expected: str
    detached: bytes | None = None


def run(_city: City) -> bool:
    """All of it, also after something failed. The city is not asked: what signs is the same code, here in process."""
    pki = shared_city()
    with (
        tempfile.TemporaryDirectory(prefix="antin-eu-dss-") as folder,
        judge(Path(folder), anchors=pki.anchors, lists=pki.crls) as dss,
    ):
        papers = list(_papers(pki))
        say("EU DSS")
        checks = (
            _passes(dss, papers),
            _flipped(dss, pki, papers),
            _reports(dss, pki, papers),
            _never_more_lenient(dss, pki, papers),
        )
    return all(checks)


def _papers(pki: Pki) -> Iterator[Paper]:
    picture = VisibleSignature(signing_pdfs.handwriting(), 1, (300, 100, 500, 180))
    sources: Mapping[str, bytes] = {
        "plain": signing_pdfs.plain(),
        "turned": signing_pdfs.plain(1, 90),
        "scanned": signing_pdfs.scanned(),
        "with a form": signing_pdfs.with_form(),
        "compressed": signing_pdfs.compressed(),
    }
    for name, document in sources.items():
        yield Paper(name, signing_pdfs.sign(document, pki), "PAdES-BASELINE-T")
    plain = sources["plain"]
    yield Paper("visible", signing_pdfs.sign(plain, pki, visible=picture), "PAdES-BASELINE-T")
    yield Paper("twice", signing_pdfs.sign(signing_pdfs.sign(plain, pki), pki), "PAdES-BASELINE-T")
    yield Paper("without a stamp", signing_pdfs.sign(plain, pki, level=Level.B_B), "PAdES-BASELINE-B")


def _passes(dss: Judge, papers: list[Paper]) -> bool:
    good = True
    for paper in papers:
        answer = dss.verify(paper.signed, AT, paper.detached)
        formats = {one.format for one in answer.signatures}
        fine = answer.passes and formats == {paper.expected}
        good &= fine
        said = "" if fine else f": {answer}"
        say(f"  {'✓' if fine else '✗'} {paper.expected}, {paper.name}{said}")
    return good


def _flipped(dss: Judge, pki: Pki, papers: list[Paper]) -> bool:
    """One bit near the beginning, where everything is signed; it must pass neither there nor with us."""
    passing = []
    for paper in papers:
        broken = bytearray(paper.signed)
        broken[len(broken) // 40] ^= 1
        if dss.verify(bytes(broken), AT, paper.detached).passes or _ours(bytes(broken), pki):
            passing.append(paper.name)
    say(f"  {'✗' if passing else '✓'} one flipped bit in each passes nowhere {passing or ''}".rstrip())
    return not passing


def _reports(dss: Judge, pki: Pki, papers: list[Paper]) -> bool:
    """Of good papers, of altered and unreadable ones, and of one that nobody signed."""
    documents = [paper.signed for paper in papers]
    documents += [paper.signed.replace(b"1000", b"9000") for paper in papers]
    documents += [papers[0].signed[:-3000], signing_pdfs.plain(), b"not a document"]
    wrong = [
        why for document in documents if (why := dss.accepts_report(ETSI.render(_report(document, pki), "vi", "")))
    ]
    say(f"  {'✗' if wrong else '✓'} {len(documents)} reports are valid by the schema of ETSI TS 119 102-2")
    for line in wrong:
        say(f"      {line}")
    return not wrong


def _never_more_lenient(dss: Judge, pki: Pki, papers: list[Paper]) -> bool:
    return never_more_lenient(
        _damaged(papers),
        lambda one: _report(one.document, pki),
        lambda one: dss.verify(one.document, AT, one.content),
        _chose_a_damaged_copy,
    )


def _damaged(papers: list[Paper]) -> Iterator[Damaged]:
    for number, chance in chances():
        paper = papers[number % len(papers)]
        kind, mutant = mutants(paper.signed, chance)
        if mutant != paper.signed:
            yield Damaged(f"{paper.name}, {kind} ({number})", mutant, paper.detached)


def _chose_a_damaged_copy(_one: Damaged, ours: Report, answer: Answer) -> bool:
    """As lenient.chose_a_damaged_copy, and of every signature: these files have one stamp a signature."""
    uncounted = all(any(found.code == "stamp_unusable" for found in one.findings) for one in ours.signatures)
    chosen = {one.sub_indication for one in answer.signatures} == {"CERTIFICATE_CHAIN_GENERAL_FAILURE"}
    return uncounted and chosen


def _ours(document: bytes, pki: Pki) -> bool:
    return _report(document, pki).indication is Indication.TOTAL_PASSED


def _report(document: bytes, pki: Pki) -> Report:
    own = TrustSource(tuple(pki.anchors), (), tuple(pki.crls))
    return verify_document(document, moment=AT, own=own)


COUNTERPART = Counterpart("eu-dss", missing, run)
