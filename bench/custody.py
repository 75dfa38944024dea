"""
Keys in custody: what signing through `keys` costs beside the bare primitive, per place and algorithm.

The two are measured in turns of a fifth of a second, so that a machine that slows down slows both. A device is compared
with python-pkcs11 alone, one caller, which is all that its library allows in one process; ours is asked by one caller
and by four, as many as a server process has threads.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

import keys.models  # noqa: F401  # its tables must be known before they are created
from base.db import metadata
from base.services import open_base
from base.settings import BaseSettings, Settings
from bench import report
from keys.algorithms import Algorithm
from keys.api import Keys, TokenType
from keys.backends.base import Signer
from keys.backends.pkcs11 import Pkcs11Backend
from keys.backends.software import SoftwareBackend
from keys.handles import KeyHandle
from keys.sealing import MasterKey
from keys.services import open_keys
from keys.settings import KeysSettings
from tests.softhsm import LABEL, PIN, Token, soft_token

Act = Callable[[], object]
TURN_SECONDS, TURNS = 0.2, 4
MESSAGE = b"x" * 100
CALLERS = 4
_RSA = rsa.generate_private_key(65_537, 2048)


def rows() -> list[report.Row]:
    """Tokens through keys.api, signatures by the software back end and by a device, each against the bare primitive."""
    found = [*_tokens(), *_software()]
    try:
        with tempfile.TemporaryDirectory(prefix="antin-bench-") as folder, soft_token(Path(folder) / "token") as token:
            found += _device(token)
    except pytest.skip.Exception as error:
        print(f"! {error}")
    return found


def bare(algorithm: Algorithm) -> Act:
    """One signature by `cryptography` and nothing else."""
    match algorithm:
        case Algorithm.ES256 | Algorithm.ES384 | Algorithm.ES512:
            curve: ec.EllipticCurve = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1()}.get(algorithm, ec.SECP521R1())
            digest: Any = {"ES256": SHA256(), "ES384": SHA384()}.get(algorithm, SHA512())
            key, scheme = ec.generate_private_key(curve), ec.ECDSA(digest)
            return lambda: key.sign(MESSAGE, scheme)
        case Algorithm.RS256:
            return lambda: _RSA.sign(MESSAGE, padding.PKCS1v15(), SHA256())
        case Algorithm.PS256:
            return lambda: _RSA.sign(MESSAGE, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
        case Algorithm.EDDSA:
            edwards = ed25519.Ed25519PrivateKey.generate()
            return lambda: edwards.sign(MESSAGE)
    kinds: dict[str, Any] = {"ML-DSA-44": mldsa.MLDSA44PrivateKey, "ML-DSA-65": mldsa.MLDSA65PrivateKey}
    lattice = kinds.get(algorithm, mldsa.MLDSA87PrivateKey).generate()
    return lambda: lattice.sign(MESSAGE)


def _tokens() -> list[report.Row]:
    """Whole tokens: header, claims, signature, the count of uses."""
    with _open_keys() as held:
        now = held.custody.base.clock.now()
        claims = {
            "iss": "http://localhost:8000",
            "sub": "u1",
            "aud": "a",
            "iat": now,
            "exp": now + 600,
            "jti": "j" * 22,
        }
        found = []
        for alg in (Algorithm.ES256, Algorithm.EDDSA, Algorithm.PS256):
            sign = _token_of(held, claims, alg)
            found.append(_in_turns(f"keys.api sign_jwt, {alg}", sign, f"bare {alg}", bare(alg)))
        return found


def _token_of(held: Keys, claims: dict[str, Any], alg: Algorithm) -> Act:
    return lambda: held.sign_jwt(claims, typ=TokenType.ACCESS, alg=alg)


@contextmanager
def _open_keys() -> Iterator[Keys]:
    with tempfile.TemporaryDirectory(prefix="antin-bench-") as name:
        settings = BaseSettings(database_url=f"sqlite:///{name}/keys.db", data_dir=Path(name))
        base = open_base(Settings({BaseSettings: settings, KeysSettings: KeysSettings(rsa_key_bits=2048)}))
        metadata.create_all(base.db.engine)
        yield open_keys(base)
        base.db.engine.dispose()


def _software() -> list[report.Row]:
    backend = SoftwareBackend(MasterKey(b"m" * 32), KeysSettings(rsa_key_bits=2048))
    found = []
    for algorithm in Algorithm:
        new = backend.generate(KeyHandle("key_bench"), algorithm)
        signer = backend.open(new.handle, algorithm, new.stored)
        found.append(_in_turns(f"software, {algorithm}", _signing(signer), f"bare {algorithm}", bare(algorithm)))
    return found


def _signing(signer: Signer) -> Act:
    return lambda: signer.sign(MESSAGE)


def _device(token: Token) -> list[report.Row]:
    backend = Pkcs11Backend(MasterKey(b"m" * 32), token.settings, token.folder)
    session = _raw_session(token)
    found = []
    for algorithm in (Algorithm.ES256, Algorithm.ES384, Algorithm.RS256, Algorithm.PS256):
        new = backend.generate(KeyHandle(f"key_{algorithm}"), algorithm)
        signer = backend.open(new.handle, algorithm, new.stored)
        raw, name = _raw(session, new.handle, algorithm), f"python-pkcs11 {algorithm}"
        found.append(_in_turns(f"SoftHSM, {algorithm}, 1 caller", _signing(signer), name, raw))
        found.append(_in_turns(f"SoftHSM, {algorithm}, {CALLERS} callers", _signing(signer), name, raw, CALLERS))
    return found


def _raw_session(token: Token) -> Any:
    import pkcs11

    return pkcs11.lib(token.module).get_token(token_label=LABEL).open(user_pin=PIN)


def _raw(session: Any, label: str, algorithm: Algorithm) -> Act:
    """What a program does that uses python-pkcs11 and nothing else."""
    import pkcs11
    from pkcs11 import Mechanism

    key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
    if algorithm is Algorithm.RS256:
        return lambda: key.sign(MESSAGE, mechanism=Mechanism.SHA256_RSA_PKCS)
    if algorithm is Algorithm.PS256:
        parameter = (Mechanism.SHA256, pkcs11.MGF.SHA256, 32)
        return lambda: key.sign(MESSAGE, mechanism=Mechanism.SHA256_RSA_PKCS_PSS, mechanism_param=parameter)
    digest = hashlib.sha256 if algorithm is Algorithm.ES256 else hashlib.sha384
    return lambda: key.sign(digest(MESSAGE).digest(), mechanism=Mechanism.ECDSA)


def _in_turns(name: str, act: Act, limit_name: str, limit: Act, callers: int = 1) -> report.Row:
    """Rates of both over the same seconds, and the latencies of ours."""
    taken: list[float] = []
    ours_done = limit_done = 0
    ours_seconds = limit_seconds = cpu = 0.0
    _turn(act, callers, [])
    limit()
    for _ in range(TURNS):
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < TURN_SECONDS:
            limit()
            done += 1
        limit_done, limit_seconds = limit_done + done, limit_seconds + time.perf_counter() - began
        began, cpu_began, before = time.perf_counter(), time.process_time(), len(taken)
        _turn(act, callers, taken)
        ours_done, ours_seconds = ours_done + len(taken) - before, ours_seconds + time.perf_counter() - began
        cpu += time.process_time() - cpu_began
    taken.sort()
    p50, p99 = taken[len(taken) // 2] * 1000, taken[min(len(taken) - 1, int(len(taken) * 0.99))] * 1000
    rate, limit_rate = ours_done / ours_seconds, limit_done / limit_seconds
    return report.Row(name, rate, p50, p99, 0, 0, cpu / ours_done * 1000, limit_name, limit_rate)


def _turn(act: Act, callers: int, taken: list[float]) -> None:
    def call() -> None:
        began = at = time.perf_counter()
        while at - began < TURN_SECONDS:
            act()
            after = time.perf_counter()
            taken.append(after - at)
            at = after

    threads = [threading.Thread(target=call) for _ in range(callers - 1)]
    for thread in threads:
        thread.start()
    call()
    for thread in threads:
        thread.join()


def main() -> None:
    argparse.ArgumentParser(prog="python -m bench.custody", description=__doc__).parse_args()
    print(f"{os.cpu_count()} cores\n\n{report.table(rows())}")


if __name__ == "__main__":
    main()
