"""
What is said of each certificate, signed.

Source: RFC 6960 §4.2.1, §4.4.1; the unknown is never called good (CA/Browser Forum Baseline Requirements §4.9.10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from keys.der import BIT_STRING, CONTEXT, OCTET_STRING, SIGNATURE_ALGORITHMS, generalized_time, sequence, wrapped
from keys.handles import RevocationReason
from keys.ocsp.unit import ResponderUnit

ENUMERATED = 0x0A
REASON_CODES: Mapping[RevocationReason, int] = {
    RevocationReason.UNSPECIFIED: 0,
    RevocationReason.KEY_COMPROMISE: 1,
    RevocationReason.CA_COMPROMISE: 2,
    RevocationReason.AFFILIATION_CHANGED: 3,
    RevocationReason.SUPERSEDED: 4,
    RevocationReason.CESSATION: 5,
    RevocationReason.HOLD: 6,
    RevocationReason.PRIVILEGE_WITHDRAWN: 9,
    RevocationReason.AA_COMPROMISE: 10,
}
"""RFC 5280 §5.3.1; 7 is not used, 8 (removeFromCRL) appears in delta lists only, and we publish none."""
_GOOD, _UNKNOWN = b"\x80\x00", b"\x82\x00"
_REVOKED = 0xA1
_NONCE_OID = bytes.fromhex("06092b0601050507300102")
_RESPONSE_EXTENSIONS, _NEXT_UPDATE = 0xA1, 0xA0


class Word(StrEnum):
    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Status:
    """What we know of a certificate. revoked_at (epoch seconds) and reason only where it is revoked or suspended."""

    word: Word
    revoked_at: int = 0
    reason: RevocationReason = RevocationReason.UNSPECIFIED


def sign_answer(
    unit: ResponderUnit,
    statuses: Sequence[tuple[bytes, Status]],
    *,
    this_update: int,
    next_update: int,
    nonce: bytes | None,
) -> bytes:
    """
    A BasicOCSPResponse, DER. statuses: CertID as it came and what we know; times: epoch seconds.

    The responder's certificate comes along; the authority's own is what the reader must already have.
    """
    extensions = b""
    if nonce is not None:
        value = wrapped(OCTET_STRING, wrapped(OCTET_STRING, nonce))
        extensions = wrapped(_RESPONSE_EXTENSIONS, sequence(sequence(_NONCE_OID, value)))
    produced = generalized_time(this_update)
    until = wrapped(_NEXT_UPDATE, generalized_time(next_update))
    singles = (sequence(cert_id, _status(status), produced, until) for cert_id, status in statuses)
    to_be_signed = sequence(unit.responder, produced, sequence(*singles), extensions)
    return sequence(
        to_be_signed,
        SIGNATURE_ALGORITHMS[unit.algorithm],
        wrapped(BIT_STRING, b"\x00" + unit.sign(to_be_signed)),
        wrapped(CONTEXT, sequence(unit.certificate)),
    )


def _status(status: Status) -> bytes:
    if status.word is Word.GOOD:
        return _GOOD
    if status.word is Word.UNKNOWN:
        return _UNKNOWN
    reason = b""
    if status.reason is not RevocationReason.UNSPECIFIED:  # as in revocation lists, then the reason stays away
        reason = wrapped(CONTEXT, wrapped(ENUMERATED, bytes((REASON_CODES[status.reason],))))
    return wrapped(_REVOKED, generalized_time(status.revoked_at) + reason)
