"""Audit events of keys: handles, enumerated words, digests and numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from base.audit import Event


@dataclass(frozen=True, slots=True)
class KeyCreated(Event):
    """public_key_sha256: of the SubjectPublicKeyInfo, hexadecimal."""

    kind: ClassVar[str] = "keys.key.created"
    handle: str
    purpose: str
    algorithm: str
    backend: str
    state: str
    public_key_sha256: str


@dataclass(frozen=True, slots=True)
class KeyMoved(Event):
    """A key changed its state: next, active, retired, revoked, gone."""

    kind: ClassVar[str] = "keys.key.moved"
    handle: str
    to: str


@dataclass(frozen=True, slots=True)
class KeyRevoked(Event):
    """A key without a certificate was taken out of use at once: reason as for certificates."""

    kind: ClassVar[str] = "keys.key.revoked"
    handle: str
    purpose: str
    reason: str


@dataclass(frozen=True, slots=True)
class KeyLimited(Event):
    """From now on it signs so often, and so long (epoch seconds); None: without limit."""

    kind: ClassVar[str] = "keys.key.limited"
    handle: str
    most_signatures: int | None
    usable_until: int | None


@dataclass(frozen=True, slots=True)
class SealGranted(Event):
    """Two operators let an application use an agency's seal: so often, so often a day, until (epoch seconds)."""

    kind: ClassVar[str] = "keys.seal.granted"
    grant_id: str
    handle: str
    client_id: str
    most: int
    per_day: int
    until: int
    approval_id: str


@dataclass(frozen=True, slots=True)
class SealGrantEnded(Event):
    kind: ClassVar[str] = "keys.seal.grant_ended"
    grant_id: str


@dataclass(frozen=True, slots=True)
class SealSpent(Event):
    """One use was taken from a grant. document_digest: hexadecimal SHA-256."""

    kind: ClassVar[str] = "keys.seal.spent"
    grant_id: str
    handle: str
    client_id: str
    document_digest: str


@dataclass(frozen=True, slots=True)
class CertificateIssued(Event):
    """serial: hexadecimal; profile: root, issuing, person, tsu."""

    kind: ClassVar[str] = "keys.certificate.issued"
    handle: str
    issuer: str
    profile: str
    serial: str
    certificate_sha256: str
    not_after: int


@dataclass(frozen=True, slots=True)
class CeremonyHeld(Event):
    """minutes_sha256: of the minutes, hexadecimal; authorities: how many were made."""

    kind: ClassVar[str] = "keys.ceremony.held"
    ceremony_id: str
    minutes_sha256: str
    authorities: int


@dataclass(frozen=True, slots=True)
class CertificateRequested(Event):
    """A request for a certificate of a foreign authority was made for a key of ours."""

    kind: ClassVar[str] = "keys.certificate.requested"
    handle: str
    profile: str
    request_sha256: str


@dataclass(frozen=True, slots=True)
class CertificateImported(Event):
    """A certificate of a foreign authority was taken in for a key of ours."""

    kind: ClassVar[str] = "keys.certificate.imported"
    handle: str
    profile: str
    certificate_sha256: str
    anchor_sha256: str
    not_after: int


@dataclass(frozen=True, slots=True)
class CertificateExpiring(Event):
    """days: which of the marks 90, 30 and 7 was passed."""

    kind: ClassVar[str] = "keys.certificate.expiring"
    handle: str
    profile: str
    serial: str
    days: int
    not_after: int


@dataclass(frozen=True, slots=True)
class CertificateRevoked(Event):
    kind: ClassVar[str] = "keys.certificate.revoked"
    handle: str
    serial: str
    reason: str
    crl_number: int


@dataclass(frozen=True, slots=True)
class SharedPrimeFound(Event):
    """An RSA key was turned away because it shares a prime with a known one, which may be lost as well."""

    kind: ClassVar[str] = "keys.shared_prime.found"
    modulus_sha256: str


@dataclass(frozen=True, slots=True)
class AuthorityRevoked(Event):
    """An issuing authority ended; certificates: how many fell with it; crl_number: of the root's list that says so."""

    kind: ClassVar[str] = "keys.authority.revoked"
    handle: str
    serial: str
    reason: str
    certificates: int
    crl_number: int


@dataclass(frozen=True, slots=True)
class CertificateSuspended(Event):
    """It rests until it is resumed or revoked."""

    kind: ClassVar[str] = "keys.certificate.suspended"
    handle: str
    serial: str
    crl_number: int


@dataclass(frozen=True, slots=True)
class CertificateResumed(Event):
    """It counts again, and has left the revocation list."""

    kind: ClassVar[str] = "keys.certificate.resumed"
    handle: str
    serial: str
    crl_number: int


@dataclass(frozen=True, slots=True)
class CrlLate(Event):
    """A revocation list was not renewed in time: it ends at next_update (epoch seconds). Once for each list."""

    kind: ClassVar[str] = "keys.crl.late"
    issuer: str
    number: int
    next_update: int


@dataclass(frozen=True, slots=True)
class ClockWrong(Event):
    """No time stamps are made by this process from now on. state: off, unsynchronised; offset in milliseconds."""

    kind: ClassVar[str] = "keys.clock.wrong"
    state: str
    offset_ms: int


@dataclass(frozen=True, slots=True)
class ClockGood(Event):
    """The clock is within its accuracy again."""

    kind: ClassVar[str] = "keys.clock.good"
    offset_ms: int


@dataclass(frozen=True, slots=True)
class AnchorAdded(Event):
    """Verification trusts one more authority."""

    kind: ClassVar[str] = "keys.anchor.added"
    scope: str
    anchor_sha256: str


@dataclass(frozen=True, slots=True)
class AnchorRemoved(Event):
    """Verification trusts it no longer."""

    kind: ClassVar[str] = "keys.anchor.removed"
    scope: str
    anchor_sha256: str


@dataclass(frozen=True, slots=True)
class TrustListTaken(Event):
    """
    An operator's list stands from now on. scope: its trust domain; content_sha256: of what was signed; signed_at: as
    the signer states it.
    """

    kind: ClassVar[str] = "keys.trust_list.taken"
    list_id: str
    scope: str
    sequence: int
    content_sha256: str
    issued_at: int
    signed_at: int


@dataclass(frozen=True, slots=True)
class TrustListRefused(Event):
    """Something came in the place of a list we follow and was not taken. file_sha256: of what came."""

    kind: ClassVar[str] = "keys.trust_list.refused"
    list_id: str
    file_sha256: str


@dataclass(frozen=True, slots=True)
class TrustListLate(Event):
    """No list followed this one until its next update."""

    kind: ClassVar[str] = "keys.trust_list.late"
    list_id: str
    sequence: int
    next_update: int


@dataclass(frozen=True, slots=True)
class TrustListRemoved(Event):
    kind: ClassVar[str] = "keys.trust_list.removed"
    list_id: str


@dataclass(frozen=True, slots=True)
class TrustListPublished(Event):
    """Our own list. content_sha256: of what it says, without number and times."""

    kind: ClassVar[str] = "keys.trust_list.published"
    sequence: int
    content_sha256: str
    next_update: int


@dataclass(frozen=True, slots=True)
class ActivationSpent(Event):
    """One signature was allowed: key, approval and digest of the document."""

    kind: ClassVar[str] = "keys.activation.spent"
    handle: str
    owner: str
    jti: str
    document_digest: str
    acr: str
    otp_time: int


@dataclass(frozen=True, slots=True)
class KeyUsed(Event):
    """One signature. caller: the use (document, crl, …); digest: SHA-256 of what was signed."""

    kind: ClassVar[str] = "keys.key.used"
    handle: str
    purpose: str
    caller: str
    digest: str


@dataclass(frozen=True, slots=True)
class KeyUses(Event):
    """Many signatures of one process from the first to the last moment (epoch seconds), both included."""

    kind: ClassVar[str] = "keys.key.uses"
    handle: str
    caller: str
    count: int
    from_time: int
    to_time: int


@dataclass(frozen=True, slots=True)
class KeyHandedOver(Event):
    """Another holder answers for the key. entry: its number in the key's custody log; entry_sha256: of that entry."""

    kind: ClassVar[str] = "keys.key.handed_over"
    handle: str
    entry: int
    entry_sha256: str


@dataclass(frozen=True, slots=True)
class ResealBegun(Event):
    """From now on everything is sealed under another master key; both by their public ids."""

    kind: ClassVar[str] = "keys.master.replacing"
    old_key: str
    new_key: str


@dataclass(frozen=True, slots=True)
class ResealEnded(Event):
    """No sealed value names the old master key any more, and it can open nothing."""

    kind: ClassVar[str] = "keys.master.replaced"
    old_key: str
    new_key: str


@dataclass(frozen=True, slots=True)
class OperatorAdded(Event):
    kind: ClassVar[str] = "keys.operator.added"
    operator_id: str
    approval_id: str


@dataclass(frozen=True, slots=True)
class OperatorRemoved(Event):
    kind: ClassVar[str] = "keys.operator.removed"
    operator_id: str
    approval_id: str


@dataclass(frozen=True, slots=True)
class OperationProposed(Event):
    """parameters_sha256: of the canonical JSON that the second person reads."""

    kind: ClassVar[str] = "keys.operation.proposed"
    approval_id: str
    operation: str
    parameters_sha256: str
    operator_id: str


@dataclass(frozen=True, slots=True)
class OperationJudged(Event):
    """verdict: approved or refused, by another operator than the proposer (who may only refuse)."""

    kind: ClassVar[str] = "keys.operation.judged"
    approval_id: str
    operator_id: str
    verdict: str


@dataclass(frozen=True, slots=True)
class OperationCarriedOut(Event):
    """approval_id: empty where this installation asks for no second person."""

    kind: ClassVar[str] = "keys.operation.carried_out"
    approval_id: str
    operation: str
    parameters_sha256: str
