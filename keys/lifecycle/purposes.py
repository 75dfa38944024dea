"""
What a key may be used for. Pure.

A purpose is what a key was made for and never changes; a use is one kind of thing that is signed. Whatever is not in
USES is refused, so a key for documents cannot sign a token, and no signing request of a person reaches an authority.

Source: NIST SP 800-57 part 1 rev. 5 §5.2 (a key serves one purpose); ETSI EN 319 411-1 §6.5.1; CSC API 2.2 §11 (what a
signing request may reach).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from keys.errors import KeyRefused
from keys.lifecycle.states import Purpose


class Use(StrEnum):
    """The kinds of things that are signed."""

    TOKEN = "token"
    DOCUMENT = "document"
    CERTIFICATE = "certificate"
    CRL = "crl"
    OCSP = "ocsp"
    TIMESTAMP = "timestamp"
    AUDIT = "audit"
    TRUST_LIST = "trust-list"
    REPORT = "report"
    SEAL = "seal"


USES: Mapping[Purpose, frozenset[Use]] = {
    Purpose.TOKEN: frozenset({Use.TOKEN}),
    Purpose.ENCRYPTION: frozenset(),
    Purpose.ROOT: frozenset({Use.CERTIFICATE, Use.CRL}),
    Purpose.ISSUING: frozenset({Use.CERTIFICATE, Use.CRL}),
    Purpose.TSU: frozenset({Use.TIMESTAMP}),
    Purpose.OCSP: frozenset({Use.OCSP}),
    Purpose.AUDIT: frozenset({Use.AUDIT}),
    Purpose.TRUST_LIST: frozenset({Use.TRUST_LIST}),
    Purpose.REPORT: frozenset({Use.REPORT}),
    Purpose.SEAL: frozenset({Use.SEAL}),
    Purpose.PERSON: frozenset({Use.DOCUMENT}),
    Purpose.OUTSIDE: frozenset(),
}
COUNTED_ONE_BY_ONE = frozenset({Purpose.ROOT, Purpose.ISSUING, Purpose.PERSON, Purpose.SEAL, Purpose.TRUST_LIST})
"""Each of their signatures is an event of its own and counts against the limits of the key; others are counted."""


def check_use(purpose: Purpose, use: Use) -> None:
    """Raises: KeyRefused("wrong_purpose"): such a key never does that."""
    if use not in USES[purpose]:
        raise KeyRefused("wrong_purpose", debug=f"{purpose} → {use}")
