"""
EU DSS, pyHanko, poppler's pdfsig and qpdf on our PAdES signatures of every level, with keys of every kind.

1. EU DSS finds every signature valid and names the level that we name; where it knows the key, pyHanko agrees; pdfsig
   reads the signatures it knows; qpdf finds nothing to repair.
2. One flipped bit passes nowhere.
3. Of damaged and forged archives none passes with us that does not pass with EU DSS.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asn1crypto import crl, x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator.context import ValidationContext

from base.clock import as_utc
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import NO_TERMS, FieldLock, Level, PrepareRequest, Terms
from signing.formats.pades import Pades
from signing.validation.indications import Indication
from signing.validation.report import Report
from tests import signing_pdfs as pdfs
from tests.city import City
from tests.encrypted_pdfs import KINDS, encrypted
from tests.interop.base import Counterpart, say
from tests.interop.eu_dss_judge import Judge, judge
from tests.interop.eu_dss_judge import missing as without_java
from tests.interop.lenient import Damaged, chances, chose_a_damaged_copy, never_more_lenient
from tests.interop.mutants import PDF_MUTATIONS, mutants
from tests.signing_acts import sign_message, usual
from tests.signing_pki import DAY, NOW, Holder, issue, shared_city

EXTENDED = NOW + 3600
AT = EXTENDED + 100
MUTANTS = 400
PADES = Pades()
KEYS: dict[str, Any] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "PS256": lambda: rsa.generate_private_key(65_537, 2048),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey.generate,
}
NOT_PDFSIG = frozenset(("EdDSA", "ML-DSA-65"))
"""What pdfsig's library does not know."""
NOT_DSS = frozenset(("EdDSA", "ML-DSA-65"))
"""ML-DSA EU DSS 6.4 does not know; Ed25519 its own policy of algorithms does not list."""


@dataclass(frozen=True, slots=True)
class Paper:
    """
    A signed PDF; level: as EU DSS names it; key: of the signer. locked: whether fields are. encryption: its kind, of
    one that opens without a password.
    """

    name: str
    document: bytes
    level: str
    key: str = "ES256"
    locked: bool = False
    encryption: str = ""


def missing() -> str:
    """Why it cannot run here; "" when it can."""
    lacking = [name for name in ("pdfsig", "qpdf") if shutil.which(name) is None]
    return without_java() or (f"not installed: {', '.join(lacking)}" if lacking else "")


def run(_city: City) -> bool:
    """All of it, also after something failed. The city is not asked: what signs is the same code, here in process."""
    with (
        tempfile.TemporaryDirectory(prefix="antin-pades-") as folder,
        judge(Path(folder), anchors=shared_city().anchors, lists=list(_lists())) as dss,
    ):
        papers = list(_papers())
        say("PAdES")
        fine = [_agreed(one, dss, Path(folder)) for one in papers]
        damaged = _damaged([one for one in papers if one.key == "ES256"])
        fine.append(
            never_more_lenient(
                damaged,
                lambda one: _report(one.document),
                lambda one: dss.verify(one.document, AT),
                chose_a_damaged_copy,
            )
        )
    return all(fine)


def _papers() -> Iterator[Paper]:
    for name, key in KEYS.items():
        holder = issue("Nguyễn Văn An", shared_city().issuing, key=key())
        signed = {Level.B_B: _sign(pdfs.plain(), holder, Level.B_B), Level.B_T: _sign(pdfs.plain(), holder)}
        signed |= {level: _extended(signed[Level.B_T], level) for level in (Level.B_LT, Level.B_LTA)}
        for level, document in signed.items():
            yield Paper(name, document, level.removeprefix("B-"), name)
    person = shared_city().official
    archived = _extended(_sign(pdfs.compressed(), person), Level.B_LTA)
    yield Paper("compressed", archived, "LTA")
    yield Paper("renewed", _extended(archived, Level.B_LTA, EXTENDED + 50), "LTA")
    yield Paper("stamped as a whole", _extended(_sign(pdfs.plain(), person, Level.B_B), Level.B_T), "T")
    yield Paper("twice", _extended(_sign(_sign(pdfs.with_form(), person), person), Level.B_LTA), "LTA")
    for permission in (1, 2, 3):
        certified = _sign(pdfs.plain(), person, terms=Terms(certify=permission))
        yield Paper(f"certified {permission}", _extended(certified, Level.B_LTA), "LTA")
        if permission > 1:
            yield Paper(f"certified {permission} and signed", _sign(certified, person), "T")
    locked = _sign(pdfs.with_form(), person, terms=Terms(locks=FieldLock("Include", ("note",))))
    yield Paper("locked and signed", _sign(locked, person), "T", locked=True)
    for kind in KINDS:
        encrypted_paper = _sign(encrypted(kind), person)
        yield Paper(kind, encrypted_paper, "T", encryption=kind)
        yield Paper(kind, _extended(encrypted_paper, Level.B_LTA), "LTA", encryption=kind)


def _sign(document: bytes, holder: Holder, level: Level = Level.B_T, terms: Terms = NO_TERMS) -> bytes:
    request = PrepareRequest(
        holder.der, holder.chain, NOW, level, algorithm=usual(holder.key), terms=terms, reason="Ký ban hành"
    )
    prepared = PADES.prepare(document, request)
    value = sign_message(holder.key, prepared.algorithm, prepared.signed_attributes)
    return PADES.embed(prepared, value, shared_city().stamp)


def _extended(document: bytes, level: Level, at: int = EXTENDED) -> bytes:
    return pdfs.extend(document, level, at=at)


def _lists() -> tuple[bytes, ...]:
    return tuple(holder.sign_crl(AT - 30, AT + 90 * DAY) for holder in (shared_city().root, shared_city().issuing))


def _agreed(one: Paper, dss: Judge, folder: Path) -> bool:
    """Every judge says yes, and with one bit of what is signed flipped every judge says no."""
    broken = bytearray(one.document)
    broken[len(pdfs.plain()) // 2] ^= 1
    good, bad = _opinions(one, one.document, dss, folder), _opinions(one, bytes(broken), dss, folder)
    (folder / "paper.pdf").write_bytes(one.document)
    sound = subprocess.run(("qpdf", "--check", "paper.pdf"), cwd=folder, capture_output=True, check=False)
    fine = all(good.values()) and not any(bad.values()) and sound.returncode == 0
    said = "" if fine else f": {good}, flipped {bad}, qpdf {sound.returncode}"
    if not fine and one.key not in NOT_DSS:
        said += f" {dss.verify(one.document, AT)}"
    say(f"  {'✓' if fine else '✗'} PAdES-BASELINE-{one.level}, {one.name}{said}")
    return fine


def _opinions(one: Paper, document: bytes, dss: Judge, folder: Path) -> dict[str, bool]:
    """Of each judge that knows the key."""
    opinions = {"we": _ours(document, f"B-{one.level}")}
    # the library takes an untouched field that is locked for a changed one (pdf_changes.py), and does not know the
    # encryption of 2008
    if not one.locked and one.encryption != "AES-256 of 2008":
        opinions["pyHanko"] = _pyhanko(document)
    if one.key not in NOT_DSS:
        answer = dss.verify(document, AT)
        named = {signature.format for signature in answer.signatures} == {f"PAdES-BASELINE-{one.level}"}
        opinions["EU DSS"] = answer.passes and named
    if one.key not in NOT_PDFSIG:
        opinions["pdfsig"] = _pdfsig(document, folder)
    return opinions


def _ours(document: bytes, level: str = "") -> bool:
    report = _report(document)
    passes = report.indication is Indication.TOTAL_PASSED
    return passes and (not level or {one.level for one in report.signatures} == {level})


def _report(document: bytes) -> Report:
    own = TrustSource(tuple(shared_city().anchors), (), _lists())
    return verify_document(document, moment=AT, own=own)


def _pyhanko(document: bytes) -> bool:
    trusting = ValidationContext(
        trust_roots=[x509.Certificate.load(der) for der in shared_city().anchors],
        other_certs=[x509.Certificate.load(shared_city().issuing.der)],
        crls=[crl.CertificateList.load(der) for der in _lists()],
        moment=as_utc(AT),
        revocation_mode="hard-fail",
    )
    try:
        reader = PdfFileReader(io.BytesIO(document))
        if reader.encrypted:
            reader.decrypt("")
        signatures = [
            validate_pdf_signature(one, trusting, ts_validation_context=trusting)
            for one in reader.embedded_regular_signatures
        ]
        stamps = [validate_pdf_timestamp(one, trusting) for one in reader.embedded_timestamp_signatures]
    except Exception:  # it refuses in many ways
        return False
    good = all(one.bottom_line for one in signatures) and all(
        one.valid and one.intact and one.trusted for one in stamps
    )
    return bool(signatures) and good


def _pdfsig(document: bytes, folder: Path) -> bool:
    """Whether it finds a signature valid, and none broken; it does not judge who is trusted here."""
    (folder / "paper.pdf").write_bytes(document)
    words = ("pdfsig", "-nocert", "paper.pdf")
    said = subprocess.run(words, cwd=folder, capture_output=True, check=False).stdout.decode(errors="replace")
    return "Signature is Valid." in said and "Digest Mismatch" not in said and "Signature is Invalid" not in said


def _damaged(papers: list[Paper]) -> Iterator[Damaged]:
    for number, chance in chances(MUTANTS):
        paper = papers[number % len(papers)]
        kind, mutant = mutants(paper.document, chance, PDF_MUTATIONS)
        if mutant != paper.document:
            yield Damaged(f"{paper.name} {paper.level}, {kind} ({number})", mutant)


COUNTERPART = Counterpart("pades", missing, run)
