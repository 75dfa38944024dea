"""Argon2id with the parameters of the settings, bounded, renewed, and silent about who exists."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from argon2 import PasswordHasher, Type
from argon2.exceptions import HashingError
from nacl import exceptions as sodium_errors

from idp.accounts import argon2id
from idp.accounts.passwords import HashingBusy, PasswordCost, Passwords

TODAY = PasswordCost(memory_kib=19_456, time_cost=2, parallelism=1)
CHEAP = PasswordCost(memory_kib=1024, time_cost=1, parallelism=1)


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords(TODAY, at_once=2, wait_seconds=5)


def test_parameters_are_in_the_hash(passwords: Passwords) -> None:
    stored = passwords.hash("con trâu đi trước cái cày")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(stored, "con trâu đi trước cái cày")
    assert not passwords.matches(stored, "con trâu đi trước cái bừa")
    assert not passwords.is_outdated(stored)


def test_old_parameters_are_outdated(passwords: Passwords) -> None:
    assert passwords.is_outdated(Passwords(CHEAP, at_once=1, wait_seconds=1).hash("x"))


def test_nobody_and_garbage_never_match(passwords: Passwords) -> None:
    assert not passwords.matches(None, "nobody has this password")
    assert not passwords.matches("not a hash", "x")
    assert not passwords.matches(passwords.hash(""), "x" * 2000)
    for broken in (
        "$argon2id$v=19$m=1024,t=1,p=1$$",
        "$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$",
        "$argon2id$v=19$m=1024,t=1,p=1$*$*",
        "$argon2id$v=19$m=-1,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHQ",
        "$argon2id$v=19$m=1024,t=0,p=1$c2FsdHNhbHQ$c2FsdHNhbHQ",
    ):
        assert not passwords.matches(broken, "")


@pytest.mark.parametrize(
    "stock",
    [
        PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1),
        PasswordHasher(time_cost=1, memory_cost=4096, parallelism=2, hash_len=24, salt_len=9),
        PasswordHasher(time_cost=3, memory_cost=1024, parallelism=1, type=Type.I),
    ],
)
def test_hashes_are_those_of_the_library(stock: PasswordHasher, passwords: Passwords) -> None:
    stored = stock.hash("Quốc ngữ")
    assert passwords.matches(stored, "Quốc ngữ")
    assert not passwords.matches(stored, "Quốc Ngữ")
    cost = PasswordCost(stock.memory_cost, stock.time_cost, stock.parallelism)
    ours = Passwords(cost, at_once=1, wait_seconds=5).hash("Quốc ngữ")
    assert PasswordHasher().verify(ours, "Quốc ngữ")


def test_large_and_small_hashes_side_by_side(passwords: Passwords) -> None:
    cheap = Passwords(CHEAP, at_once=2, wait_seconds=60)
    dear, small = passwords.hash("x"), cheap.hash("x")
    results: list[bool] = []

    def one() -> None:
        for _ in range(4):
            results.append(cheap.matches(small, "x") and passwords.matches(dear, "x") and not cheap.matches(dear, "y"))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 12


@pytest.mark.parametrize("memory_kib", [8, 19_456, 20_001])
@pytest.mark.parametrize("length", [16, 32, 64])
def test_both_libraries_make_the_same_hash(memory_kib: int, length: int) -> None:
    recipe = argon2id.Recipe(Type.ID, 19, time_cost=2, memory_kib=memory_kib, parallelism=1, length=length)
    password, salt = "mật khẩu".encode(), b"sixteen bytes..."
    assert len(salt) == 16
    assert argon2id._by_sodium(password, salt, recipe) == argon2id._by_argon2_cffi(password, salt, recipe)


def test_the_usual_hash_is_left_to_the_quicker_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(argon2id, "_by_argon2_cffi", lambda *_: b"slow")
    recipe = argon2id.Recipe(Type.ID, 19, time_cost=1, memory_kib=1024, parallelism=1, length=32)
    assert argon2id.digest(b"x", b"s" * 16, recipe) != b"slow"
    assert argon2id.digest(b"x", b"s" * 8, recipe) == b"slow"
    for change in ({"variant": Type.I}, {"version": 16}, {"parallelism": 2}):
        assert argon2id.digest(b"x", b"s" * 16, replace(recipe, **change)) == b"slow"


@pytest.mark.parametrize("parallelism", [1, 2])
def test_no_memory_is_not_a_wrong_password(parallelism: int, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(PasswordCost(1024, 1, parallelism), at_once=1, wait_seconds=5)
    stored = passwords.hash("x")

    def sodium(*_: object) -> bytes:
        raise sodium_errors.RuntimeError("Unexpected failure in key derivation")

    def cffi(*_: object) -> bytes:
        raise HashingError("Memory allocation error")

    with monkeypatch.context() as without_memory:
        without_memory.setattr(argon2id, "crypto_pwhash_alg", sodium)
        without_memory.setattr(argon2id, "hash_secret_raw", cffi)
        with pytest.raises(HashingBusy):
            passwords.matches(stored, "x")
    assert passwords.matches(stored, "x")
