"""
Password hashes: the only door to Argon2, behind which `argon2id.py` computes.

Each hash takes 19 MiB, so a flood of sign-ins could eat the memory of the server: at most `password_hashes_at_once` run
in a process, the others wait a bounded time and are then told to come back (503).
Source: RFC 9106 §4; OWASP ASVS 5.0 §11.4.2.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from argon2 import Parameters, extract_parameters
from argon2.exceptions import HashingError, InvalidHashError
from argon2.low_level import ARGON2_VERSION, Type

from base.errors import AntinError
from idp.accounts import argon2id
from idp.accounts.argon2id import Recipe
from idp.accounts.password_rules import MOST_BYTES, normalised

RETRY_AFTER_SECONDS = 5
_SALT_BYTES = 16
_HASH_BYTES = 32


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
        self._cost = cost
        self._turns = threading.BoundedSemaphore(at_once)
        self._wait_seconds = wait_seconds
        # Compared against when nobody has that name, so that the answer takes as long as a wrong password. It is the
        # hash of no password at all: made by lot, since a process that never hashes needs none of the memory.
        self._nobody = self._written(secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_HASH_BYTES))

    def hash(self, password: str) -> str:
        """A PHC string (`$argon2id$…`). Raises: HashingBusy."""
        cost, salt = self._cost, secrets.token_bytes(_SALT_BYTES)
        recipe = Recipe(Type.ID, ARGON2_VERSION, cost.time_cost, cost.memory_kib, cost.parallelism, _HASH_BYTES)
        with self._turn():
            made = argon2id.digest(_coded(password), salt, recipe)
        return self._written(salt, made)

    def matches(self, stored: str | None, password: str) -> bool:
        """
        Whether the password belongs to the stored hash; always False, and equally slow, when there is none.

        Raises: HashingBusy.
        """
        given = _coded(password)
        if len(given) > MOST_BYTES:
            given, stored = b"", None
        try:
            recipe, salt, wanted = _read(stored or self._nobody)
            with self._turn():
                made = argon2id.digest(given, salt, recipe)
        except (InvalidHashError, HashingError, OverflowError):
            return False
        return hmac.compare_digest(made, wanted) and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the stored hash was made with other parameters than today's."""
        cost = self._cost
        today = Parameters(
            type=Type.ID,
            version=ARGON2_VERSION,
            salt_len=_SALT_BYTES,
            hash_len=_HASH_BYTES,
            time_cost=cost.time_cost,
            memory_cost=cost.memory_kib,
            parallelism=cost.parallelism,
        )
        return extract_parameters(stored) != today

    def _written(self, salt: bytes, made: bytes) -> str:
        cost = self._cost
        costs = f"v={ARGON2_VERSION}$m={cost.memory_kib},t={cost.time_cost},p={cost.parallelism}"
        return f"$argon2id${costs}${_unpadded(salt)}${_unpadded(made)}"

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self._wait_seconds):
            raise HashingBusy
        try:
            yield
        except argon2id.NoMemoryToHash as error:
            raise HashingBusy from error
        finally:
            self._turns.release()


def _read(stored: str) -> tuple[Recipe, bytes, bytes]:
    """Recipe, salt and hash of a PHC string. Raises: InvalidHashError."""
    found = extract_parameters(stored)
    try:
        salt, made = (base64.b64decode(part + "=" * (-len(part) % 4), validate=True) for part in stored.split("$")[-2:])
    except (binascii.Error, ValueError) as error:
        raise InvalidHashError from error
    recipe = Recipe(found.type, found.version, found.time_cost, found.memory_cost, found.parallelism, len(made))
    return recipe, salt, made


def _unpadded(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")


def _coded(password: str) -> bytes:
    """The bytes that are hashed; half of a surrogate pair, which no keyboard makes, stays distinct."""
    return normalised(password).encode("utf-8", "surrogatepass")
