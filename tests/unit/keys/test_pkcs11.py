"""A signing device: what never comes out of it, what happens when it is away, hangs, or refuses its PIN."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from base.errors import StartError
from base.services import BaseServices
from keys.algorithms import Algorithm
from keys.api import Keys, PersonSubject, RevocationReason, TokenType
from keys.backends import open_backends, pkcs11_sessions
from keys.backends.base import NewKey
from keys.backends.pin import TokenLock
from keys.backends.pkcs11 import Pkcs11Backend
from keys.errors import KeyRefused, KeysUnavailable
from keys.flows.bootstrap import make_key
from keys.lifecycle.states import Purpose, State
from keys.services import open_keys
from keys.store.keys import find
from tests.softhsm import LABEL, PIN, Token
from tests.unit.keys.conftest import ISSUER
from tests.unit.keys.device_keys import MASTER, made, opened, sign_and_check

PATIENCE_SECONDS = 30
"""A test waits this long for what takes a moment; a slow machine is no failure."""


def workers(device: Pkcs11Backend) -> list[int]:
    return [session._process.pid for session in device._sessions._idle]


# ── Keys never come out ──────────────────────────────────────────────────────────────────────────────────────────


def test_no_way_to_a_private_key(token: Token, device: Pkcs11Backend) -> None:
    """CR-13: with the PIN and every means that PKCS #11 has."""
    algorithms = (Algorithm.ES256, Algorithm.RS256, Algorithm.EDDSA)
    for algorithm in algorithms:
        made(device, algorithm, f"key_{algorithm}")
    script = Path(__file__).with_name("device_attacks.py")
    words = [sys.executable, str(script), token.module, LABEL, PIN]
    answer = subprocess.run(words, capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout)
    assert sorted(found) == sorted(f"key_{one}" for one in algorithms)
    for label, tried in found.items():
        for name, value in {"SENSITIVE": True, "EXTRACTABLE": False, "ALWAYS_SENSITIVE": True, "LOCAL": True}.items():
            assert tried.pop(name) == str(value), (label, name)
        assert tried.pop("NEVER_EXTRACTABLE") == "True"
        assert (tried.pop("DECRYPT"), tried.pop("UNWRAP")) == ("False", "False")
        assert len(tried) == 13
        for attempt, outcome in tried.items():
            assert not outcome.startswith("GOT"), (label, attempt, outcome)
        secret = "read PRIVATE_EXPONENT" if label == "key_RS256" else "read VALUE"
        assert tried[secret] == "AttributeSensitive"


class Shown(dict[Any, Any]):
    """A private key as a bad device may make one."""

    key_type = None


def test_a_key_that_can_be_read_is_not_kept() -> None:
    worker = pytest.importorskip("keys.backends.pkcs11_worker")
    from pkcs11.exceptions import AttributeSensitive

    class Good(Shown):
        def __getitem__(self, name: Any) -> Any:
            if name is worker.Attribute.VALUE:
                raise AttributeSensitive
            return super().__getitem__(name)

    device = object.__new__(worker.Device)
    device._prove(Good(worker._PROVEN))
    for attribute, value in worker._PROVEN.items():
        with pytest.raises(ValueError, match=attribute.name):
            device._prove(Good({**worker._PROVEN, attribute: not value}))
    with pytest.raises(ValueError, match="can be read"):
        device._prove(Shown({**worker._PROVEN, worker.Attribute.VALUE: b"secret"}))


def test_a_name_is_given_once(device: Pkcs11Backend) -> None:
    key = made(device)
    with pytest.raises(KeyRefused):
        made(device)
    sign_and_check(device, key)


def test_the_process_is_told_the_pin_by_no_way_that_shows(
    device: Pkcs11Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTIN_PKCS11_PIN", PIN)
    made(device)
    (worker,) = workers(device)
    shown = Path(f"/proc/{worker}")
    if not shown.exists():
        pytest.skip("this system has no /proc")
    assert PIN.encode() not in (shown / "cmdline").read_bytes()
    assert PIN.encode() not in (shown / "environ").read_bytes()
    assert b"ANTIN_" not in (shown / "environ").read_bytes()
    assert PIN not in repr(device._sessions._pin)


# ── Away, hanging, dying ─────────────────────────────────────────────────────────────────────────────────────────


def eventually(attempt: Callable[[], object]) -> None:
    """Until it no longer says that the device is away."""
    began = time.monotonic()
    while True:
        try:
            attempt()
            return
        except KeysUnavailable:
            assert time.monotonic() - began < PATIENCE_SECONDS
            time.sleep(0.05)


def test_unplugged_and_back(token: Token, device: Pkcs11Backend, starts: list[int]) -> None:
    """The first attempt after the pause of a second succeeds; measured, that is 1.1 s after the token is back."""
    key = made(device)
    signer = device.open(key.handle, Algorithm.ES256, key.stored)
    signer.sign(b"message")
    token.unplug()
    for _ in range(20):
        with pytest.raises(KeysUnavailable) as away:
            signer.sign(b"message")
        assert (away.value.status, away.value.retry_seconds) == (503, 2)
    with pytest.raises(KeysUnavailable):
        made(device, name="key_2")
    token.plug_in()
    before = len(starts)
    eventually(lambda: signer.sign(b"message"))
    assert len(starts) == before + 1
    assert pkcs11_sessions.TRY_AGAIN_SECONDS <= 1
    sign_and_check(device, key)


def test_an_outage_starts_a_process_a_second_at_most(token: Token, device: Pkcs11Backend, starts: list[int]) -> None:
    key = made(device)
    signer = device.open(key.handle, Algorithm.ES256, key.stored)
    token.unplug()
    began = time.monotonic()
    for _ in range(200):
        with pytest.raises(KeysUnavailable):
            signer.sign(b"message")
    assert len(starts) <= 2 + (time.monotonic() - began) / pkcs11_sessions.TRY_AGAIN_SECONDS


def test_a_session_that_dies_is_replaced_unnoticed(device: Pkcs11Backend) -> None:
    key = made(device)
    for _ in range(3):
        (worker,) = workers(device)
        os.kill(worker, signal.SIGKILL)
        device._sessions._idle[0]._process.wait()
        sign_and_check(device, key)
        assert workers(device) != [worker]


@pytest.mark.slow
def test_a_session_that_hangs_is_ended(token: Token) -> None:
    device = opened(token, pkcs11_timeout_seconds=3)
    key = eventually_made(device)
    signer = device.open(key.handle, Algorithm.ES256, key.stored)
    (worker,) = workers(device)
    os.kill(worker, signal.SIGSTOP)
    with pytest.raises(KeysUnavailable):
        signer.sign(b"message")
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    eventually(lambda: signer.sign(b"message"))


def eventually_made(device: Pkcs11Backend) -> NewKey:
    """On a busy machine a process may need longer than that to start."""
    found: list[NewKey] = []
    names = iter(range(1000))
    eventually(lambda: found.append(made(device, name=f"key_{next(names)}")))
    return found[0]


def test_no_more_sessions_than_allowed(token: Token, starts: list[int]) -> None:
    device = opened(token, pkcs11_sessions=2)
    key = made(device)
    signer = device.open(key.handle, Algorithm.ES256, key.stored)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(signer.sign, [b"message"] * 64))
    assert 1 <= len(starts) <= 2


def test_after_a_fork_the_child_has_sessions_of_its_own(
    device: Pkcs11Backend, starts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = made(device)
    sessions = device._sessions
    sessions._pid = sessions._idle[0].pid = -1  # as in the child: the process it was made in is another one
    theirs = sessions._idle[0]
    sign_and_check(device, key)
    assert len(starts) == 2
    assert theirs not in sessions._idle
    worker = theirs._process.pid
    os.kill(worker, 0)  # the parent's goes on
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)


def test_ends_with_the_back_end(token: Token) -> None:
    device = opened(token)
    made(device)
    (worker,) = workers(device)
    del device
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_making_keys_waits_for_other_processes(token: Token) -> None:
    """One at a time per token, whichever process asks: the lock is a file's."""
    device, done = opened(token), threading.Event()
    device.describe()

    def make() -> None:
        made(device)
        done.set()

    thread = threading.Thread(target=make)
    with device_lock_elsewhere(token):
        thread.start()
        assert not done.wait(0.3)
    assert done.wait(PATIENCE_SECONDS)
    thread.join()


@contextlib.contextmanager
def device_lock_elsewhere(token: Token) -> Iterator[None]:
    settings = token.settings
    name = f"{settings.pkcs11_module}|{settings.pkcs11_token_label}|{settings.pkcs11_token_serial}"
    with TokenLock(token.folder, name, MASTER).held():
        yield


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_settings_that_do_not_fit(token: Token) -> None:
    with pytest.raises(StartError, match="which token"):
        opened(token, pkcs11_token_label="")
    for name in ("key_backend", "token_key_backend"):
        nowhere = token.with_settings(pkcs11_module="", **{"key_backend": "software", name: "pkcs11"})
        with pytest.raises(StartError, match=f"ANTIN_{name.upper()} is pkcs11.*where that is"):
            open_backends(MASTER, nowhere, token.folder)
    assert list(open_backends(MASTER, token.settings, token.folder)) == ["pkcs11", "software"]
    stays = token.with_settings(key_backend="software")
    assert list(open_backends(MASTER, stays, token.folder)) == ["software", "pkcs11"]


@pytest.mark.parametrize(
    "change", [{"pkcs11_token_label": "another"}, {"pkcs11_token_serial": "00"}, {"pkcs11_module": "/no/such.so"}]
)
def test_another_token_is_not_taken_instead(token: Token, change: dict[str, str]) -> None:
    with pytest.raises(KeysUnavailable):
        opened(token, **change).describe()


# ── The whole of keys ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def held(token: Token, make_base: Callable[..., BaseServices]) -> Keys:
    """A first start whose keys are made in the device."""
    return open_keys(make_base(replace(token.settings, pkcs11_timeout_seconds=30)))


def test_tokens_signed_by_the_device(held: Keys, token: Token, claims: dict[str, Any]) -> None:
    """No fallback key while it is away; verification and the key set go on, and so do keys in software."""
    where = {(one.purpose, one.algorithm): one.backend for one in held.list_keys()}
    assert where["token", "ES256"] == where["root", "ES256"] == where["tsu", "ES256"] == "pkcs11"
    assert where["encryption", "ECDH-ES"] == "software"
    signed = {alg: held.sign_jwt(claims, typ=TokenType.ID, alg=alg) for alg in ("ES256", "RS256", "PS256", "EdDSA")}
    token.unplug()
    for alg in signed:
        with pytest.raises(KeysUnavailable):
            held.sign_jwt(claims, typ=TokenType.ID, alg=alg)
    held.custody.ring.refresh()  # as after a change made by another process
    for one in signed.values():
        assert held.verify_own_jwt(one, typ=TokenType.ID, issuer=ISSUER) == claims
    with pytest.raises(KeysUnavailable):
        held.sign_jwt(claims, typ=TokenType.ID)
    token.plug_in()
    eventually(lambda: held.sign_jwt(claims, typ=TokenType.ID))
    again = held.sign_jwt(claims, typ=TokenType.ID)
    assert held.verify_own_jwt(again, typ=TokenType.ID, issuer=ISSUER) == claims


def test_token_keys_may_stay_in_software(token: Token, make_base: Callable[..., BaseServices]) -> None:
    """And go on to be made there when they rotate, while authorities are in the device."""
    settings = token.with_settings(token_key_backend="software", pkcs11_timeout_seconds=30)
    held = open_keys(make_base(settings))
    for _ in range(2):
        where = {(one.purpose, one.backend) for one in held.list_keys()}
        assert ("token", "software") in where
        assert ("token", "pkcs11") not in where
        assert {("root", "pkcs11"), ("issuing", "pkcs11"), ("tsu", "pkcs11")} <= where
        held.rotate("token", "ES256", force=True)


def test_a_key_that_is_not_its_own_never_signs(held: Keys, token: Token, claims: dict[str, Any]) -> None:
    """A key that could not prove itself at the start does so before its first signature."""
    backend, ring = held.custody.backends["pkcs11"], held.custody.ring
    assert isinstance(backend, Pkcs11Backend)
    impostor = made(opened(token), name="key_impostor")
    label = f"{len(impostor.handle):c}{impostor.handle}".encode()
    ask = backend._sessions.call

    def swapped(request: bytes) -> bytes:
        return ask(b"Se" + label + request[-32:]) if request[:2] == b"Se" else ask(request)

    backend._sessions.call = swapped  # type: ignore[method-assign]  # the device gives out another key's signatures
    token.unplug()
    ring.refresh()
    token.plug_in()
    eventually(backend.describe)
    with pytest.raises(KeysUnavailable, match="self-test"):
        held.sign_jwt(claims, typ=TokenType.ID)
    with pytest.raises(KeysUnavailable, match="self-test"):
        ring.refresh()


def test_certificates_lists_and_time_stamps_by_the_device(held: Keys, token: Token) -> None:
    """A person's key is made in the device, certified by the authority there, and forgotten when it is revoked."""
    backend = held.custody.backends["pkcs11"]
    credential = held.enrol_person(PersonSubject("owner-1", "Nguyễn Thị Ánh", "Ủy ban nhân dân", "Chủ tịch"))
    person, issuing = (x509.load_der_x509_certificate(one) for one in (credential.certificate, credential.chain[0]))
    person.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(x509.load_der_x509_certificate(held.trust_anchors()[0]))
    assert len(held.timestamp(b"d" * 32)) > 1000
    with held.custody.base.db.read() as connection:
        row = find(connection, credential.handle)
    assert row is not None
    assert row.backend == "pkcs11"
    assert row.stored is not None
    signer = backend.open(row.handle, Algorithm.ES256, row.stored)
    signer.sign_digest(b"d" * 32)
    held.revoke(credential.handle, RevocationReason.KEY_COMPROMISE)
    with pytest.raises(KeysUnavailable, match="does not hold"):
        signer.sign_digest(b"d" * 32)
    revoked = x509.load_der_x509_crl(held.crl("issuing"))
    assert revoked.is_signature_valid(issuing.public_key())  # type: ignore[arg-type]  # an authority's key signs
    assert revoked.get_revoked_certificate_by_serial_number(person.serial_number) is not None


def test_a_key_that_lost_the_race_is_not_left_behind(held: Keys, token: Token) -> None:
    """Two processes make the same key; the device shall not fill up with those of the losers."""
    made_before = labels(token)
    make_key(held.custody, Purpose.TOKEN, Algorithm.ES256, State.ACTIVE)
    assert labels(token) == made_before


def test_revoking_counts_while_the_device_is_away(held: Keys, token: Token, caplog: pytest.LogCaptureFixture) -> None:
    """The key cannot be destroyed now, and is not used either; the log says what to delete."""
    credential = held.enrol_person(PersonSubject("owner-1", "Nguyễn Thị Ánh", "Ủy ban nhân dân", "Chủ tịch"))
    with held.custody.base.db.read() as connection:
        row = find(connection, credential.handle)
    assert row is not None
    token.unplug()
    held.custody.forget(row)
    assert f"{credential.handle} is still in pkcs11" in caplog.text


def labels(token: Token) -> list[str]:
    """Of the private keys in the token."""
    words = [sys.executable, str(Path(__file__).with_name("device_attacks.py")), token.module, LABEL, PIN]
    return sorted(json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout))
