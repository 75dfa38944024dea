"""
EU DSS on our containers, and we on its own.

1. Every level and kind that we make passes there, in the level that we say.
2. What it makes passes with us, in the level that it was told to make.
3. One flipped bit in what is signed passes nowhere.
4. Of damaged and forged containers, none passes with us that does not pass there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from base.clock import SystemClock
from signing.formats.asic import Asic
from signing.formats.asic_container import MIMETYPE, Kind, Role, open_container, role_of
from signing.formats.asic_types import TYPES
from signing.formats.asic_xades import AsicXades
from signing.formats.base import Level, Packaging, Statements
from signing.formats.zip_reader import ZipFile
from signing.formats.zip_writer import write_zip
from signing.validation.cms_parts import open_signed, open_signer
from signing.validation.indications import Indication
from signing.validation.report import Report
from tests import signing_asic as made
from tests.city import City
from tests.interop.asic_mutants import forged
from tests.interop.base import Counterpart, say
from tests.interop.eu_dss_judge import Judge, judge, missing
from tests.interop.eu_dss_maker import maker
from tests.interop.lenient import Damaged, chances, chose_a_damaged_copy, never_more_lenient
from tests.interop.mutants import mutants
from tests.signing_pki import DAY, NOW, issue
from tests.signing_pki import City as Pki

AT = SystemClock().now()
"""EU DSS makes signatures by the clock of the machine, and wants lists that are fresh by it."""
EXTENDED = AT - 100
UNASKED = (MIMETYPE,)
YEAR = 365 * DAY
LEVELS = {Level.B_B: "B", Level.B_T: "T", Level.B_LT: "LT", Level.B_LTA: "LTA"}


@dataclass(frozen=True, slots=True)
class Paper:
    """A container; level and form of its signatures, as EU DSS names them."""

    name: str
    container: bytes
    level: str
    form: str = "CAdES"


def run(_city: City) -> bool:
    """All of it, also after something failed. The city is not asked: what signs is the same code, here in process."""
    pki = _lasting_city()
    with (
        tempfile.TemporaryDirectory(prefix="antin-asic-") as folder,
        judge(Path(folder), anchors=pki.anchors, lists=_lists()) as dss,
    ):
        say("ASiC")
        ours, theirs = [*_ours(), *_by_xades()], list(_theirs(Path(folder) / "maker"))
        checks = (
            *(_agreed(one, dss) for one in (*ours, *theirs)),
            _flipped(dss, [*ours, *theirs]),
            never_more_lenient(
                _damaged([*ours, *theirs]),
                lambda one: _report(one.document),
                lambda one: dss.verify(one.document, AT),
                chose_a_damaged_copy,
            ),
        )
    return all(checks)


@cache
def _lasting_city() -> Pki:
    """One whose certificates have not ended when this runs."""
    until = NOW + 10 * YEAR
    root = issue("Gốc thử nghiệm", None, organisation="Thành phố", authority=True, not_after=until)
    issuing = issue("CA cấp phát thử nghiệm", root, organisation="Thành phố", authority=True, not_after=until)
    stamping = issue("Cấp dấu thời gian thử nghiệm", issuing, stamps=True, not_after=until)
    return Pki(root, issuing, issue("Nguyễn Văn An", issuing, not_after=until), stamping)


def _ours() -> Iterator[Paper]:
    pki = _lasting_city()
    person = pki.person(not_after=NOW + 10 * YEAR)
    for kind in Kind:
        asic = Asic(kind)
        for level, word in LEVELS.items():
            signed = made.sign(asic=asic, city=pki, level=Level.B_B if level is Level.B_B else Level.B_T)
            if level in (Level.B_LT, Level.B_LTA):
                signed = made.extend(signed, level, asic, at=EXTENDED, city=pki)
            yield Paper(f"{kind} {level}", signed, word)
        twice = made.sign(made.sign(asic=asic, city=pki), asic, person, at=NOW + 5, city=pki)
        yield Paper(f"{kind}, two signers", twice, "T")
        archived = made.extend(twice, asic=asic, at=EXTENDED, city=pki)
        yield Paper(f"{kind}, two signers, archived", archived, "LTA")
        yield Paper(f"{kind}, renewed", made.extend(archived, asic=asic, at=EXTENDED + 50, city=pki), "LTA")


def _by_xades() -> Iterator[Paper]:
    pki = _lasting_city()
    for kind in Kind:
        asic = AsicXades(kind)
        content = made.packed() if kind is Kind.EXTENDED else b"words"
        for level, word in LEVELS.items():
            signed = made.sign(content, asic, city=pki, level=Level.B_B if level is Level.B_B else Level.B_T)
            if level in (Level.B_LT, Level.B_LTA):
                signed = made.extend(signed, level, asic, at=EXTENDED, city=pki)
            yield Paper(f"{kind} {level}", signed, word, "XAdES")
        renewed = made.extend(signed, asic=asic, at=EXTENDED + 50, city=pki)
        yield Paper(f"{kind}, renewed", renewed, "LTA", "XAdES")
        person = pki.person(not_after=NOW + 10 * YEAR)
        twice = made.sign(made.sign(content, asic, city=pki), asic, person, at=NOW + 5, city=pki)
        yield Paper(f"{kind}, two signers", twice, "T", "XAdES")
    for form in (Asic, AsicXades):
        for kind in Kind:
            yield Paper(f"{form(kind).name}, countersigned", _countered(form(kind)), "T", form(kind).name[-5:])


def _countered(asic: Asic | AsicXades) -> bytes:
    """With a content time stamp, and a counter-signature by somebody else."""
    pki = _lasting_city()
    early = Statements(stamp_content=lambda imprint: pki.stamp(imprint, at=NOW - 60))
    once = made.sign(asic=asic, city=pki, statements=early)
    person = pki.person(not_after=NOW + 10 * YEAR)
    return made.sign(once, asic, person, at=NOW + 5, city=pki, packaging=Packaging.COUNTER, target=(0,))


def _theirs(folder: Path) -> Iterator[Paper]:
    files = [("one.txt", b"1" * 500), ("hai.csv", b"2;3\n")]
    with maker(folder, _lasting_city(), _lists()) as other:
        for kind, count in (("ASiC_S", 1), ("ASiC_E", 2)):
            for level in LEVELS.values():
                container = other.make(kind, f"CAdES_BASELINE_{level}", EXTENDED, files[:count])
                yield Paper(f"{kind} {level} by EU DSS", container, level)


def _agreed(paper: Paper, dss: Judge) -> bool:
    answer, report = dss.verify(paper.container, AT), _report(paper.container)
    there = answer.passes and {one.format for one in answer.signatures} == {f"{paper.form}-BASELINE-{paper.level}"}
    here = report.indication is Indication.TOTAL_PASSED and {one.level for one in report.signatures} == {
        f"B-{paper.level}"
    }
    said = "" if there else f": {answer}"
    said += "" if here else f": {[(one.level, [found.code for found in one.findings]) for one in report.signatures]}"
    say(f"  {'✓' if here and there else '✗'} {paper.form}-BASELINE-{paper.level}, {paper.name}{said}")
    return here and there


def _flipped(dss: Judge, papers: list[Paper]) -> bool:
    """
    One bit in each file of the container, or in the signature value, the ZIP around it whole again.

    EU DSS is not asked about archive time stamps: it judges the signature without one that is broken.
    """
    passing, count = [], 0
    for paper in papers:
        files = open_container(paper.container).files
        for number, file in enumerate(files):
            if file.name == TYPES:
                continue  # nobody signs what it says of media types
            broken = write_zip((*files[:number], _with_bit(file), *files[number + 1 :]))
            count += 1
            asked = file.name not in UNASKED and role_of(file.name) not in (Role.TIME_STAMP, Role.ARCHIVE_MANIFEST)
            if _passes(broken) or (asked and dss.verify(broken, AT).passes):
                passing.append(f"{paper.name}, {file.name}")
    say(f"  {'✗' if passing else '✓'} one flipped bit in each of {count} files passes nowhere {passing or ''}".rstrip())
    return not passing


def _with_bit(file: ZipFile) -> ZipFile:
    place = len(file.data) // 2
    if role_of(file.name) is Role.XADES:
        place = file.data.index(b"<ds:DigestValue>") + 20
    elif role_of(file.name) is Role.CADES:
        value = open_signer(open_signed(file.data).signers[0]).value
        place = file.data.index(value) + len(value) - 3
    changed = bytearray(file.data)
    changed[place] ^= 2
    return ZipFile(file.name, bytes(changed), file.plain)


def _damaged(papers: list[Paper]) -> Iterator[Damaged]:
    for number, chance in chances():
        paper = papers[number % len(papers)]
        other = chance.choice(papers).container
        kind, mutant = mutants(paper.container, chance) if number % 2 else forged(paper.container, other, chance)
        if mutant != paper.container:
            yield Damaged(f"{paper.name}, {kind} ({number})", mutant)


def _passes(container: bytes) -> bool:
    return _report(container).indication is Indication.TOTAL_PASSED


def _report(container: bytes) -> Report:
    return made.verify(container, moment=AT, lists=_lists(), city=_lasting_city())


@cache
def _lists() -> tuple[bytes, ...]:
    pki = _lasting_city()
    return tuple(holder.sign_crl(AT - 50, AT + YEAR) for holder in (pki.root, pki.issuing))


COUNTERPART = Counterpart("asic", missing, run)
