"""
XML signatures: ours against signxml, the same document and P-256 key, in turns, each by its own processor time.

signxml makes level B and reads it without revocation, path building or time stamps; ours verifies in full. `python -m
bench.xml_match` plays it alone.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import report
from bench.dss_match import XML
from signing.formats.base import Level
from signing.validation.indications import Indication
from tests import signing_xades as made
from tests.interop.signxml_peer import signxml_in
from tests.signing_pki import shared_city

ROUNDS = 5
TURN_SECONDS = 0.5
MUST, AIM = 1.5, 2.5


@dataclass(frozen=True, slots=True)
class Duel:
    """One line: operations a second of processor time."""

    name: str
    ours: float
    theirs: float


def duels(rounds: int = ROUNDS) -> list[Duel]:
    """Signing and verifying; each side verifies what it made, and ours must like theirs."""
    with tempfile.TemporaryDirectory(prefix="antin-bench-") as name, signxml_in(Path(name), shared_city()) as peer:
        ours = _sign()
        _rate, theirs = peer.sign(XML, TURN_SECONDS)
        _verify(theirs)
        rates: list[list[float]] = [[], [], [], []]
        for _ in range(rounds):
            rates[0].append(_turn(_sign))
            rates[1].append(peer.sign(XML, TURN_SECONDS)[0])
            rates[2].append(_turn(lambda: _verify(ours)))
            rates[3].append(peer.verify(theirs, TURN_SECONDS))
    signing, their_signing, verifying, their_verifying = map(statistics.median, rates)
    label = "XAdES B-B, enveloped, 100 kB"
    return [Duel(f"sign {label}", signing, their_signing), Duel(f"verify {label}", verifying, their_verifying)]


def table(found: Sequence[Duel]) -> str:
    """The duels as Markdown."""
    lines = ["| XML, in turns, one thread | ours /s | signxml 5.2 /s | ratio (must, aim) |", "|---|---:|---:|---|"]
    for duel in found:
        ratio = report.held(duel.ours / duel.theirs, MUST, AIM)
        lines.append(f"| {duel.name} | {duel.ours:,.1f} | {duel.theirs:,.1f} | {ratio} |")
    return "\n".join(lines)


def _sign() -> bytes:
    return made.sign(XML, level=Level.B_B)


def _verify(signed: bytes) -> None:
    found = made.verify(signed)
    if found.indication is not Indication.TOTAL_PASSED:
        raise RuntimeError(f"not valid: {[one.findings for one in found.signatures]}")


def _turn(act: Callable[[], object]) -> float:
    """Operations a second of processor time."""
    began, spent, done = time.process_time(), 0.0, 0
    while spent < TURN_SECONDS:
        act()
        done += 1
        spent = time.process_time() - began
    return done / spent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.xml_match", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    print(table(duels(parser.parse_args().rounds)))


if __name__ == "__main__":
    main()
