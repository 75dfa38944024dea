"""Rows of `certificates`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from keys.algorithms import KeyAlgorithm
from keys.der import split
from keys.handles import KeyHandle, RevocationReason
from keys.models import certificates, keys
from keys.store.keys import ALGORITHM_OF

STATUS_CHANNEL = "certificate-status"
"""The counter that moves when a certificate is revoked, suspended or resumed (base/versions.py)."""


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """
    A row; serial: hexadecimal; der: the certificate; owner: of the key, when it is a subscriber's.

    issuer: None for a certificate of an authority that is not ours; chain: then what stands above it, nearest first.
    algorithm: of the key; None until the row was read.
    """

    serial: str
    handle: KeyHandle
    issuer: KeyHandle | None
    profile: str
    der: bytes
    not_before: int
    not_after: int
    revoked_at: int | None
    revocation_reason: str | None
    owner: str | None
    chain: tuple[bytes, ...] = ()
    algorithm: KeyAlgorithm | None = None

    @property
    def status(self) -> str:
        """active | suspended | revoked; a certificate out of its time is still active."""
        if self.revoked_at is None:
            return "active"
        return "suspended" if self.revocation_reason == RevocationReason.HOLD else "revoked"


_COLUMNS = (
    certificates.c.serial,
    certificates.c.handle,
    certificates.c.issuer,
    certificates.c.profile,
    certificates.c.der,
    certificates.c.not_before,
    certificates.c.not_after,
    certificates.c.revoked_at,
    certificates.c.revocation_reason,
    certificates.c.chain,
    keys.c.owner,
    keys.c.algorithm,
)
_ALL = (
    select(*_COLUMNS)
    .join(keys, keys.c.handle == certificates.c.handle)
    .order_by(certificates.c.created_at, certificates.c.serial)
)


def add(connection: Connection, certificate: StoredCertificate, *, now: int) -> None:
    """A certificate just issued, not revoked."""
    connection.execute(
        insert(certificates),
        {
            "serial": certificate.serial,
            "handle": certificate.handle,
            "issuer": certificate.issuer,
            "profile": certificate.profile,
            "der": certificate.der,
            "not_before": certificate.not_before,
            "not_after": certificate.not_after,
            "created_at": now,
            "chain": b"".join(certificate.chain) or None,
        },
    )


def of_handle(connection: Connection, handle: KeyHandle) -> StoredCertificate | None:
    """The newest certificate of a key."""
    rows = connection.execute(_ALL.where(certificates.c.handle == handle)).all()
    return _read(rows[-1]) if rows else None


def all_of_handle(connection: Connection, handle: KeyHandle) -> list[StoredCertificate]:
    """Every certificate of a key, oldest first."""
    return [_read(row) for row in connection.execute(_ALL.where(certificates.c.handle == handle))]


def find(connection: Connection, serial: str) -> StoredCertificate | None:
    """A certificate by its serial number, hexadecimal."""
    row = connection.execute(_ALL.where(certificates.c.serial == serial)).first()
    return None if row is None else _read(row)


def of_owner(connection: Connection, owner: str) -> list[StoredCertificate]:
    """Every certificate of a person or an agency, oldest first."""
    wanted = _ALL.where(keys.c.owner == owner, certificates.c.profile.in_(("person", "legal-person")))
    return [_read(row) for row in connection.execute(wanted)]


def of_authorities(connection: Connection) -> list[StoredCertificate]:
    """The certificates of our own authorities that stand, oldest first."""
    wanted = _ALL.where(certificates.c.profile.in_(("root", "issuing")), certificates.c.revoked_at.is_(None))
    return [_read(row) for row in connection.execute(wanted)]


def of_subscribers(connection: Connection, *, until: int | None = None, now: int) -> list[StoredCertificate]:
    """
    The newest standing certificate of each key that still lives, first the one that ends first; until: only what ends
    before that moment.
    """
    later = certificates.alias("later")
    superseded = (
        select(later.c.serial)
        .where(later.c.handle == certificates.c.handle)
        .where(
            or_(
                later.c.not_after > certificates.c.not_after,
                and_(later.c.not_after == certificates.c.not_after, later.c.serial > certificates.c.serial),
            )
        )
        .where(later.c.revoked_at.is_(None))
        .exists()
    )
    wanted = _ALL.where(certificates.c.revoked_at.is_(None), certificates.c.not_after > now, ~superseded)
    if until is not None:
        wanted = wanted.where(certificates.c.not_after < until)
    ordered = wanted.order_by(None).order_by(certificates.c.not_after, certificates.c.serial)
    return [_read(row) for row in connection.execute(ordered)]


def warn(connection: Connection, serial: str, days: int) -> bool:
    """Returns whether this call is the one that announces the mark: each is announced once."""
    unsaid = or_(certificates.c.warned_days.is_(None), certificates.c.warned_days > days)
    mine = update(certificates).where(certificates.c.serial == serial, unsaid)
    changed = mine.values(warned_days=days).returning(certificates.c.serial)
    return connection.execute(changed).first() is not None


def revoke(connection: Connection, serial: str, reason: RevocationReason, *, now: int) -> bool:
    """
    Returns whether this call revoked it: a revocation is made once and never changed. One that was suspended counts as
    revoked since then.
    """
    standing = or_(certificates.c.revoked_at.is_(None), certificates.c.revocation_reason == RevocationReason.HOLD)
    mine = update(certificates).where(certificates.c.serial == serial, standing)
    since = func.coalesce(certificates.c.revoked_at, now)
    changed = mine.values(revoked_at=since, revocation_reason=reason).returning(certificates.c.serial)
    return connection.execute(changed).first() is not None


def revoke_under(connection: Connection, issuer: KeyHandle, reason: RevocationReason, *, now: int, spared: str) -> int:
    """
    Revoke what an authority has issued and what still stands or rests, but for one profile. Returns how many they are.
    """
    standing = or_(certificates.c.revoked_at.is_(None), certificates.c.revocation_reason == RevocationReason.HOLD)
    mine = (certificates.c.issuer == issuer, certificates.c.not_after > now, certificates.c.profile != spared)
    since = func.coalesce(certificates.c.revoked_at, now)
    changed = update(certificates).where(*mine, standing).values(revoked_at=since, revocation_reason=reason)
    return len(connection.execute(changed.returning(certificates.c.serial)).all())


def handles_under(connection: Connection, issuer: KeyHandle, profile: str) -> list[KeyHandle]:
    """The keys that have a certificate of that profile from that authority."""
    wanted = select(certificates.c.handle).where(certificates.c.issuer == issuer, certificates.c.profile == profile)
    return [KeyHandle(handle) for handle in connection.execute(wanted.distinct().order_by("handle")).scalars()]


def suspend(connection: Connection, serial: str, *, now: int) -> bool:
    """Returns whether this call suspended it."""
    mine = update(certificates).where(certificates.c.serial == serial, certificates.c.revoked_at.is_(None))
    changed = mine.values(revoked_at=now, revocation_reason=RevocationReason.HOLD).returning(certificates.c.serial)
    return connection.execute(changed).first() is not None


def resume(connection: Connection, serial: str) -> bool:
    """Returns whether this call ended the suspension."""
    held = certificates.c.revocation_reason == RevocationReason.HOLD
    mine = update(certificates).where(certificates.c.serial == serial, held)
    changed = mine.values(revoked_at=None, revocation_reason=None).returning(certificates.c.serial)
    return connection.execute(changed).first() is not None


def revoked_by(connection: Connection, issuer: KeyHandle) -> list[StoredCertificate]:
    """What an authority revoked or suspended, in order of serials; the revoked stay listed for good."""
    wanted = _ALL.where(certificates.c.issuer == issuer, certificates.c.revoked_at.is_not(None)).order_by(None)
    return [_read(row) for row in connection.execute(wanted.order_by(certificates.c.serial))]


def _read(row: Any) -> StoredCertificate:
    return StoredCertificate(
        serial=row.serial,
        handle=KeyHandle(row.handle),
        issuer=None if row.issuer is None else KeyHandle(row.issuer),
        profile=row.profile,
        der=row.der,
        not_before=row.not_before,
        not_after=row.not_after,
        revoked_at=row.revoked_at,
        revocation_reason=row.revocation_reason,
        owner=row.owner,
        chain=split(row.chain or b""),
        algorithm=ALGORITHM_OF[row.algorithm],
    )
