"""Argon2id with the parameters of the settings, bounded, renewed, and silent about who exists."""

from __future__ import annotations

import threading
import time

import pytest
from argon2 import PasswordHasher, Type

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
    assert not argon2id._lent
    assert len(argon2id._spare) <= 4  # of two hashers, two at once each


def test_kept_memory_is_for_hashes_of_its_size_only() -> None:
    recipe = argon2id.Recipe(2, 19, time_cost=1, memory_kib=1024, parallelism=1, length=32)
    argon2id._spare.clear()
    argon2id.digest(b"x", b"saltsalt", recipe)
    (kept,) = argon2id._spare
    assert argon2id._spare_of(kept.size) is kept
    argon2id._spare.append(kept)
    assert argon2id._spare_of(kept.size + 1) is None
    assert not argon2id._spare


def test_no_memory_is_not_a_wrong_password(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = passwords.hash("x")

    def none_left(size: int) -> None:
        raise OSError(size)

    argon2id._spare.clear()
    monkeypatch.setattr(argon2id, "_mapped", none_left)
    with pytest.raises(HashingBusy):
        passwords.matches(stored, "x")
    monkeypatch.undo()
    assert passwords.matches(stored, "x")


def test_nobody_takes_as_long_as_somebody(passwords: Passwords) -> None:
    stored = passwords.hash("x")

    def least(hashed: str | None) -> float:
        times = []
        for _ in range(7):
            start = time.process_time()
            passwords.matches(hashed, "wrong")
            times.append(time.process_time() - start)
        return min(times)

    assert 0.5 < least(None) / least(stored) < 2


def test_more_than_allowed_at_once_are_told_to_come_back() -> None:
    slow = Passwords(PasswordCost(65_536, 6, 1), at_once=1, wait_seconds=0.02)
    results: list[str] = []

    def one() -> None:
        try:
            slow.matches(None, "x")
            results.append("done")
        except HashingBusy as busy:
            results.append(f"busy {busy.status}")

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results) == {"busy 503", "done"}
    slow.matches(None, "x")  # the turns were given back
