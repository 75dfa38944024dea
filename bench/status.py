"""Time stamps and OCSP answers in this process, one core, keys in memory, against one bare signature."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

import keys.models  # noqa: F401  # its tables must be known before they are created
from base.clock import SystemClock
from base.db import metadata
from base.services import open_base
from base.settings import BaseSettings, Settings
from bench import report
from keys.api import Keys, PersonSubject
from keys.services import open_keys
from keys.settings import KeysSettings
from keys.tsa.foreign import write_request
from keys.tsa.request import ImprintOrder

SECONDS = 3.0
FLOOR = "1 signature ES256"


def rows() -> list[report.Row]:
    """Tokens with and without certificates; answers with a nonce (looked up and signed) and without (kept)."""
    with tempfile.TemporaryDirectory(prefix="antin-bench-") as folder:
        return _rows(_keys(Path(folder)))


def _keys(folder: Path) -> Keys:
    settings = BaseSettings(database_url=f"sqlite:///{folder / 'keys.db'}", data_dir=folder)
    base = open_base(Settings({BaseSettings: settings, KeysSettings: KeysSettings()}), clock=SystemClock())
    metadata.create_all(base.db.engine)
    return open_keys(base)


def _rows(held: Keys) -> list[report.Row]:
    person = PersonSubject("owner-1", "Trần Văn Bình", "UBND phường", "")
    serial = x509.load_der_x509_certificate(held.enrol_person(person).certificate).serial_number
    stamped = write_request(ImprintOrder("sha256", os.urandom(32), 2**63 + 1, with_certificates=True))
    floor = _floor()
    acts: tuple[tuple[str, Callable[[], object]], ...] = (
        ("time stamp, in process", partial(held.timestamp_response, stamped)),
        ("OCSP answer with nonce, in process", partial(held.ocsp_answer, _question(held, serial, nonce=True))),
        ("OCSP answer kept, in process", partial(held.ocsp_answer, _question(held, serial, nonce=False))),
    )
    return [_row(name, act, floor) for name, act in acts]


def _question(held: Keys, serial: int, *, nonce: bool) -> bytes:
    issuer = x509.load_der_x509_certificate(held.issuer_certificates()[0])
    name = hashlib.sha256(issuer.subject.public_bytes()).digest()
    key = ocsp.OCSPRequestBuilder().add_certificate(issuer, issuer, SHA256()).build().issuer_key_hash
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name, key, serial, SHA256())
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(os.urandom(32)), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def _floor() -> float:
    """Bare signatures a second."""
    key, scheme = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(SHA256())
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < 1.0:
        key.sign(b"message", scheme)
        count += 1
    return count / (time.perf_counter() - began)


def _row(name: str, act: Callable[[], object], floor: float) -> report.Row:
    act()
    taken: list[float] = []
    began, cpu_began = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < SECONDS:
        at = time.perf_counter()
        act()
        taken.append(time.perf_counter() - at)
    mean = sum(taken) / len(taken)
    cpu_ms = (time.process_time() - cpu_began) / len(taken) * 1000
    taken.sort()
    p50, p99 = taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.99)] * 1000
    return report.Row(name, 1 / mean, p50, p99, 0, 0, cpu_ms, FLOOR, floor)
