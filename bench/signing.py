"""Signing and verifying in this process, one core, keys in memory: what HTTP, database and stamps come on top of."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import keys.models  # noqa: F401  # its tables must be known before they are created
from base.clock import FixedClock
from base.db import metadata
from base.services import open_base
from base.settings import BaseSettings, Settings
from bench import limits, report
from bench.documents import image_document
from keys.api import Keys
from keys.services import open_keys
from keys.settings import KeysSettings
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats import FORMATS
from signing.formats.base import Level, PrepareRequest
from signing.validation.indications import Indication
from tests.signing_pki import NOW, City, shared_city

SIZES = (("50 kB", 45_000), ("1 MB", 1_000_000), ("20 MB", 20_000_000))
PDF = FORMATS[0]


def rows() -> list[report.Row]:
    """Sign B-B, sign B-T and verify for each size, each against SHA-256 of the file plus one bare signature."""
    with tempfile.TemporaryDirectory(prefix="antin-bench-") as folder:
        return _rows(shared_city(), stamping_keys(Path(folder)))


def stamping_keys(folder: Path) -> Keys:
    """Our own time-stamp authority, on an embedded database; its clock stands where the test certificates are valid."""
    settings = BaseSettings(database_url=f"sqlite:///{folder / 'keys.db'}", data_dir=folder)
    base = open_base(Settings({BaseSettings: settings, KeysSettings: KeysSettings()}), clock=FixedClock(NOW))
    metadata.create_all(base.db.engine)
    return open_keys(base)


def _rows(city: City, keys: Keys) -> list[report.Row]:
    own = TrustSource(
        anchors=(*city.anchors, *keys.trust_anchors()),
        known=tuple(keys.issuer_certificates()),
        lists=(*city.crls, keys.crl("issuing"), keys.crl("root")),
    )
    found = []
    for label, size in SIZES:
        document = image_document(size)
        floor = limits.digest_and_signature(document)
        signed = sign(document, city, keys, Level.B_T)
        report_of = verify_document(signed, moment=NOW, own=own)
        if report_of.indication is not Indication.TOTAL_PASSED:
            raise RuntimeError(f"the signed document does not verify: {report_of.indication}")
        name = "SHA-256 + 1 signature"
        acts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("sign PAdES B-B", partial(sign, document, city, keys, Level.B_B)),
            ("sign PAdES B-T", partial(sign, document, city, keys, Level.B_T)),
            ("verify PAdES B-T", partial(verify_document, signed, moment=NOW, own=own)),
        )
        found += [_row(f"{what}, {label}", act, name, floor) for what, act in acts]
    return found


def sign(document: bytes, city: City, keys: Keys, level: Level) -> bytes:
    """The whole way of one document."""
    holder = city.official
    prepared = PDF.prepare(document, PrepareRequest(holder.der, holder.chain, NOW, level))
    return PDF.embed(
        prepared, holder.sign(prepared.to_be_signed_digest), keys.timestamp if level is Level.B_T else None
    )


def _row(name: str, act: Callable[[], object], limit_name: str, floor: float) -> report.Row:
    act()
    taken: list[float] = []
    began, cpu_began = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < 2.0 or len(taken) < 5:
        at = time.perf_counter()
        act()
        taken.append(time.perf_counter() - at)
    mean = sum(taken) / len(taken)
    cpu_ms = (time.process_time() - cpu_began) / len(taken) * 1000
    taken.sort()
    p50, p99 = taken[len(taken) // 2] * 1000, taken[min(len(taken) - 1, int(len(taken) * 0.99))] * 1000
    return report.Row(name, 1 / mean, p50, p99, 0, 0, cpu_ms, limit_name, floor)
