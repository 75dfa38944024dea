"""
Audit events of this package: identifiers, enumerated words, digests and numbers only.

`owner` is the pairwise subject identifier that the provider gave the desk; it names nobody outside the provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from base.audit import Event


@dataclass(frozen=True, slots=True)
class DeskSessionStarted(Event):
    kind: ClassVar[str] = "signing.desk_session.started"
    session_id: str
    owner: str
    acr: str


@dataclass(frozen=True, slots=True)
class DeskSessionEnded(Event):
    kind: ClassVar[str] = "signing.desk_session.ended"
    session_id: str
    owner: str
    way: str  # own | provider


@dataclass(frozen=True, slots=True)
class LogoutTokenRefused(Event):
    kind: ClassVar[str] = "signing.logout_token.refused"
    reason: str


@dataclass(frozen=True, slots=True)
class DocumentReceived(Event):
    kind: ClassVar[str] = "signing.document.received"
    document_id: str
    owner: str
    sha256: str
    size: int
    pages: int


@dataclass(frozen=True, slots=True)
class DocumentTurnedAway(Event):
    kind: ClassVar[str] = "signing.document.turned_away"
    owner: str
    reason: str


@dataclass(frozen=True, slots=True)
class DocumentDeleted(Event):
    kind: ClassVar[str] = "signing.document.deleted"
    document_id: str
    owner: str
    reason: str  # owner | expired


@dataclass(frozen=True, slots=True)
class HandwritingChanged(Event):
    kind: ClassVar[str] = "signing.handwriting.changed"
    owner: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ApprovalAsked(Event):
    kind: ClassVar[str] = "signing.approval.asked"
    request_id: str
    document_id: str
    owner: str
    credential: str
    document_digest: str


@dataclass(frozen=True, slots=True)
class ApprovalRefused(Event):
    kind: ClassVar[str] = "signing.approval.refused"
    request_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class SignatureMade(Event):
    kind: ClassVar[str] = "signing.signature.made"
    evidence_id: str
    document_id: str
    owner: str
    credential: str
    certificate_sha256: str
    digest_in: str
    digest_out: str
    acr: str
    stamp_time: int


@dataclass(frozen=True, slots=True)
class SignatureTurnedDown(Event):
    kind: ClassVar[str] = "signing.signature.turned_down"
    document_digest: str
    credential: str
    reason: str


@dataclass(frozen=True, slots=True)
class DocumentSealed(Event):
    """By the seal of an agency, for an application, under a grant."""

    kind: ClassVar[str] = "signing.document.sealed"
    grant_id: str
    credential: str
    client_id: str
    digest_in: str
    digest_out: str


@dataclass(frozen=True, slots=True)
class RequestReceived(Event):
    kind: ClassVar[str] = "signing.request.received"
    request_id: str
    client_id: str
    document_id: str
    document_digest: str


@dataclass(frozen=True, slots=True)
class RequestMoved(Event):
    kind: ClassVar[str] = "signing.request.moved"
    request_id: str
    state: str  # accepted | declined | cancelled


@dataclass(frozen=True, slots=True)
class JobAdded(Event):
    kind: ClassVar[str] = "signing.job.added"
    job_id: str
    client_id: str
    operation: str  # verify | extend | seal
    input_sha256: str


@dataclass(frozen=True, slots=True)
class ArchivedFileRenewed(Event):
    kind: ClassVar[str] = "signing.archived_file.renewed"
    digest_in: str
    digest_out: str
    reason: str  # not-kept | not-counted | certificate-ends | digest-ends
