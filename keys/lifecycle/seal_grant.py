"""
What an application may seal for an agency, without a person: which seal, how much, until when. Pure.

Source: ETSI EN 319 411-1 §6.4.2 (dual control); CSC API 2.2 §8.5 (seals by client credentials, bounded in number and
time); Decree 30/2020/ND-CP Art. 32 (who may use the seal of an agency is decided and written down).
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from keys.handles import KeyHandle
from keys.lifecycle.operations import Operation

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class SealTerms:
    """
    client_id: the application, as the provider names it. most: documents in all; per_day: in one day of UTC.

    until: epoch seconds, after which nothing is sealed any more.
    """

    handle: KeyHandle
    client_id: str
    most: int
    per_day: int
    until: int

    @property
    def slot(self) -> str:
        """The place that one standing grant of an application for a seal can have."""
        return slot_of(self.handle, self.client_id)


def slot_of(handle: str, client_id: str) -> str:
    """Hexadecimal SHA-256 of both."""
    return hashlib.sha256(f"{handle}\0{client_id}".encode()).hexdigest()


def granting(terms: SealTerms) -> Operation:
    """The operation that two operators carry out: these terms and no others."""
    return Operation("seal.grant", asdict(terms))


def day_of(moment: int) -> int:
    """Days since 1970."""
    return moment // DAY_SECONDS
