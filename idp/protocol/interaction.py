"""
The interaction: an authorization request that waits for a person, carried in the address of our pages as `tx`.

Nothing is stored for it, so a million abandoned logins leave nothing. The flow adds a MAC (flows/interactions.py);
this file is only the shape and its encoding.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import orjson

Did = Literal["create", "login", "code", "no_code", "select", "consent"]
"""
What a page says it has done before it sends the person back to /authorize: it was told where accounts come from, the
password or second factor was proven, the person has no second factor to offer, an account was chosen, or consent was
given for exactly this request.
"""


@dataclass(frozen=True, slots=True)
class Interaction:
    """
    id:          names this one request; a consent given in it can be spent once.
    parameters:  the authorization request as it came.
    started_at:  epoch seconds; what was proven after it counts as fresh for this request.
    browser:     handle of the browser it was started in (base/web/csrf.py).
    done:        what its pages have done, see Did.
    approved_by: who gave the consent in `done`, as flows/consent.py writes it: a browser can change hands.
    """

    id: str
    parameters: Mapping[str, str]
    started_at: int
    browser: str
    done: frozenset[str] = frozenset()
    approved_by: str = ""

    def after(self, did: Did) -> Interaction:
        """The same interaction with one more thing done."""
        return dataclasses.replace(self, done=self.done | {did})

    def approved(self, by: str) -> Interaction:
        """The same interaction with the consent of that person."""
        return dataclasses.replace(self.after("consent"), approved_by=by)


def encode(interaction: Interaction) -> bytes:
    """As compact JSON."""
    shown = {
        "i": interaction.id,
        "p": dict(interaction.parameters),
        "t": interaction.started_at,
        "b": interaction.browser,
        "d": sorted(interaction.done),
        "a": interaction.approved_by,
    }
    return orjson.dumps(shown)


def decode(shown: bytes) -> Interaction:
    """The reverse of encode(). Only for bytes whose MAC has been checked."""
    data = orjson.loads(shown)
    return Interaction(data["i"], data["p"], data["t"], data["b"], frozenset(data["d"]), data["a"])
