"""The PIN of a signing device: where it comes from, and that a wrong one never locks the token."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from base.errors import StartError
from keys.backends import pkcs11_sessions
from keys.backends.pin import CREDENTIALS, PinSource, TokenLock
from keys.errors import KeysUnavailable
from tests.softhsm import LABEL, PIN, Token
from tests.unit.keys.device_keys import MASTER, made, opened, sign_and_check


def test_a_wrong_pin_is_tried_once(token: Token, starts: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """By all processes together, until it is changed where it comes from."""
    monkeypatch.setattr(pkcs11_sessions, "TRY_AGAIN_SECONDS", 0.0)
    token.pin_file.write_text("wrong-pin\n")
    for device in (opened(token), opened(token), opened(token)):
        for _ in range(3):
            with pytest.raises(KeysUnavailable, match="refused its PIN"):
                device.describe()
    assert len(starts) == 1
    token.pin_file.write_text(PIN + "\n")
    sign_and_check(device, made(device))
    assert len(starts) == 2


def test_a_refused_pin_is_not_written_down(token: Token) -> None:
    token.pin_file.write_text("wrong-pin\n")
    with pytest.raises(KeysUnavailable):
        opened(token).describe()
    notes = list(token.folder.glob("pkcs11-*.refused"))
    assert len(notes) == 1
    assert "wrong" not in notes[0].read_text()


def test_touching_the_file_allows_one_more_try(token: Token, starts: list[int]) -> None:
    """The PIN may have been set anew on the device instead."""
    lock = TokenLock(token.folder, "t", MASTER)
    pin, change = PinSource(str(token.pin_file)).read()
    lock.remember_refusal(pin, change)
    with pytest.raises(KeysUnavailable, match="refused its PIN"):
        lock.check_not_refused(pin, change)
    status = token.pin_file.stat()
    os.utime(token.pin_file, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000_000))
    lock.check_not_refused(*PinSource(str(token.pin_file)).read())


@pytest.mark.parametrize("flag", ["USER_PIN_FINAL_TRY", "USER_PIN_LOCKED"])
def test_the_last_try_is_never_used_up(flag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = pytest.importorskip("keys.backends.pkcs11_worker")

    class Endangered:
        flags = worker.pkcs11.TokenFlag[flag]

        def open(self, **_given: Any) -> None:
            raise AssertionError("the PIN was tried")

    class Library:
        def get_token(self, **_named: Any) -> Endangered:
            return Endangered()

    monkeypatch.setattr(worker.pkcs11, "lib", lambda _module: Library())
    wanted = {"module": "x", "label": "x", "serial": "", "pin": "x"}
    assert worker.opened(json.dumps(wanted).encode())[1].startswith(worker.PIN_IN_DANGER)


def test_a_systemd_credential(token: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CREDENTIALS, raising=False)
    with pytest.raises(StartError, match="LoadCredential"):
        PinSource("pin").read()
    monkeypatch.setenv(CREDENTIALS, str(token.folder))
    assert PinSource("pin").read()[0] == PIN
    opened(token, pkcs11_pin_file="pin").describe()
    with pytest.raises(KeysUnavailable, match="cannot be read"):
        opened(token, pkcs11_pin_file="no-such-pin").describe()


def test_a_pin_without_a_file(token: Token) -> None:
    assert LABEL not in opened(token, pkcs11_pin_file="", pkcs11_pin=PIN).describe()
