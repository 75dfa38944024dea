"""
The factors a person can sign in with. A new one is a class here (or in a file of its own) and a line in FACTORS;
tests/contract/test_factors.py then runs the same suite over it.

A factor judges what was typed against what is stored and changes nothing. What must change is in the Proof: a time step
that has to be spent, a hash that has to be replaced. The flow writes it, and a proof counts only after it is spent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from base.texts import Text
from idp.accounts.passwords import PasswordCost, Passwords
from idp.accounts.totp import matching_timecode
from idp.settings import IdpSettings


@dataclass(frozen=True, slots=True)
class Stored:
    """
    What the database knows of one factor of one account.

    material: the Argon2 PHC string, or the base32 secret; None when the account or the factor does not exist.
    spent:    the highest time step already spent (0 for factors that spend nothing).
    """

    material: str | None
    spent: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """
    A right answer.

    spend:       the time step to spend by a conditional UPDATE before the proof counts; None if nothing is to spend.
    replacement: material to store instead of the old one (a hash with today's parameters); None if unchanged.
    """

    method: str
    spend: int | None = None
    replacement: str | None = None


class Factor(Protocol):
    """One way to prove who you are."""

    method: ClassVar[str]
    """RFC 8176 word; the key in the ledger of a session."""
    field: ClassVar[str]
    """Name of the form field."""
    label: ClassVar[Text]

    def prove(self, stored: Stored, given: str, now: int) -> Proof | None:
        """A proof, or None for a wrong answer. Reads now in epoch seconds; does no database work."""
        ...


class PasswordFactor:
    """Something only the person knows. Takes equally long whether or not the account exists."""

    method: ClassVar[str] = "pwd"
    field: ClassVar[str] = "password"
    label: ClassVar[Text] = Text("Mật khẩu", "Password")

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords

    def prove(self, stored: Stored, given: str, now: int) -> Proof | None:
        """Raises: HashingBusy."""
        if not self._passwords.matches(stored.material, given) or stored.material is None:
            return None
        outdated = self._passwords.is_outdated(stored.material)
        return Proof(self.method, replacement=self._passwords.hash(given) if outdated else None)


class TotpFactor:
    """Something only the person holds: the application that knows the secret."""

    method: ClassVar[str] = "otp"
    field: ClassVar[str] = "code"
    label: ClassVar[Text] = Text("Mã xác thực", "Authentication code")

    def __init__(self, _passwords: Passwords) -> None:
        """Needs nothing; the signature is the one every factor is opened with."""

    def prove(self, stored: Stored, given: str, now: int) -> Proof | None:
        if stored.material is None:
            return None
        timecode = matching_timecode(stored.material, given, now, spent=stored.spent)
        return None if timecode is None else Proof(self.method, spend=timecode)


FACTORS = (PasswordFactor, TotpFactor)
"""Every factor, in the order they are asked for."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The account plug-ins of one process: the password hasher and every factor by its method."""

    passwords: Passwords
    factors: Mapping[str, Factor]


def open_accounts(settings: IdpSettings) -> Accounts:
    """The factors over one password hasher; call it once per process."""
    cost = PasswordCost(settings.argon2_memory_kib, settings.argon2_time_cost, settings.argon2_parallelism)
    passwords = Passwords(
        cost, at_once=settings.password_hashes_at_once, wait_seconds=settings.password_hash_wait_seconds
    )
    factors: list[Factor] = [make(passwords) for make in FACTORS]
    return Accounts(passwords=passwords, factors={factor.method: factor for factor in factors})
