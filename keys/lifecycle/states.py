"""
The life of a key: next → active → retired → gone.

next:    made and published, does not sign yet, so that everybody who caches our key set has met it.
active:  signs. At most one per purpose and algorithm (persons excepted).
retired: signs no more; its private part is erased; token keys stay published until what they signed has run out.
gone:    no longer published; the row stays for the audit trail.

Source: NIST SP 800-57 part 1 rev. 5 §8 (key states); OpenID Connect Core §10.1.1 (rotation by publishing).
"""

from __future__ import annotations

from enum import StrEnum

from keys.algorithms import Algorithm
from keys.errors import KeyRefused


class State(StrEnum):
    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"
    GONE = "gone"


class Purpose(StrEnum):
    """What a key may be used for; it is never used for two things."""

    TOKEN = "token"
    ROOT = "root"
    ISSUING = "issuing"
    TSU = "tsu"
    PERSON = "person"


MOVES: dict[State, frozenset[State]] = {
    State.NEXT: frozenset({State.ACTIVE, State.GONE}),
    State.ACTIVE: frozenset({State.RETIRED}),
    State.RETIRED: frozenset({State.GONE}),
    State.GONE: frozenset(),
}
PUBLISHED = frozenset({State.NEXT, State.ACTIVE, State.RETIRED})
"""States in which a token key is in the key set."""

TOKEN_ALGORITHMS = (Algorithm.ES256, Algorithm.RS256, Algorithm.PS256, Algorithm.EDDSA)
"""
The algorithms that tokens are signed with, each by keys of its own: OpenID Registration §2 makes RS256 the default,
FAPI 2.0 Security Profile §5.4.1 allows the three others.
"""
SLOW_ALGORITHMS = frozenset({Algorithm.RS256, Algorithm.PS256})
"""Making such a key takes up to a second, so the first start makes only the ones it signs with."""


def check_move(old: State, new: State) -> None:
    """Raises: KeyRefused("wrong_state"): no key goes that way."""
    if new not in MOVES[old]:
        raise KeyRefused("wrong_state", debug=f"{old} → {new}", status=409)


def slot_of(purpose: Purpose, algorithm: Algorithm, state: State) -> str | None:
    """The place that only one key can have at a time; None where many may be."""
    if purpose is Purpose.PERSON or state not in (State.NEXT, State.ACTIVE):
        return None
    return f"{purpose}|{algorithm}|{state}"
