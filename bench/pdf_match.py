"""
PDF signatures: ours against pyHanko tuned and against the limit, in turns, in this process, by processor time.

The limit of signing is one pass of SHA-256 over the document and one bare signature. `python -m bench.pdf_match`
plays it alone.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from bench import pdf_peer, report
from bench.documents import image_document
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import Level, PrepareRequest
from signing.formats.large import append, mapped
from signing.formats.pades import Pades
from signing.validation.indications import Indication
from tests.signing_pki import DAY, NOW, City, moment, shared_city

Act = Callable[[], object]
SIZES = {"50 kB": 45_000, "1 MB": 1_000_000, "20 MB": 20_000_000}
LARGE = 200_000_000
ROUNDS = 5
TURN_SECONDS = 0.4
PDF = Pades()
PREHASHED = Prehashed(hashes.SHA256())
Sign = Callable[[bytes], bytes]
Way = Callable[[bytes, PrepareRequest, Sign], bytes]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What ratio must be reached, and what is aimed at; None: not measured against."""

    must: float | None = None
    aim: float | None = None


@dataclass(frozen=True, slots=True)
class Duel:
    """One line: operations a second of processor time (None: does not take part), and what was wanted."""

    name: str
    ours: float
    peer: float | None
    limit: float | None
    to_peer: Wanted = Wanted()
    to_limit: Wanted = Wanted()


def duels(rounds: int = ROUNDS) -> list[Duel]:
    """All of them."""
    city = shared_city()
    wanted = {"50 kB": (Wanted(40, 100), Wanted()), "1 MB": (Wanted(), Wanted(0.6, 0.85))}
    rest = (Wanted(1.8), Wanted(None, 0.9))
    found = []
    for label, size in SIZES.items():
        document = image_document(size)
        found.append(_signing(label, document, city, *wanted.get(label, rest), rounds))
    with tempfile.TemporaryDirectory(prefix="antin-bench-") as folder:
        found.append(_large(Path(folder, "large.pdf"), city, *rest, rounds))
    found.append(_rest("50 kB", image_document(SIZES["50 kB"]), city, rounds))
    for label, size in SIZES.items():
        document = image_document(size)
        found.append(_rsa(label, document, city, rounds, _sign))
        found.append(_rsa(f"{label}, what is appended", document, city, rounds, _appended))
    for label, to_peer in (("50 kB", Wanted(3, 8)), ("20 MB", Wanted(1.4, 1.7))):
        found.append(_verifying(label, image_document(SIZES[label]), city, to_peer, rounds))
    return found


def _signing(name: str, document: bytes, city: City, to_peer: Wanted, to_limit: Wanted, rounds: int) -> Duel:
    holder = city.official
    request = PrepareRequest(holder.der, holder.chain, NOW, Level.B_B)
    bare, peer = _bare_ec(city), pdf_peer.signer(city)
    ours, theirs, limit = rates(
        (
            partial(_sign, document, request, bare),
            lambda: pdf_peer.sign_bytes(peer, document),
            lambda: bare(hashlib.sha256(document).digest()),
        ),
        rounds,
    )
    return Duel(f"sign B-B P-256, {name}", ours, theirs, limit, to_peer, to_limit)


def _large(path: Path, city: City, to_peer: Wanted, to_limit: Wanted, rounds: int) -> Duel:
    """A file signed where it is, and cut to its old length again."""
    document = image_document(LARGE)
    path.write_bytes(document)
    size = len(document)
    holder = city.official
    request = PrepareRequest(holder.der, holder.chain, NOW, Level.B_B)
    bare, peer = _bare_ec(city), pdf_peer.signer(city)

    def sign() -> None:
        with mapped(path) as whole:
            prepared = PDF.prepare(whole, request)
            sealed = PDF.seal(prepared, bare(prepared.to_be_signed_digest), None)
            del prepared
        append(path, size, sealed)
        os.truncate(path, size)

    def peer_signs() -> None:
        pdf_peer.sign_file(peer, path)
        os.truncate(path, size)

    ours, theirs, limit = rates((sign, peer_signs, lambda: bare(hashlib.sha256(document).digest())), rounds)
    return Duel("sign B-B P-256, 200 MB file in place", ours, theirs, limit, to_peer, to_limit)


def _rest(name: str, document: bytes, city: City, rounds: int) -> Duel:
    """A document that our own writer leaves to the library, for being certified."""
    odd = document.replace(b"/PageMode /UseNone", b"/Perms << >>      ")
    duel = _signing(f"{name}, left to the library", odd, city, Wanted(1), Wanted(), rounds)
    return replace(duel, limit=None)


def _rsa(name: str, document: bytes, city: City, rounds: int, way: Way) -> Duel:
    key = rsa.generate_private_key(65_537, 2048)
    request = PrepareRequest(_certificate(city, key), city.official.chain, NOW, Level.B_B, algorithm="RS256")

    def bare(digest: bytes) -> bytes:
        return key.sign(digest, padding.PKCS1v15(), PREHASHED)

    ours, limit = rates(
        (partial(way, document, request, bare), lambda: bare(hashlib.sha256(document).digest())), rounds
    )
    return Duel(f"sign B-B RSA-2048, {name}", ours, None, limit, to_limit=Wanted(0.85, 0.95))


def _verifying(name: str, document: bytes, city: City, to_peer: Wanted, rounds: int) -> Duel:
    holder = city.official
    signed = _sign(document, PrepareRequest(holder.der, holder.chain, NOW, Level.B_B), _bare_ec(city))
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls))

    def verify() -> None:
        if verify_document(signed, moment=NOW + 60, own=own).indication is not Indication.TOTAL_PASSED:
            raise RuntimeError("the signed document does not verify")

    ours, theirs, limit = rates(
        (verify, lambda: pdf_peer.verify(signed, city), lambda: hashlib.sha256(signed).digest()), rounds
    )
    return Duel(f"verify B-B, full report, {name}", ours, theirs, limit, to_peer)


def _sign(document: bytes, request: PrepareRequest, bare: Sign) -> bytes:
    prepared = PDF.prepare(document, request)
    return PDF.embed(prepared, bare(prepared.to_be_signed_digest), None)


def _appended(document: bytes, request: PrepareRequest, bare: Sign) -> bytes:
    """What a server sends or writes after the document, which it has."""
    prepared = PDF.prepare(document, request)
    return PDF.seal(prepared, bare(prepared.to_be_signed_digest), None)


def _bare_ec(city: City) -> Sign:
    key, algorithm = city.official.key, ec.ECDSA(PREHASHED)
    return lambda digest: key.sign(digest, algorithm)


def _certificate(city: City, key: rsa.RSAPrivateKey) -> bytes:
    """The official's certificate once more, for an RSA key."""
    model = city.official.certificate
    builder = x509.CertificateBuilder(model.issuer, model.subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(moment(NOW - DAY)).not_valid_after(moment(NOW + DAY))
    for extension in model.extensions:
        if not isinstance(extension.value, x509.SubjectKeyIdentifier):
            builder = builder.add_extension(extension.value, extension.critical)
    signed = builder.sign(city.issuing.key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


def rates(acts: tuple[Act, ...], rounds: int, seconds: float = TURN_SECONDS) -> list[float]:
    """The median rate of each, by processor time, in turns of so many seconds."""
    taken: list[list[float]] = [[] for _ in acts]
    for act in acts:
        act()
    for _ in range(rounds):
        for mine, act in zip(taken, acts, strict=True):
            mine.append(_turn(act, seconds))
    return [1 / statistics.median(mine) for mine in taken]


def _turn(act: Act, seconds: float) -> float:
    """Seconds of processor time an operation; what the one before left to be collected is not its matter."""
    gc.collect()
    began, spent, done = time.process_time(), 0.0, 0
    while spent < seconds:
        act()
        done += 1
        spent = time.process_time() - began
    return spent / done


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pdf_match", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    print(table(duels(parser.parse_args().rounds)))


def table(found: Sequence[Duel]) -> str:
    """The duels as Markdown."""
    lines = [
        "| PDF signatures, in turns, one core | ours /s | pyHanko tuned /s | limit /s "
        "| ratio (must, aim) | to the limit (must, aim) |",
        "|---|---:|---:|---:|---|---|",
    ]
    for duel in found:
        lines.append(
            f"| {duel.name} | {duel.ours:,.1f} | {_rate(duel.peer)} | {_rate(duel.limit)} "
            f"| {_ratio(duel.ours, duel.peer, duel.to_peer)} | {_ratio(duel.ours, duel.limit, duel.to_limit)} |"
        )
    return "\n".join(lines)


def _rate(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:,.1f}"


def _ratio(ours: float, other: float | None, wanted: Wanted) -> str:
    return "–" if other is None else report.held(ours / other, wanted.must, wanted.aim)


if __name__ == "__main__":
    main()
