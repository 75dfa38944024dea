"""
EU DSS and npm's jose on our JAdES signatures: they agree with us, and one flipped bit passes nowhere.

EU DSS judges every signature, format and level; jose the signatures themselves. Of files damaged and forged from them,
none passes with us that does not pass with EU DSS.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from signing.formats.base import Level, Packaging, SignaturePolicy, Statements
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from tests import signing_jws as made
from tests.city import City
from tests.interop import eu_dss_judge
from tests.interop.base import Counterpart, say, without_npm
from tests.interop.eu_dss_judge import Answer, Judge, judge
from tests.interop.jose_judge import ALGORITHMS, Jose, jose
from tests.interop.json_mutants import mutants
from tests.interop.lenient import Damaged, chances, chose_a_damaged_copy, never_more_lenient, told_alike
from tests.signing_cms import CONTENT
from tests.signing_pki import DAY, NOW, Holder, issue, shared_city

EXTENDED = NOW + 3600
AT = EXTENDED + 100
BESIDE = Beside(content=CONTENT)
POLICY = "is not authorised for signature creation"
"""The policy that EU DSS comes with does not list EdDSA (docs/divergences.md, TS 119 312); it does verify the value."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature file; level: as EU DSS names it; signers: of the signatures in it, with their algorithms."""

    name: str
    signature: bytes
    level: str
    signers: tuple[tuple[Holder, str], ...]
    content: bytes | None = None


def missing() -> str:
    """Why it cannot run here; "" when it can."""
    return eu_dss_judge.missing() or without_npm()


def run(_city: City) -> bool:
    """All of it, also after something failed. The city is not asked: what signs is the same code, here in process."""
    pki = shared_city()
    lists = [holder.sign_crl(AT - 30, AT + 90 * DAY) for holder in (pki.root, pki.issuing)]
    with (
        tempfile.TemporaryDirectory(prefix="antin-jades-") as folder,
        judge(Path(folder), anchors=pki.anchors, lists=lists) as dss,
        jose() as reader,
    ):
        papers = list(_papers())
        say("JAdES")
        fine = [_agreed(one, dss, reader) for one in papers]
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
    yield from _packagings()
    yield from _algorithms()
    yield from _levels()


def _packagings() -> Iterator[Signed]:
    person = shared_city().person()
    one, both = ((shared_city().official, "ES256"),), ((shared_city().official, "ES256"), (person, "ES256"))
    policy = SignaturePolicy("1.3.6.1.4.1.99999.7", bytes(32), "https://policy.example/1")
    place, approval = ("VN", "Huế"), "1.2.840.113549.1.9.16.6.5"
    stated = Statements("text/plain", approval, "Chủ tịch", *place, policy, shared_city().stamp)
    yield Signed("compact", made.sign(packaging=Packaging.COMPACT, level=Level.B_B), "B", one)
    yield Signed("flattened, without a stamp", made.sign(level=Level.B_B), "B", one)
    yield Signed("with all that can be stated", made.sign(statements=stated), "T", one)
    yield Signed("general, two signers", made.add(made.sign(), person), "T", both)
    yield Signed("countersigned", made.counter(made.sign(), person), "T", one)
    yield Signed("countersigned twice", made.counter(made.counter(made.sign(), person), person, (0, 0)), "T", one)
    detached = made.sign(packaging=Packaging.DETACHED, statements=stated)
    yield Signed("detached", detached, "T", one, CONTENT)
    yield Signed("detached, two signers", made.add(detached, person, beside=BESIDE), "T", both, CONTENT)


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
        yield Signed(name, made.sign(holder=holder, algorithm=name), "T", ((holder, name),))


def _levels() -> Iterator[Signed]:
    one = ((shared_city().official, "ES256"),)
    for packaging in (Packaging.ATTACHED, Packaging.DETACHED, Packaging.COMPACT):
        content = CONTENT if packaging is Packaging.DETACHED else None
        beside = BESIDE if content else ALONE
        basic = made.sign(level=Level.B_B, packaging=packaging)
        for level in (Level.B_T, Level.B_LT, Level.B_LTA):
            extended = made.extend(basic, level, at=EXTENDED, beside=beside)
            yield Signed(f"{packaging}, extended", extended, level[2:], one, content)
        renewed = made.extend(extended, Level.B_LTA, at=EXTENDED + 50, beside=beside)
        yield Signed(f"{packaging}, renewed", renewed, "LTA", one, content)
    person = shared_city().person()
    countersigned = made.counter(made.add(made.sign(), person), person)
    archived = made.extend(countersigned, Level.B_LTA, at=EXTENDED)
    yield Signed("two and a third, archived", archived, "LTA", (*one, (person, "ES256")))


def _agreed(one: Signed, dss: Judge, reader: Jose) -> bool:
    """Every judge says yes, and with one bit of the signature value flipped every judge says no."""
    broken = _flipped(one.signature)
    answer = dss.verify(one.signature, AT, one.content)
    found = {signature.format for signature in answer.signatures}
    allowed = {"JAdES-BASELINE-T", f"JAdES-BASELINE-{one.level}"}  # counter-signatures are not extended
    good = (answer.passes or _only_its_policy(one, answer)) and found <= allowed and _ours(one.signature, one)
    good &= f"JAdES-BASELINE-{one.level}" in found
    bad = dss.verify(broken, AT, one.content).passes or _ours(broken, one)
    said = "" if good else f"{answer}"
    if {algorithm for _holder, algorithm in one.signers} <= ALGORITHMS:
        heard = reader.verify(one.signature, one.signers)
        good &= heard == "yes"
        bad |= reader.verify(broken, one.signers) == "yes"
        said += "" if heard == "yes" else f" jose: {heard}"
    fine = good and not bad
    why = "" if fine else f": {said or 'flipped, it passes'}"
    say(f"  {'✓' if fine else '✗'} JAdES-BASELINE-{one.level}, {one.name}{why}")
    return fine


def _flipped(signature: bytes) -> bytes:
    """One bit of the first value, whose letters stand behind its name or the last dot."""
    start = signature.index(b'"signature":"') + 13 if signature.startswith(b"{") else signature.rindex(b".") + 1
    value = made.decoded(signature[start:].split(b'"')[0].decode())
    written = made.encoded(bytes((value[0] ^ 1,)) + value[1:]).encode()
    return signature[:start] + written + signature[start + len(written) :]


def _only_its_policy(one: Signed, answer: Answer) -> bool:
    refused = {signature.sub_indication for signature in answer.signatures}
    about = all(f"EdDSA with SHA512 {POLICY}" in signature.why for signature in answer.signatures)
    return one.name == "EdDSA" and refused == {"CRYPTO_CONSTRAINTS_FAILURE_NO_POE"} and about


def _damaged(papers: list[Signed]) -> Iterator[Damaged]:
    """Of what both let pass as it is."""
    able = [one for one in papers if one.name != "EdDSA"]
    for number, chance in chances():
        paper, other = able[number % len(able)], chance.choice(able)
        kind, mutant = mutants(paper.signature, other.signature, chance)
        if mutant != paper.signature:
            yield Damaged(f"{paper.name}, {kind} ({number})", mutant, paper.content)


def _ours(signature: bytes, one: Signed) -> bool:
    beside = Beside(content=one.content) if one.content is not None else ALONE
    return made.verify(signature, moment=AT, beside=beside).indication is Indication.TOTAL_PASSED


COUNTERPART = Counterpart("jades", missing, run)
