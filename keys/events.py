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
    """A key changed its state: next, active, retired, gone."""

    kind: ClassVar[str] = "keys.key.moved"
    handle: str
    to: str


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
class CertificateRevoked(Event):
    kind: ClassVar[str] = "keys.certificate.revoked"
    handle: str
    serial: str
    reason: str
    crl_number: int


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
