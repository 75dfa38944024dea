"""
EU DSS, xmlsec1, xadesjs, xml-crypto and signxml on our XAdES signatures: they agree with us.

EU DSS judges every signature, format and level; the others the signature itself (xades_readers.py). One flipped bit
passes nowhere. Of damaged and forged files none passes with us that does not pass with EU DSS.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import Level, Packaging, Statements
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from signing.validation.report import Report
from tests import signing_xades as made
from tests.city import City
from tests.interop.base import Counterpart, say
from tests.interop.eu_dss_judge import Answer, Judge, judge, missing
from tests.interop.lenient import Damaged, chances, chose_a_damaged_copy, never_more_lenient
from tests.interop.mutants import mutants
from tests.interop.xades_readers import Readers, readers_in, without_readers
from tests.interop.xml_mutants import xml_mutants
from tests.signing_pki import DAY, NOW, issue, shared_city

EXTENDED = NOW + 3600
AT = EXTENDED + 100
CONTENT = "Nội dung rời.".encode()
BESIDE = Beside(content=CONTENT)
READERS = {
    "ES384": ("xmlsec1", "xadesjs"),
    "ES512": ("xmlsec1", "xadesjs"),
    "RS256": ("xmlsec1", "xml-crypto"),
    "PS256": ("xml-crypto",),
    "EdDSA": (),
}
"""The xmlsec1 of Debian 12 knows neither of the last two; xml-crypto does RSA alone, xadesjs elliptic curves."""
EVERY = ("xmlsec1", "xadesjs")
PLAIN = (*EVERY, "signxml")
"""Of a document that signxml can read, with one reference beside the properties."""
POLICY = "is not authorised for signature creation"
"""The policy that EU DSS comes with does not list EdDSA (docs/divergences.md, TS 119 312); it does verify the value."""


@dataclass(frozen=True, slots=True)
class Signed:
    """
    A signed file. level: as EU DSS names it; readers: who else can read it, by algorithm and number of signatures;
    content: if it stands beside.
    """

    name: str
    signature: bytes
    level: str
    readers: tuple[str, ...] = ("xmlsec1",)
    content: bytes | None = None


def run(_city: City) -> bool:
    """All of it, also after something failed. The city is not asked: what signs is the same code, here in process."""
    pki = shared_city()
    lists = [holder.sign_crl(AT - 30, AT + 90 * DAY) for holder in (pki.root, pki.issuing)]
    with (
        tempfile.TemporaryDirectory(prefix="antin-xades-") as folder,
        judge(Path(folder), anchors=pki.anchors, lists=lists) as dss,
    ):
        papers = list(_papers())
        say("XAdES")
        with readers_in(Path(folder), AT) as readers:
            fine = [_agreed(one, dss, readers) for one in papers]
        fine.append(
            never_more_lenient(
                _damaged(papers),
                lambda one: _report(one.document, one.content),
                lambda one: dss.verify(one.document, AT, one.content),
                _explained,
            )
        )
    return all(fine)


def _papers() -> Iterator[Signed]:
    yield from _packagings()
    yield from _algorithms()
    yield from _levels()


def _packagings() -> Iterator[Signed]:
    person = shared_city().person()
    stated = Statements("text/xml", "1.2.840.113549.1.9.16.6.5", "Chủ tịch", "VN", "Huế", None, shared_city().stamp)
    yield Signed("enveloped, without a stamp", made.sign(level=Level.B_B), "B", EVERY)
    yield Signed("enveloped, with all that can be stated", made.sign(statements=stated), "T", EVERY)
    yield Signed("an element of a document", made.sign(made.INVOICE, nodes=("data",)), "T", PLAIN)
    yield Signed("two over an element", made.add(made.sign(made.INVOICE, nodes=("data",)), person), "T")
    joint = made.sign(joint=True)
    yield Signed("several over a document", made.add(joint, person), "T")
    yield Signed("countersigned", made.counter(made.sign(), person), "T")
    attached = made.sign(CONTENT, packaging=Packaging.ATTACHED)
    yield Signed("enveloping", attached, "T", PLAIN)
    yield Signed("two enveloping", made.add(attached, person), "T")
    detached = made.sign(CONTENT, packaging=Packaging.DETACHED, file_name="detached")
    yield Signed("detached", detached, "T", content=CONTENT)
    nameless = made.sign(CONTENT, packaging=Packaging.DETACHED)
    yield Signed("detached, without a name", nameless, "T", (), CONTENT)
    yield Signed("two detached", made.add(detached, person, beside=BESIDE), "T", content=CONTENT)


def _algorithms() -> Iterator[Signed]:
    keys: dict[str, Any] = {
        "ES384": ec.generate_private_key(ec.SECP384R1()),
        "ES512": ec.generate_private_key(ec.SECP521R1()),
        "RS256": rsa.generate_private_key(65537, 2048),
        "PS256": rsa.generate_private_key(65537, 2048),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    }
    for name, key in keys.items():
        holder = issue("Lê Thị Cúc", shared_city().issuing, key=key)
        yield Signed(name, made.sign(holder=holder, algorithm=name), "T", READERS[name])


def _levels() -> Iterator[Signed]:
    person = shared_city().person()
    for packaging in (Packaging.ENVELOPED, Packaging.ATTACHED, Packaging.DETACHED):
        content = CONTENT if packaging is Packaging.DETACHED else None
        beside = BESIDE if content else ALONE
        document = made.XML if packaging is Packaging.ENVELOPED else CONTENT
        name = "detached" if content else ""
        basic = made.sign(document, level=Level.B_B, packaging=packaging, file_name=name)
        for level in (Level.B_T, Level.B_LT, Level.B_LTA):
            extended = made.extend(basic, level, at=EXTENDED, beside=beside)
            yield Signed(f"{packaging}, extended", extended, level[2:], content=content)
        renewed = made.extend(extended, Level.B_LTA, at=EXTENDED + 50, beside=beside)
        yield Signed(f"{packaging}, renewed", renewed, "LTA", content=content)
    countersigned = made.counter(made.add(made.sign(CONTENT, packaging=Packaging.ATTACHED), person), person)
    yield Signed("two and a third, archived", made.extend(countersigned, Level.B_LTA, at=EXTENDED), "LTA")


def _agreed(one: Signed, dss: Judge, readers: Readers) -> bool:
    """Every judge says yes, and with one bit of the signature value flipped every judge says no."""
    answer = dss.verify(one.signature, AT, one.content)
    found = {signature.format for signature in answer.signatures}
    levels = {"XAdES-BASELINE-T", f"XAdES-BASELINE-{one.level}"}  # counter-signatures are not extended
    good = (answer.passes or _only_its_policy(one.name, answer)) and found <= levels and _ours(one)
    good &= f"XAdES-BASELINE-{one.level}" in found
    at = one.signature.index(b'-value">') + 30
    changed = b"B" if one.signature[at : at + 1] == b"A" else b"A"
    broken = Signed(one.name, one.signature[:at] + changed + one.signature[at + 1 :], one.level, content=one.content)
    bad = dss.verify(broken.signature, AT, one.content).passes or _ours(broken)
    said = "" if good else f"{answer}"
    for name in one.readers:
        said += "" if (heard := readers.accepts(name, one.signature, one.content)) else f" {name} refuses it"
        good &= heard
        bad |= readers.accepts(name, broken.signature, one.content)
    fine = good and not bad
    why = "" if fine else f": {said or 'flipped, it passes'}"
    say(f"  {'✓' if fine else '✗'} XAdES-BASELINE-{one.level}, {one.name}{why}")
    return fine


def _only_its_policy(name: str, answer: Answer) -> bool:
    refused = {signature.sub_indication for signature in answer.signatures}
    about = all(f"EdDSA with SHA512 {POLICY}" in signature.why for signature in answer.signatures)
    return name == "EdDSA" and refused == {"CRYPTO_CONSTRAINTS_FAILURE_NO_POE"} and about


def _ours(one: Signed) -> bool:
    return _report(one.signature, one.content).indication is Indication.TOTAL_PASSED


def _report(document: bytes, content: bytes | None) -> Report:
    beside = Beside(content=content) if content is not None else ALONE
    own = TrustSource(tuple(shared_city().anchors), (), tuple(shared_city().crls))  # as much as the judge knows
    return verify_document(document, moment=AT, own=own, beside=beside)


def _damaged(papers: list[Signed]) -> Iterator[Damaged]:
    for number, chance in chances():
        paper = papers[number % len(papers)]
        kind, mutant = chance.choice((mutants, xml_mutants))(paper.signature, chance)
        if mutant != paper.signature:
            yield Damaged(f"{paper.name}, {kind} ({number})", mutant, paper.content)


def _explained(one: Damaged, ours: Report, answer: Answer) -> bool:
    return _only_its_policy(one.name.partition(",")[0], answer) or chose_a_damaged_copy(one, ours, answer)


def _missing() -> str:
    return missing() or without_readers()


COUNTERPART = Counterpart("xades", _missing, run)
