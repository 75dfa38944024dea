"""The limits each figure is held against, measured on the same machine in the same run."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import time
from collections.abc import Callable

from argon2.low_level import ARGON2_VERSION, Type
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from base.db import Database
from idp.accounts.argon2id import Recipe, digest

CORES = os.cpu_count() or 1


def rate(act: Callable[[], object], seconds: float = 1.5) -> float:
    """How often `act` runs in a second in this thread."""
    act()
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        for _ in range(10):
            act()
        done += 10
    return done / (time.perf_counter() - began)


def on_all_cores(measure: Callable[[], float]) -> float:
    """The sum of `measure` run in one process a core at the same time."""
    with multiprocessing.get_context("fork").Pool(CORES) as pool:
        return sum(pool.map(_call, [measure] * CORES))


def _call(measure: Callable[[], float]) -> float:
    return measure()


def es256_signatures() -> float:
    """Bare P-256 signatures a second over a ready digest, one core."""
    key, digest = ec.generate_private_key(ec.SECP256R1()), hashlib.sha256(b"x").digest()
    algorithm = ec.ECDSA(Prehashed(hashes.SHA256()))
    return rate(lambda: key.sign(digest, algorithm))


def es256_verifications() -> float:
    """Bare P-256 verifications a second, one core."""
    key, digest = ec.generate_private_key(ec.SECP256R1()), hashlib.sha256(b"x").digest()
    algorithm = ec.ECDSA(Prehashed(hashes.SHA256()))
    signature, public = key.sign(digest, algorithm), key.public_key()
    return rate(lambda: public.verify(signature, digest, algorithm))


def argon2_hashes() -> float:
    """Argon2id at 19 MiB, t=2, p=1 by the library that the product hashes with, and nothing else: one core."""
    recipe = Recipe(Type.ID, ARGON2_VERSION, time_cost=2, memory_kib=19 * 1024, parallelism=1, length=32)
    return rate(lambda: digest(b"correct horse battery staple", b"a salt of 16 B..", recipe))


def digest_and_signature(document: bytes) -> float:
    """SHA-256 of the document plus one P-256 signature: the floor of signing it, one core."""
    key = ec.generate_private_key(ec.SECP256R1())
    algorithm = ec.ECDSA(Prehashed(hashes.SHA256()))
    return rate(lambda: key.sign(hashlib.sha256(document).digest(), algorithm))


def inserts(database: Database) -> float:
    """One-row inserts a second, each committed on its own, one connection."""
    table = Table("bench_inserts", MetaData(), Column("id", Integer, primary_key=True), Column("text", String(100)))
    table.create(database.engine)
    statement = insert(table)

    def one() -> None:
        with database.begin() as connection:
            connection.execute(statement, {"text": "x" * 80})

    try:
        return rate(one)
    finally:
        table.drop(database.engine)
