"""
Approved mode: which algorithms a key may have, and which others may sign with, where `ANTIN_APPROVED_ONLY` is on. Pure.

What counts is not that a standard exists, but that validated modules offer the algorithm as approved. Ed25519 is in
FIPS 186-5, yet the security policies of OpenSSL's validated providers (3.0, 3.1) call it non-approved; ML-DSA is newer
than those providers. What is not in the table is refused, so that an algorithm that is added has to be decided upon.

Source: FIPS 140-3, ISO/IEC 19790 §7.2.4 (modes of operation, the indicator of approved services); NIST SP 800-140C,
800-140D; the tables of SP 800-131A rev. 2 for the smallest sizes (112 bits: RSA of 2048 bits, which keys/weaknesses
asks of everybody).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from keys.errors import KeyRefused

APPROVED: Mapping[str, str] = {
    "ES256": "FIPS 186-5 §6, P-256",
    "ES384": "FIPS 186-5 §6, P-384",
    "ES512": "FIPS 186-5 §6, P-521",
    "RS256": "FIPS 186-5 §5.4, PKCS #1 v1.5",
    "PS256": "FIPS 186-5 §5.4, PSS",
    "RSA-OAEP-256": "SP 800-56B rev. 2 §7.2.2",
    "ECDH-ES": "SP 800-56A rev. 3 §6.2.2, one-step derivation of SP 800-56C rev. 2 §4",
    "ECDH-ES+A128KW": "the same; SP 800-38F",
    "ECDH-ES+A256KW": "the same; SP 800-38F",
}
"""Algorithm → where it is approved."""
NOT_APPROVED: Mapping[str, str] = {
    "EdDSA": "in FIPS 186-5 §7, but non-approved in the validated providers of OpenSSL 3.0 and 3.1",
    "ML-DSA-44": "in FIPS 204, but in no validated provider of OpenSSL 3.0 and 3.1",
    "ML-DSA-65": "the same",
    "ML-DSA-87": "the same",
}
"""What we know and leave out, and why."""


def is_approved(algorithm: str) -> bool:
    """Whether it is in the table, under its name in JOSE."""
    return algorithm in APPROVED


def approved_among(algorithms: Iterable[str]) -> list[str]:
    """The approved ones, in their order."""
    return [one for one in algorithms if is_approved(one)]


def check_approved(algorithm: str) -> None:
    """Raises: KeyRefused("not_approved")."""
    if not is_approved(algorithm):
        why = NOT_APPROVED.get(algorithm, "not in the table")
        raise KeyRefused("not_approved", debug=f"{algorithm[:20]}: {why}", status=422)
