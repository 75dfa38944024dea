"""Argon2id with the parameters of the settings, bounded, renewed, and silent about who exists."""

from __future__ import annotations

import threading
import time

import pytest

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
