"""
Operations that take two persons, and what an approval covers. Pure.

Source: ETSI EN 319 401 §7.4 and EN 319 411-1 §6.4.2, §6.5.1 (dual control of authorities); OWASP ASVS 5.0 §2.3.5.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Operation:
    """
    What shall be done, exactly.

    name:       `area.verb`, such as "ca.ceremony" or "operator.add"; at most 40 characters.
    parameters: everything the outcome depends on, as JSON can say it; changed afterwards, it is another operation.
    """

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The parameters as canonical JSON, which the second person reads."""
        return orjson.dumps(dict(self.parameters), option=orjson.OPT_SORT_KEYS).decode()

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 over name and parameters."""
        return hashlib.sha256(f"{self.name}\n{self.text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Approval:
    """A proposed operation as it stands. Times are epoch seconds; operators by identifier; None: not yet."""

    id: str
    operation: str
    parameters: str
    parameters_sha256: str
    proposed_by: str
    proposed_at: int
    expires_at: int
    approved_by: str | None
    refused_by: str | None
    carried_out_at: int | None


def status_of(approval: Approval, *, now: int) -> str:
    """One word: done, refused, expired, approved or proposed."""
    if approval.carried_out_at is not None:
        return "done"
    if approval.refused_by is not None:
        return "refused"
    if now >= approval.expires_at:
        return "expired"
    return "proposed" if approval.approved_by is None else "approved"


def needs_two_persons(setting: str, *, on_this_machine: bool) -> bool:
    """Whether this installation asks for a second operator (setting: auto, true or false)."""
    return not on_this_machine if setting == "auto" else setting == "true"
