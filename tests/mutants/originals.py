"""The signed files that mutants are made of: every format, each at several levels, all by one small PKI."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from signing.formats.asic import Asic
from signing.formats.asic_container import Kind
from signing.formats.asic_xades import AsicXades
from signing.formats.base import Level, Packaging, Terms
from signing.formats.cms_build import write_signed, write_signer
from signing.formats.evidence_write import create_records, renew_record
from signing.validation.cms_parts import open_signed, open_signer
from signing.validation.der_check import NotDer
from signing.validation.located import ALONE, Beside
from tests import signing_asic as asic
from tests import signing_cms as cms
from tests import signing_jws as jws
from tests import signing_pdfs as pdfs
from tests import signing_xades as xml
from tests.interop import asic_mutants, cms_mutants, json_mutants, mutants, xml_mutants
from tests.signing_pki import NOW, shared_city

EXTENDED = NOW + 3600
AT = EXTENDED + 600
THING = b"one file that is kept"
Forge = Callable[[bytes, bytes, random.Random], tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Original:
    """family: which reader reads it, and which mutants are made of it. beside: what comes along."""

    family: str
    name: str
    document: bytes = field(repr=False)
    beside: Beside = ALONE


def originals() -> tuple[Original, ...]:
    return (*_pdfs(), *_cms(), *_xml(), *_json(), *_containers(), *_records(), *_stamps())


def _levels(sign: Callable[..., bytes], extend: Callable[..., bytes], **wanted: object) -> Iterator[tuple[str, bytes]]:
    yield "B-B", sign(level=Level.B_B, **wanted)
    stamped = sign(level=Level.B_T, **wanted)
    yield "B-T", stamped
    for level in (Level.B_LT, Level.B_LTA):
        yield str(level), extend(stamped, level, at=EXTENDED)


def _pdfs() -> Iterator[Original]:
    city = shared_city()
    for name, document in _levels(lambda **wanted: pdfs.sign(pdfs.plain(), city, **wanted), pdfs.extend):
        yield Original("PDF", name, document)
    twice = pdfs.sign(pdfs.sign(pdfs.compressed(), city), city, city.person())
    yield Original("PDF", "two signers", twice)
    certified = pdfs.sign(pdfs.with_form(), city, terms=Terms(certify=2))
    yield Original("PDF", "certified", pdfs.extend(certified, Level.B_LTA, at=EXTENDED))


def _cms() -> Iterator[Original]:
    person = shared_city().person()
    for name, document in _levels(cms.sign, cms.extend):
        yield Original("CMS", name, document)
    yield Original("CMS", "two signers", cms.add(cms.sign(), person))
    yield Original("CMS", "countersigned", cms.counter(cms.sign(), person))
    detached = cms.sign(packaging=Packaging.DETACHED)
    yield Original("CMS", "detached", detached, Beside(content=cms.CONTENT))


def _xml() -> Iterator[Original]:
    person = shared_city().person()
    for name, document in _levels(xml.sign, xml.extend):
        yield Original("XML", name, document)
    yield Original("XML", "a part", xml.sign(xml.INVOICE, nodes=("data",)))
    yield Original("XML", "countersigned", xml.counter(xml.sign(), person))
    enveloping = xml.sign(cms.CONTENT, packaging=Packaging.ATTACHED)
    yield Original("XML", "enveloping", xml.extend(enveloping, Level.B_LTA, at=EXTENDED))
    detached = xml.sign(cms.CONTENT, packaging=Packaging.DETACHED)
    yield Original("XML", "detached", detached, Beside(content=cms.CONTENT))


def _json() -> Iterator[Original]:
    for name, document in _levels(jws.sign, jws.extend):
        yield Original("JSON", name, document)
    yield Original("JSON", "compact", jws.sign(level=Level.B_B, packaging=Packaging.COMPACT))
    yield Original("JSON", "two signers", jws.add(jws.sign(), shared_city().person()))
    detached = jws.sign(packaging=Packaging.DETACHED)
    yield Original("JSON", "detached", detached, Beside(content=cms.CONTENT))


def _containers() -> Iterator[Original]:
    for kind in Kind:
        for form in (Asic(kind), AsicXades(kind)):
            signed = asic.sign(asic=form)
            yield Original("container", f"{form.name} B-T", signed)
            yield Original("container", f"{form.name} B-LTA", asic.extend(signed, asic=form, at=EXTENDED))


def _records() -> Iterator[Original]:
    """The record is what is changed; the file stands beside it."""
    beside = Beside(content=THING)
    alone, *_ = create_records([THING], shared_city().stamp)
    many, *_ = create_records([THING, b"2", b"3", b"4", b"5"], shared_city().stamp)
    for name, record in (("one file", alone), ("one of five", many)):
        yield Original("record", name, record, beside)
        renewed = renew_record(record, asic.sources(EXTENDED))
        yield Original("record", f"{name}, time stamp renewed", renewed, beside)
        yield Original(
            "record", f"{name}, tree renewed", renew_record(renewed, asic.sources(EXTENDED + 60), THING), beside
        )


def _stamps() -> Iterator[Original]:
    """Only the time stamp of the signature is changed."""
    yield Original("time stamp", "signature", cms.sign())
    yield Original("time stamp", "archive", cms.extend(cms.sign(), Level.B_LTA, at=EXTENDED))


def _in_stamp(document: bytes, other: bytes, chance: random.Random) -> tuple[str, bytes]:
    """One token of a CMS signature damaged, exchanged or forged as a CMS of its own."""
    parts = open_signed(document)
    signer = open_signer(parts.signers[0])
    place = chance.randrange(len(signer.unsigned))
    kind, token = signer.unsigned[place]
    foreign = chance.choice(open_signer(open_signed(other).signers[0]).unsigned)[1]
    if chance.random() < 0.1:
        done, changed = "exchanged", foreign
    else:
        done, changed = cms_mutants.mutants(token, foreign, chance)
    unsigned = (*signer.unsigned[:place], (kind, changed), *signer.unsigned[place + 1 :])
    written = write_signer(replace(signer, unsigned=unsigned))
    try:
        return done, write_signed(replace(parts, signers=(written,)))
    except (IndexError, NotDer):  # no attribute can hold it
        return done, document.replace(token, changed)


def _bytes_or(forge: Forge) -> Forge:
    def either(document: bytes, other: bytes, chance: random.Random) -> tuple[str, bytes]:
        return mutants.mutants(document, chance) if chance.random() < 0.5 else forge(document, other, chance)

    return either


FORGES: dict[str, Forge] = {
    "PDF": lambda document, _other, chance: mutants.mutants(document, chance, mutants.PDF_MUTATIONS),
    "CMS": cms_mutants.mutants,
    "XML": _bytes_or(lambda document, _other, chance: xml_mutants.xml_mutants(document, chance)),
    "JSON": json_mutants.mutants,
    "container": _bytes_or(asic_mutants.forged),
    "record": lambda document, _other, chance: mutants.mutants(document, chance),
    "time stamp": _in_stamp,
}
"""What is done to a file of each family; parts may come from another one of the family."""
