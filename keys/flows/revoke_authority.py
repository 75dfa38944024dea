"""
The end of an issuing authority. It takes two persons, like its beginning.

Its root's list names it; with it fall the certificates it has issued, which its last list names for good, and its key.
What is left is the responder's certificate, so that "revoked" can still be said of each of them until it runs out. A
root has nobody above it that could list it: whoever trusts it must be told to stop (docs/runbooks/revocation.md).

Source: RFC 5280 §5.3.1; ETSI EN 319 411-1 §6.2.4, §6.3.9 (the last list), §6.5.1; Baseline Requirements §4.9.1.2.
"""

from __future__ import annotations

from sqlalchemy import Connection

from base.audit import append
from base.versions import raise_version
from keys.ca.order import Profile
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import AuthorityRevoked, KeyMoved
from keys.flows.bootstrap import complete_services
from keys.flows.certify import Above, above
from keys.flows.offline import Opening, open_offline
from keys.flows.renew_crl import write_crl
from keys.handles import KeyHandle, RevocationReason
from keys.keyring import CHANNEL
from keys.lifecycle.operations import Operation
from keys.lifecycle.states import State
from keys.store import authorities, certificates, crls
from keys.store import keys as key_rows
from keys.store.certificates import STATUS_CHANNEL
from keys.store.keys import StoredKey

REASONS = (
    RevocationReason.CA_COMPROMISE,
    RevocationReason.CESSATION,
    RevocationReason.SUPERSEDED,
    RevocationReason.AFFILIATION_CHANGED,
    RevocationReason.PRIVILEGE_WITHDRAWN,
)


def revoking(name: str, reason: RevocationReason) -> Operation:
    """What the second person approves."""
    return Operation("ca.revoke", {"authority": name, "reason": str(reason)})


def revoke_authority(custody: Custody, name: str, reason: RevocationReason, approval_id: str = "") -> int:
    """
    Revoke an issuing authority for good. Returns how many certificates fell with it.

    Raises: KeyRefused("unknown_authority" | "not_revocable" | "wrong_reason" | "already_revoked" | "approval_needed" |
            "approval_refused").

    1. Gather the authority and the root above it, and judge.
    2. One transaction: the approval is used up, the certificate marked (of two calls one does), then those under it,
       its last list, the end of its key and of a time-stamping unit under it, the list of the root, the event.
    3. What follows: private parts are destroyed, and another unit is made where another authority stands for it.
    """
    if reason not in REASONS:
        raise KeyRefused("wrong_reason", en="An authority is not revoked for that reason.", status=422)
    with custody.base.db.read() as connection:
        ending, root = _gather(connection, name)
    with custody.base.db.begin() as connection:
        opening = open_offline(custody, connection, revoking(name, reason), approval_id)
        ended, fallen = _end(custody, connection, ending, root, reason, opening)
    for key in ended:
        custody.forget(key)
    complete_services(custody)
    custody.ring.refresh()
    return fallen


def _gather(connection: Connection, name: str) -> tuple[Above, Above]:
    row = authorities.find(connection, name)
    if row is None:
        raise KeyRefused("unknown_authority", en="There is no authority of that name.", status=404)
    if row.above is None:
        raise KeyRefused(
            "not_revocable",
            vi="Không thể thu hồi cơ quan gốc: không có ai ở trên nó. Hãy báo cho mọi bên tin cậy gỡ bỏ nó.",
            en="A root cannot be revoked, since nobody stands above it. Have everybody remove it who trusts it.",
            status=422,
        )
    return above(connection, name), above(connection, row.above)


def _end(
    custody: Custody,
    connection: Connection,
    ending: Above,
    root: Above,
    reason: RevocationReason,
    opening: Opening,
) -> tuple[list[StoredKey], int]:
    """
    Step 2. Returns the keys whose private parts are left to the caller, and how many certificates fell.

    Every row that lists and keys share with others is locked before the first event, which holds the audit chain.
    """
    now, clock = custody.base.clock.now(), custody.base.clock
    assert isinstance(ending.key, StoredKey)  # above() reads rows
    assert isinstance(root.key, StoredKey)
    serial = format(ending.certificate.serial_number, "x")
    if ending.key.state is not State.ACTIVE or not certificates.revoke(connection, serial, reason, now=now):
        raise KeyRefused("already_revoked", en="The authority was revoked before.", status=409)
    units = certificates.handles_under(connection, ending.key.handle, Profile.TSU)
    fallen = certificates.revoke_under(
        connection, ending.key.handle, _of_subscribers(reason), now=now, spared=Profile.OCSP
    )
    raise_version(connection, STATUS_CHANNEL)
    raise_version(connection, CHANNEL)
    for one in sorted((ending.key.handle, root.key.handle)):
        key_rows.lock(connection, one)
        crls.lock(connection, one)
    ended = [key for key in _units(connection, units) if key_rows.move(connection, key, State.REVOKED, now=now)]
    last = int(ending.certificate.not_valid_after_utc.timestamp())
    write_crl(custody, connection, ending.key, ending.certificate, opening, until=last)
    if key_rows.move(connection, ending.key, State.REVOKED, now=now):
        ended.append(ending.key)
    number = write_crl(custody, connection, root.key, root.certificate, opening).number
    append(connection, clock, AuthorityRevoked(ending.key.handle, serial, reason, fallen, number))
    for key in ended:
        append(connection, clock, KeyMoved(key.handle, State.REVOKED))
    return ended, fallen


def _units(connection: Connection, handles: list[KeyHandle]) -> list[StoredKey]:
    found = (key_rows.find(connection, handle) for handle in handles)
    return [key for key in found if key is not None and key.state is State.ACTIVE]


def _of_subscribers(reason: RevocationReason) -> RevocationReason:
    """What their own entries say: they have done nothing wrong."""
    if reason is RevocationReason.CA_COMPROMISE:
        return RevocationReason.CA_COMPROMISE
    return RevocationReason.CESSATION
