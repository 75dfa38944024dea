"""
Password hashes: the only door to Argon2.

Each hash takes 19 MiB, so a flood of sign-ins could eat the memory of the server: at most `password_hashes_at_once` run
in a process, the others wait a bounded time and are then told to come back (503).
Source: RFC 9106 §4; OWASP ASVS 5.0 §11.4.2.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from base.errors import AntinError
from idp.accounts.password_rules import MOST_BYTES, normalised

RETRY_AFTER_SECONDS = 5


class HashingBusy(AntinError):
    """Too many sign-ins at once; the same request may be sent again after RETRY_AFTER_SECONDS."""

    def __init__(self) -> None:
        super().__init__(
            "hashing_busy",
            vi=f"Hệ thống đang có rất nhiều người đăng nhập. Xin thử lại sau {RETRY_AFTER_SECONDS} giây.",
            en=f"Very many people are signing in. Please try again in {RETRY_AFTER_SECONDS} seconds.",
            status=503,
        )


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """The Argon2id parameters of new hashes."""

    memory_kib: int
    time_cost: int
    parallelism: int


class Passwords:
    """Hashes and compares passwords. One per process; thread-safe."""

    def __init__(self, cost: PasswordCost, *, at_once: int, wait_seconds: float) -> None:
        self._hasher = PasswordHasher(
            time_cost=cost.time_cost, memory_cost=cost.memory_kib, parallelism=cost.parallelism, type=Type.ID
        )
        self._turns = threading.BoundedSemaphore(at_once)
        self._wait_seconds = wait_seconds
        # Compared against when nobody has that name, so that the answer takes as long as a wrong password.
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """A PHC string (`$argon2id$…`). Raises: HashingBusy."""
        with self._turn():
            return self._hasher.hash(_coded(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """
        Whether the password belongs to the stored hash; always False, and equally slow, when there is none.

        Raises: HashingBusy.
        """
        given = _coded(password)
        if len(given) > MOST_BYTES:
            given, stored = b"", None
        with self._turn():
            try:
                self._hasher.verify(stored or self._nobody, given)
            except (VerificationError, InvalidHashError):
                return False
            return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the stored hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self._wait_seconds):
            raise HashingBusy
        try:
            yield
        finally:
            self._turns.release()


def _coded(password: str) -> bytes:
    """The bytes that are hashed; half of a surrogate pair, which no keyboard makes, stays distinct."""
    return normalised(password).encode("utf-8", "surrogatepass")
