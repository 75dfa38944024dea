"""The end of a key on command: revoke it, whatever it is for, or destroy what is no longer used; limits of its use."""

from __future__ import annotations

from base.audit import append
from base.versions import raise_version
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import KeyLimited, KeyMoved
from keys.flows.approvals import carry_out
from keys.flows.revoke import revoke
from keys.flows.withdraw import WITHDRAWN, withdraw
from keys.handles import KeyHandle, RevocationReason
from keys.keyring import CHANNEL
from keys.lifecycle.operations import Operation
from keys.lifecycle.purposes import COUNTED_ONE_BY_ONE
from keys.lifecycle.rotation import removal_due
from keys.lifecycle.states import Purpose, State
from keys.store import keys as key_rows
from keys.store.keys import StoredKey
from keys.store.uses import set_limits

AUTHORITIES = frozenset({Purpose.ROOT, Purpose.ISSUING})


def end_key(custody: Custody, name: str, reason: RevocationReason) -> None:
    """Revoke a key with its certificates, by handle, or one certificate by serial number. Raises: KeyRefused."""
    with custody.base.db.read() as connection:
        key = key_rows.find(connection, KeyHandle(name))
    if key is not None and key.purpose in WITHDRAWN:
        withdraw(custody, key.handle, reason)
    else:
        revoke(custody, name, reason)


def destroy(custody: Custody, handle: KeyHandle, *, force: bool = False) -> None:
    """
    Erase a key that does nothing any more; its row stays.

    Raises: KeyRefused("unknown_key" | "wrong_state"): active, or gone already; KeyRefused("still_needed"): a retired
            token or encryption key whose work can still be in use, not forced; KeyRefused("not_destroyable").
    """
    key, now = _found(custody, handle), custody.base.clock.now()
    if key.purpose in AUTHORITIES:
        raise KeyRefused("not_destroyable", en="An authority is ended by `antin ca revoke`.", status=422)
    if key.state is State.RETIRED and key.purpose in WITHDRAWN and not force:
        published = custody.settings.retired_key_published_seconds
        if not removal_due(retired_at=key.retired_at or now, now=now, published_seconds=published):
            raise KeyRefused(
                "still_needed",
                vi="Những gì khóa này đã ký có thể vẫn còn hiệu lực.",
                en="What this key signed, or what was encrypted for it, may still be in use.",
                status=409,
            )
    with custody.base.db.begin() as connection:
        if not key_rows.move(connection, key, State.GONE, now=now):
            raise KeyRefused("wrong_state", debug=f"{handle} moved meanwhile", status=409)
        raise_version(connection, CHANNEL)
        append(connection, custody.base.clock, KeyMoved(handle, State.GONE))
    custody.forget(key)
    custody.ring.refresh()


def limiting(handle: KeyHandle, most: int | None, until: int | None) -> Operation:
    """The operation that limits a key."""
    return Operation("key.limit", {"handle": handle, "most_signatures": most, "usable_until": until})


def limit(
    custody: Custody, handle: KeyHandle, *, most: int | None = None, until: int | None = None, approval_id: str = ""
) -> None:
    """
    Set how often and until when (epoch seconds) a key may sign; None: no limit.

    For authorities it takes two persons.
    Raises: KeyRefused("unknown_key"): no such key, or not active; KeyRefused("not_limitable"): a key whose uses are
            only counted; KeyRefused("approval_needed" | "approval_refused").
    """
    key = _found(custody, handle)
    if key.purpose not in COUNTED_ONE_BY_ONE:
        raise KeyRefused(
            "not_limitable",
            vi="Khóa loại này chỉ được đếm theo phút, không đặt giới hạn được.",
            en="The uses of such a key are counted by the minute, so that it cannot be limited.",
            status=422,
        )
    with custody.base.db.begin() as connection:
        if not set_limits(connection, handle, most=most, until=until):
            raise KeyRefused("unknown_key", debug="not active", status=404)
        if key.purpose in AUTHORITIES:
            carry_out(custody, connection, limiting(handle, most, until), approval_id)
        append(connection, custody.base.clock, KeyLimited(handle, most, until))


def _found(custody: Custody, handle: KeyHandle) -> StoredKey:
    with custody.base.db.read() as connection:
        key = key_rows.find(connection, handle)
    if key is None:
        raise KeyRefused("unknown_key", status=404)
    return key
