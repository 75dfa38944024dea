"""
Suspension: the certificate rests, its key signs nothing, the list and the responder say certificateHold; and its end.

A resumed certificate leaves the list; removeFromCRL is a word of delta lists, which we do not publish. When and how
long it rested stands in the audit log.

Source: RFC 5280 §5.3.1; ETSI EN 319 411-1 §6.2.4; Decree 23/2025/ND-CP (suspending a certificate).
"""

from __future__ import annotations

from base.audit import append
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import CertificateResumed, CertificateSuspended
from keys.flows.renew_crl import write_crl_of
from keys.flows.revoke import gather, tell
from keys.store import certificates


def suspend(custody: Custody, name: str) -> None:
    """
    Let a certificate rest, named by serial number or by the handle of its key.

    Raises: KeyRefused("unknown_key" | "not_revocable" | "wrong_status"): it rests already, or was revoked.
    """
    with custody.base.db.read() as connection:
        key, row = gather(connection, name)
    with custody.base.db.begin() as connection:
        if not certificates.suspend(connection, row.serial, now=custody.base.clock.now()):
            raise _wrong_status()
        tell(connection, key)
        number = write_crl_of(custody, connection, [row]).get(row.issuer or "", 0)
        append(connection, custody.base.clock, CertificateSuspended(row.handle, row.serial, number))
    custody.ring.refresh()


def resume(custody: Custody, name: str) -> None:
    """
    Let a suspended certificate count again.

    Raises: KeyRefused("unknown_key" | "not_revocable" | "wrong_status"): it is not suspended; revoked is for good.
    """
    with custody.base.db.read() as connection:
        key, row = gather(connection, name)
    with custody.base.db.begin() as connection:
        if not certificates.resume(connection, row.serial):
            raise _wrong_status()
        tell(connection, key)
        number = write_crl_of(custody, connection, [row]).get(row.issuer or "", 0)
        append(connection, custody.base.clock, CertificateResumed(row.handle, row.serial, number))
    custody.ring.refresh()


def _wrong_status() -> KeyRefused:
    return KeyRefused(
        "wrong_status",
        vi="Trạng thái của chứng thư số không cho phép việc này.",
        en="The status of the certificate does not allow that.",
        status=409,
    )
