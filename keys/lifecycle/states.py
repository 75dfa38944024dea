"""
The life of a key: next → active → retired → gone, and revoked from everywhere but gone.

next:    made and published, does not sign yet, so that everybody who caches our key set has met it.
active:  signs. At most one per purpose and algorithm (persons excepted).
retired: signs no more; its private part is erased; token keys stay published until what they signed has run out.
revoked: compromised or withdrawn: nothing it signed is accepted any more, in any process within a second; its private
         part is erased.
gone:    no longer published; the row stays for the audit trail.

Others call them pending, active, verify-only, revoked and destroyed (NIST: pre-activation, active, deactivated,
compromised, destroyed).

Encryption keys have no `next`: a new one can be used from the moment it is published. A retired one is no longer
published, and keeps its private part until it is gone, for those who still encrypt with what they have cached.

Source: NIST SP 800-57 part 1 rev. 5 §8 (key states); OpenID Connect Core §10.1.1 (rotation by publishing).
"""

from __future__ import annotations

from enum import StrEnum

from keys.algorithms import Algorithm, KeyAlgorithm
from keys.errors import KeyRefused
from keys.handles import KeyManagement


class State(StrEnum):
    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"
    REVOKED = "revoked"
    GONE = "gone"


class Purpose(StrEnum):
    """What a key may be used for; it is never used for two things."""

    TOKEN = "token"
    ENCRYPTION = "encryption"
    ROOT = "root"
    ISSUING = "issuing"
    TSU = "tsu"
    OCSP = "ocsp"
    AUDIT = "audit"
    TRUST_LIST = "trust-list"
    REPORT = "report"
    """Seals what this service says itself, such as a report of a verification; never a document of anybody."""
    SEAL = "seal"
    """Seals documents of an agency without a person, for applications that two operators have granted it to."""
    PERSON = "person"
    OUTSIDE = "outside"
    """Held by its owner: we have only certified it."""


MOVES: dict[State, frozenset[State]] = {
    State.NEXT: frozenset({State.ACTIVE, State.REVOKED, State.GONE}),
    State.ACTIVE: frozenset({State.RETIRED, State.REVOKED}),
    State.RETIRED: frozenset({State.REVOKED, State.GONE}),
    State.REVOKED: frozenset({State.GONE}),
    State.GONE: frozenset(),
}
PUBLISHED = frozenset({State.NEXT, State.ACTIVE, State.RETIRED})
"""States in which a token key is in the key set."""

TOKEN_ALGORITHMS = (Algorithm.ES256, Algorithm.RS256, Algorithm.PS256, Algorithm.EDDSA)
"""
The algorithms that tokens are signed with, each by keys of its own: OpenID Registration §2 makes RS256 the default,
FAPI 2.0 Security Profile §5.4.1 allows the three others.
"""
ON_DEMAND_ALGORITHMS = (
    Algorithm.ES384,
    Algorithm.ES512,
    Algorithm.ML_DSA_44,
    Algorithm.ML_DSA_65,
    Algorithm.ML_DSA_87,
)
"""Tokens are signed with these too, but a key is made only when the first client asks for it."""
SLOW_ALGORITHMS = frozenset({Algorithm.RS256, Algorithm.PS256})
"""Making such a key takes up to a second, so the first start makes only the ones it signs with."""
ENCRYPTION_ALGORITHMS = tuple(KeyManagement)
"""Each by a key of its own, like signing."""


def check_move(old: State, new: State) -> None:
    """Raises: KeyRefused("wrong_state"): no key goes that way."""
    if new not in MOVES[old]:
        raise KeyRefused("wrong_state", debug=f"{old} → {new}", status=409)


def keeps_private_part(purpose: Purpose, state: State) -> bool:
    """Whether a key still needs its private part in that state."""
    return state in (State.NEXT, State.ACTIVE) or (purpose is Purpose.ENCRYPTION and state is State.RETIRED)


def slot_of(purpose: Purpose, algorithm: KeyAlgorithm, state: State) -> str | None:
    """The place that only one key can have at a time; None where many may be."""
    if purpose in (Purpose.PERSON, Purpose.SEAL, Purpose.OUTSIDE) or state not in (State.NEXT, State.ACTIVE):
        return None
    return f"{purpose}|{algorithm}|{state}"
