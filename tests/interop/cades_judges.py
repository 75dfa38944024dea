"""
OpenSSL, pyHanko and EU DSS on our CAdES signatures: they agree with us, and one flipped bit passes nowhere.

OpenSSL and pyHanko judge the signature itself, of one signer; EU DSS every signer, format and level. Of files damaged
and forged from them, none passes with us that does not pass with EU DSS.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import cms as asn1_cms
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko.sign.validation.generic_cms import async_validate_cms_signature
from pyhanko_certvalidator.context import ValidationContext

from base.clock import as_utc
from signing.formats.base import Level, Packaging, Statements
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from tests import signing_cms as made
from tests.city import City
from tests.interop.base import Counterpart, say
from tests.interop.cms_mutants import mutants
from tests.interop.eu_dss_judge import Judge, judge, missing
from tests.interop.lenient import Damaged, chances, chose_a_damaged_copy, never_more_lenient, told_alike
from tests.signing_pki import DAY, NOW, shared_city

EXTENDED = NOW + 3600
AT = EXTENDED + 100


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature file; level: as EU DSS names it; alone: whether one signer stands in it; content: if detached."""

    name: str
    signature: bytes
    level: str
    alone: bool = True
    content: bytes | None = None


def run(_city: City) -> bool:
    """All of it, also after something failed. The city is not asked: what signs is the same code, here in process."""
    pki = shared_city()
    lists = [holder.sign_crl(AT - 30, AT + 90 * DAY) for holder in (pki.root, pki.issuing)]
    with (
        tempfile.TemporaryDirectory(prefix="antin-cades-") as folder,
        judge(Path(folder), anchors=pki.anchors, lists=lists) as dss,
    ):
        papers = list(_papers())
        say("CAdES")
        fine = [_agreed(one, dss, Path(folder)) for one in papers]
        fine.append(
            never_more_lenient(
                _damaged(papers),
                lambda one: told_alike(one, AT, lists),
                lambda one: dss.verify(one.document, AT, one.content),
                chose_a_damaged_copy,
            )
        )
    return all(fine)


def _papers() -> Iterator[Signed]:
    person = shared_city().person()
    content = Beside(content=made.CONTENT)
    stated = Statements("text/plain", "1.2.840.113549.1.9.16.6.5", "Chủ tịch", "VN", "Huế", None, shared_city().stamp)
    yield Signed("attached", made.sign(level=Level.B_B), "B")
    yield Signed("with all that can be stated", made.sign(statements=stated), "T")
    detached = made.sign(packaging=Packaging.DETACHED)
    yield Signed("detached", detached, "T", content=made.CONTENT)
    yield Signed("two signers", made.add(made.sign(), person), "T", alone=False)
    yield Signed("countersigned", made.counter(made.sign(), person), "T", alone=False)
    yield Signed("extended", made.extend(made.sign(), Level.B_LT, at=EXTENDED), "LT")
    archived = made.extend(made.sign(), Level.B_LTA, at=EXTENDED)
    yield Signed("archived", archived, "LTA")
    yield Signed("renewed", made.extend(archived, Level.B_LTA, at=EXTENDED + 50), "LTA")
    apart = made.extend(detached, Level.B_LTA, at=EXTENDED, beside=content)
    yield Signed("detached, archived", apart, "LTA", content=made.CONTENT)


def _agreed(one: Signed, dss: Judge, folder: Path) -> bool:
    """Every judge says yes, and with one bit of the signature value flipped every judge says no."""
    answer = dss.verify(one.signature, AT, one.content)
    levels = {signature.format for signature in answer.signatures}
    good = answer.passes and levels == {f"CAdES-BASELINE-{one.level}"} and _ours(one.signature, one)
    value = made.value_of(one.signature, "Nguyễn Văn An")
    at = one.signature.index(value) + len(value) - 3
    broken = one.signature[:at] + bytes((one.signature[at] ^ 1,)) + one.signature[at + 1 :]
    bad = dss.verify(broken, AT, one.content).passes or _ours(broken, one)
    good &= _openssl(one.signature, one, folder)
    bad |= _openssl(broken, one, folder)
    if one.alone:
        good &= _pyhanko(one.signature, one)
        bad |= _pyhanko(broken, one)
    fine = good and not bad
    said = "" if fine else f": {'flipped, it passes' if good else answer}"
    say(f"  {'✓' if fine else '✗'} CAdES-BASELINE-{one.level}, {one.name}{said}")
    return fine


def _damaged(papers: list[Signed]) -> Iterator[Damaged]:
    for number, chance in chances():
        paper, other = papers[number % len(papers)], chance.choice(papers)
        kind, mutant = mutants(paper.signature, other.signature, chance)
        if mutant != paper.signature:
            yield Damaged(f"{paper.name}, {kind} ({number})", mutant, paper.content)


def _ours(signature: bytes, one: Signed) -> bool:
    beside = Beside(content=one.content) if one.content is not None else ALONE
    return made.verify(signature, moment=AT, beside=beside).indication is Indication.TOTAL_PASSED


def _openssl(signature: bytes, one: Signed, folder: Path) -> bool:
    (folder / "s.p7").write_bytes(signature)
    (folder / "content").write_bytes(one.content or b"")
    (folder / "root.pem").write_bytes(shared_city().root.certificate.public_bytes(Encoding.PEM))
    words = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", "s.p7", "-CAfile", "root.pem", "-binary"]
    words += ["-purpose", "any", "-attime", str(AT), "-out", "/dev/null"]
    words += ["-content", "content"] if one.content is not None else []
    return subprocess.run(words, cwd=folder, capture_output=True, check=False).returncode == 0


def _pyhanko(signature: bytes, one: Signed) -> bool:
    trusting = ValidationContext(
        trust_roots=[x509.Certificate.load(der) for der in shared_city().anchors],
        moment=as_utc(AT),
        revocation_mode="soft-fail",
        allow_fetching=False,
    )
    signed = asn1_cms.ContentInfo.load(signature)["content"]
    try:
        if one.content is None:
            status = asyncio.run(async_validate_cms_signature(signed, validation_context=trusting))
        else:
            status = asyncio.run(async_validate_detached_cms(one.content, signed, signer_validation_context=trusting))
    except Exception:  # it refuses in many ways
        return False
    return bool(status.intact and status.valid and status.trusted)


COUNTERPART = Counterpart("cades", missing, run)
