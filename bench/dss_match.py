"""
Every format against EU DSS, warmed up: the same files, the same P-256 key, one thread each, by its own processor time.

DSS signs at level B and verifies with the revocation lists at hand, as ours does; what its compiler and collector cost
beside that thread is not counted against it. `python -m bench.dss_match` plays it alone.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from bench import report
from bench.documents import image_document
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats import FORMATS
from signing.formats.base import Format, Level, PrepareRequest
from signing.validation.indications import Indication
from tests.interop.eu_dss_judge import DSS
from tests.interop.java import ask, missing
from tests.signing_pki import NOW, City, shared_city

SOURCE = Path(__file__).parent / "eu-dss" / "Bench.java"
ROUNDS = 3
TURN_SECONDS = 0.5
WARM_SECONDS = 4.0
MUST, AIM = 1.0, 2.0
XML = (
    b"<decision>"
    + b"".join(b"<line n='%d'>Ph\xc3\xaa duy\xe1\xbb\x87t</line>" % n for n in range(3000))
    + b"</decision>"
)


@dataclass(frozen=True, slots=True)
class Event:
    """A format in both worlds: its name in FORMATS, what Bench.java calls it, the document."""

    ours: str
    theirs: str
    document: Callable[[], bytes]
    label: str


EVENTS = (
    Event("PAdES", "pades", lambda: image_document(45_000), "50 kB"),
    Event("PAdES", "pades", lambda: image_document(1_000_000), "1 MB"),
    Event("CAdES", "cades", lambda: image_document(100_000), "attached, 100 kB"),
    Event("XAdES", "xades", lambda: XML, "enveloped, 100 kB"),
    Event("JAdES", "jades", lambda: image_document(100_000), "JSON, 100 kB"),
    Event("ASiC-S with CAdES", "asics-cades", lambda: image_document(100_000), "100 kB"),
    Event("ASiC-E with CAdES", "asice-cades", lambda: image_document(100_000), "100 kB"),
)


@dataclass(frozen=True, slots=True)
class Duel:
    """One line: operations a second of processor time."""

    name: str
    ours: float
    theirs: float


def duels(rounds: int = ROUNDS) -> list[Duel]:
    """All of them that both sides can play; empty where there is no Java."""
    if missing():
        return []
    city, found = shared_city(), []
    with tempfile.TemporaryDirectory(prefix="antin-bench-") as name, _peer(Path(name), city) as peer:
        for event in EVENTS:
            for one in (one for one in FORMATS if one.name == event.ours):
                found += _played(event, one, city, peer, rounds)
    return found


class Peer:
    """Bench.java at work."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process, self._folder = process, folder

    def sign(self, form: str, document: bytes, seconds: float) -> tuple[float, bytes]:
        """Operations a second, and what came out."""
        out = self._folder / "out"
        rate = self._asked("sign", form, str(NOW), self._written(document), str(seconds), str(out))
        return rate, out.read_bytes()

    def verify(self, document: bytes, seconds: float) -> float:
        return self._asked("verify", str(NOW + 60), self._written(document), str(seconds))

    def _written(self, document: bytes) -> str:
        path = self._folder / "document"
        path.write_bytes(document)
        return str(path)

    def _asked(self, *fields: str) -> float:
        answer = ask(self._process, *fields)
        if answer.startswith("failed"):
            raise RuntimeError(f"EU DSS: {fields[:2]}: {answer}")
        return float(answer)


@contextmanager
def _peer(folder: Path, city: City) -> Iterator[Peer]:
    DSS.fetch()
    DSS.compile(SOURCE)
    key = city.official.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files = {"key.der": key, "signer.der": city.official.der}
    for place, kept in (("chain", city.official.chain), ("anchors", city.anchors), ("lists", city.crls)):
        (folder / place).mkdir()
        files |= {f"{place}/{number}.der": one for number, one in enumerate(kept)}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    process = DSS.start("Bench", str(folder), heap="2g")
    try:
        yield Peer(process, folder)
    finally:
        process.kill()
        process.wait()


def _played(event: Event, one: Format, city: City, peer: Peer, rounds: int) -> list[Duel]:
    """Signing and verifying; each side verifies what it made itself, and ours must like theirs."""
    document = event.document()
    ours = _sign(one, document, city)
    _rate, theirs = peer.sign(event.theirs, document, WARM_SECONDS)
    _verify(theirs, city)
    peer.verify(theirs, WARM_SECONDS)
    rates: list[list[float]] = [[], [], [], []]
    for _ in range(rounds):
        rates[0].append(_turn(lambda: _sign(one, document, city)))
        rates[1].append(peer.sign(event.theirs, document, TURN_SECONDS)[0])
        rates[2].append(_turn(lambda: _verify(ours, city)))
        rates[3].append(peer.verify(theirs, TURN_SECONDS))
    signing, their_signing, verifying, their_verifying = map(statistics.median, rates)
    name = f"{event.ours} B-B, {event.label}"
    return [Duel(f"sign {name}", signing, their_signing), Duel(f"verify {name}", verifying, their_verifying)]


def _sign(one: Format, document: bytes, city: City) -> bytes:
    holder = city.official
    prepared = one.prepare(document, PrepareRequest(holder.der, holder.chain, NOW, Level.B_B))
    return one.embed(prepared, holder.sign(prepared.to_be_signed_digest), None)


def _verify(signed: bytes, city: City) -> None:
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls))
    found = verify_document(signed, moment=NOW + 60, own=own)
    if found.indication is not Indication.TOTAL_PASSED:
        raise RuntimeError(f"not valid: {[(one.format, one.findings) for one in found.signatures]}")


def _turn(act: Callable[[], object]) -> float:
    """Operations a second of processor time."""
    began, spent, done = time.process_time(), 0.0, 0
    while spent < TURN_SECONDS:
        act()
        done += 1
        spent = time.process_time() - began
    return done / spent


def table(found: Sequence[Duel]) -> str:
    """The duels as Markdown."""
    if not found:
        return f"No match with EU DSS: {missing()}."
    lines = [
        "| every format, in turns, one thread | ours /s | EU DSS 6.4 /s | ratio (must, aim) |",
        "|---|---:|---:|---|",
    ]
    for duel in found:
        ratio = report.held(duel.ours / duel.theirs, MUST, AIM)
        lines.append(f"| {duel.name} | {duel.ours:,.1f} | {duel.theirs:,.1f} | {ratio} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.dss_match", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    print(table(duels(parser.parse_args().rounds)))


if __name__ == "__main__":
    main()
