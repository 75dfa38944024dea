"""
Whether a certificate was revoked, from certificate revocation lists of its own issuer.

A list counts only if the issuer's key signed it, the certificate belongs to it (list_scope.py) and nothing critical in
it is unknown. The newest of those is asked. A delta list that is newer only adds: what it revokes is revoked, what it
takes off the list stays on it. Source: RFC 5280 §5, §5.2.4, §6.3; EN 319 102-1 §5.2.6.4.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from signing.validation.certificates import CertificateFacts, digest_under, load
from signing.validation.effort import Effort
from signing.validation.list_scope import covers

_KNOWN_CRITICAL = frozenset(
    (
        ExtensionOID.CRL_NUMBER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.DELTA_CRL_INDICATOR,
        ExtensionOID.ISSUING_DISTRIBUTION_POINT,
    )
)
_REMOVED = "removeFromCRL"


class Status(StrEnum):
    """What the newest usable list says."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RevocationFacts:
    """
    The revocation state of one certificate in a path.

    position: its place in the path, 0 for the leaf. at: when it was revoked (epoch seconds). reason: RFC 5280 word.
    this_update, next_update: of the list asked; None without one. list_sha256 identifies that list, source is its DER,
    signed_with the digest under its signature.
    """

    position: int
    status: Status
    at: int | None = None
    reason: str = ""
    this_update: int | None = None
    next_update: int | None = None
    list_sha256: str = ""
    source: bytes = field(default=b"", repr=False)
    signed_with: str = ""

    def is_fresh(self, moment: int) -> bool:
        """Whether the list is current at `moment`; the newest list must be used (Circular 15/2025)."""
        return self.status is not Status.UNKNOWN and (self.next_update is None or moment <= self.next_update)


def revocation_of(
    links: Sequence[CertificateFacts], lists: Iterable[bytes], effort: Effort | None = None
) -> tuple[RevocationFacts, ...]:
    """The state of each certificate below the anchor, in order of the path. effort: None counts nothing."""
    lists, effort = tuple(lists), effort or _unlimited()
    return tuple(
        _state(position, links[position], links[position + 1], lists, effort) for position in range(len(links) - 1)
    )


def history_of(
    links: Sequence[CertificateFacts], lists: Iterable[bytes], effort: Effort | None = None
) -> tuple[RevocationFacts, ...]:
    """What every usable list says of each certificate below the anchor, for judging the past."""
    lists, effort = tuple(dict.fromkeys(lists)), effort or _unlimited()
    said: list[RevocationFacts] = []
    for position in range(len(links) - 1):
        for der in lists:
            found = _asked(der, links[position + 1].der, effort)
            if found is None or not covers(found, links[position]):
                continue
            state = _said_by(position, links[position], der, (found,))
            if state.status is Status.REVOKED or not _is_delta(found):  # a delta that does not name it says nothing
                said.append(state)
    return tuple(said)


def is_list_of(der: bytes, issuers: Iterable[bytes]) -> bool:
    """Whether one of these certificates (DER) issued the list."""
    return any(_usable(der, issuer) is not None for issuer in issuers)


def _state(
    position: int, certificate: CertificateFacts, issuer: CertificateFacts, lists: tuple[bytes, ...], effort: Effort
) -> RevocationFacts:
    signed = [(der, found) for der in lists if (found := _asked(der, issuer.der, effort)) is not None]
    usable = [pair for pair in signed if covers(pair[1], certificate)]
    complete = [pair for pair in usable if not _is_delta(pair[1])]
    if not complete:
        return RevocationFacts(position, Status.UNKNOWN)
    der, newest = max(complete, key=lambda pair: pair[1].last_update_utc)
    deltas = [one for _, one in usable if _is_delta(one) and one.last_update_utc > newest.last_update_utc]
    return _said_by(position, certificate, der, (newest, *deltas))


def _said_by(
    position: int, certificate: CertificateFacts, der: bytes, lists: tuple[x509.CertificateRevocationList, ...]
) -> RevocationFacts:
    """What one list, with the deltas after it, says of one certificate. der: of the first."""
    asked = lists[0]
    entry = _entry_in(lists, int(certificate.serial, 16))
    next_update = asked.next_update_utc
    state = RevocationFacts(
        position,
        Status.GOOD,
        this_update=int(asked.last_update_utc.timestamp()),
        next_update=int(next_update.timestamp()) if next_update else None,
        list_sha256=hashlib.sha256(asked.tbs_certlist_bytes).hexdigest(),
        source=der,
        signed_with=digest_under(asked),
    )
    if entry is None:
        return state
    return replace(state, status=Status.REVOKED, at=_revoked_since(entry), reason=_reason(entry))


def _unlimited() -> Effort:
    return Effort(sys.maxsize)


def _asked(der: bytes, issuer: bytes, effort: Effort) -> x509.CertificateRevocationList | None:
    """As _usable, but once for a document; a list that is over its budget says nothing."""
    return effort.once(("list", der, issuer), lambda: _usable(der, issuer) if effort.take() else None)


@lru_cache(maxsize=256)
def _usable(der: bytes, issuer: bytes) -> x509.CertificateRevocationList | None:
    try:
        found = x509.load_der_x509_crl(der)
        authority = load(issuer)
        if found.issuer != authority.subject or not found.is_signature_valid(authority.public_key()):  # type: ignore[arg-type]  # any issuer key type; others raise and are refused below
            return None
        if not _may_sign_lists(authority):
            return None
        if any(extension.critical and extension.oid not in _KNOWN_CRITICAL for extension in found.extensions):
            return None
    except MemoryError:
        raise
    except Exception:  # a list that cannot be read in full says nothing
        return None
    return found


def _is_delta(found: x509.CertificateRevocationList) -> bool:
    return any(extension.oid == ExtensionOID.DELTA_CRL_INDICATOR for extension in found.extensions)


def _entry_in(lists: Iterable[x509.CertificateRevocationList], serial: int) -> x509.RevokedCertificate | None:
    """The first entry that revokes it; one that says it is no longer on the list revokes nothing."""
    for one in lists:
        entry = one.get_revoked_certificate_by_serial_number(serial)
        if entry is not None and _reason(entry) != _REMOVED:
            return entry
    return None


def _may_sign_lists(authority: x509.Certificate) -> bool:
    """RFC 5280 §6.3.3 (f): a key usage that is there must allow it."""
    try:
        return authority.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    except x509.ExtensionNotFound:
        return True


def _reason(entry: x509.RevokedCertificate) -> str:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except (x509.ExtensionNotFound, ValueError):
        return "unspecified"


def _revoked_since(entry: x509.RevokedCertificate) -> int:
    """The invalidity date if it is earlier: a compromised key counts from the day it was in other hands."""
    since = int(entry.revocation_date_utc.timestamp())
    try:
        invalid = entry.extensions.get_extension_for_class(x509.InvalidityDate).value.invalidity_date_utc
        return min(since, int(invalid.timestamp()))
    except (x509.ExtensionNotFound, ValueError):
        return since
