"""
Rotation: next becomes active, active retires and loses its private part, a new next is published. An encryption key is
replaced at once, and the old one decrypts a while longer.

Source: OpenID Connect Core §10.1.1; NIST SP 800-57 part 1 rev. 5 §5.3.
"""

from __future__ import annotations

from base.audit import append
from base.versions import raise_version
from keys.algorithms import Algorithm, KeyAlgorithm, key_algorithm
from keys.backends.base import NewKey
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import KeyMoved
from keys.flows.bootstrap import certify_service_key, enter, make_key
from keys.handles import KeyHandle
from keys.keyring import CHANNEL
from keys.lifecycle.rotation import check_overlap, removal_due, renewal_due, rotation_due
from keys.lifecycle.states import (
    ENCRYPTION_ALGORITHMS,
    ON_DEMAND_ALGORITHMS,
    Purpose,
    State,
    slot_of,
)
from keys.store import authorities, certificates
from keys.store import keys as key_rows
from keys.store.keys import StoredKey

MOST_REMOVED_AT_ONCE = 100


def rotate(
    custody: Custody, purpose: str, alg: str, *, force: bool = False, issuer: str = "", backend: str = ""
) -> KeyHandle:
    """
    Rotate token keys, encryption keys or the time-stamping unit. Returns the handle that is now active.

    The unit has one key, of the algorithm that is asked for now. issuer: name of the authority that certifies it;
    backend: where its key is made; empty means as the settings say.

    Raises: KeyRefused("not_rotatable" | "too_early" | "busy").
    """
    algorithm = key_algorithm(alg)
    if purpose == Purpose.TOKEN and isinstance(algorithm, Algorithm) and algorithm in token_algorithms(custody):
        handle = _rotate_token_key(custody, algorithm, force=force)
    elif purpose == Purpose.ENCRYPTION and algorithm in ENCRYPTION_ALGORITHMS:
        handle = _replace_encryption_key(custody, algorithm)
    elif purpose == Purpose.TSU and isinstance(algorithm, Algorithm):
        handle = _replace_tsu(custody, algorithm, issuer, backend)
    else:
        raise KeyRefused("not_rotatable", en="There is no key of that purpose and algorithm to rotate.", status=422)
    custody.ring.refresh()
    return handle


def _rotate_token_key(custody: Custody, algorithm: Algorithm, *, force: bool) -> KeyHandle:
    """
    1. Gather the two keys, and make the one to come: an RSA key takes longer than a transaction should last.
       Where there is no next one yet, it is made and published now, and can take over once it has been met.
    2. Judge whether the next one has been published long enough.
    3. Act; of two rotations at once one goes through.
    """
    publish_next(custody, algorithm)
    with custody.base.db.read() as connection:
        active = key_rows.in_slot(connection, Purpose.TOKEN, algorithm, State.ACTIVE)
        following = key_rows.in_slot(connection, Purpose.TOKEN, algorithm, State.NEXT)
    if active is None or following is None:
        raise _busy()
    now, settings = custody.base.clock.now(), custody.settings
    if not force:
        check_overlap(published_at=following.created_at, now=now, overlap_seconds=settings.token_key_overlap_seconds)
    new = custody.generate(algorithm, Purpose.TOKEN)
    with custody.base.db.begin() as connection:
        if not key_rows.move(connection, active, State.RETIRED, now=now):
            raise _busy()
        if not key_rows.move(connection, following, State.ACTIVE, now=now):
            raise _busy()
        enter(custody, connection, new, Purpose.TOKEN, State.NEXT)
        append(connection, custody.base.clock, KeyMoved(active.handle, State.RETIRED))
        append(connection, custody.base.clock, KeyMoved(following.handle, State.ACTIVE))
    custody.forget(active)
    return following.handle


def token_algorithms(custody: Custody) -> tuple[Algorithm, ...]:
    """Those that every installation has keys for, and those that a client has asked for."""
    with custody.base.db.read() as connection:
        filled = key_rows.filled_slots(connection)
    asked_for = [one for one in ON_DEMAND_ALGORITHMS if slot_of(Purpose.TOKEN, one, State.ACTIVE) in filled]
    return (*custody.token_algorithms, *(one for one in asked_for if custody.permitted([one])))


def publish_next(custody: Custody, algorithm: Algorithm) -> None:
    """Make the next token key of an algorithm where there is none."""
    with custody.base.db.read() as connection:
        found = key_rows.in_slot(connection, Purpose.TOKEN, algorithm, State.NEXT)
    if found is None:
        make_key(custody, Purpose.TOKEN, algorithm, State.NEXT)
        custody.ring.refresh()  # who asks here next is shown it, also when the rotation is refused for being too early


def _replace_encryption_key(custody: Custody, algorithm: KeyAlgorithm) -> KeyHandle:
    """Nobody has to have met a key that only we use the private part of: it serves from its publication on."""
    with custody.base.db.read() as connection:
        active = key_rows.in_slot(connection, Purpose.ENCRYPTION, algorithm, State.ACTIVE)
    new = custody.generate(algorithm, Purpose.ENCRYPTION)
    now = custody.base.clock.now()
    with custody.base.db.begin() as connection:
        if active is None or not key_rows.move(connection, active, State.RETIRED, now=now):
            raise _busy()
        enter(custody, connection, new, Purpose.ENCRYPTION, State.ACTIVE)
        append(connection, custody.base.clock, KeyMoved(active.handle, State.RETIRED))
    return new.handle


def _replace_tsu(custody: Custody, algorithm: Algorithm, issuer: str, backend: str) -> KeyHandle:
    """The unit's key is known by its certificate, which every token carries, so a new one needs no overlap."""
    with custody.base.db.read() as connection:
        present = key_rows.active_of(connection, Purpose.TSU)
    new = custody.generate(algorithm, Purpose.TSU, backend=backend)
    _install_tsu(custody, present, new, issuer)
    for one in present:
        custody.forget(one)
    return new.handle


def _install_tsu(custody: Custody, present: list[StoredKey], new: NewKey, issuer: str) -> None:
    certificate = certify_service_key(custody, Purpose.TSU, new, issuer=issuer)
    now = custody.base.clock.now()
    with custody.base.db.begin() as connection:
        if not all(key_rows.move(connection, one, State.RETIRED, now=now) for one in present):
            raise _busy()
        enter(custody, connection, new, Purpose.TSU, State.ACTIVE, certificate)
        for one in present:
            append(connection, custody.base.clock, KeyMoved(one.handle, State.RETIRED))


def rotate_due(custody: Custody) -> None:
    """
    Publish next keys that are missing, rotate what has served its time, take retired token keys out of the key set and
    erase retired encryption keys; the job calls this.
    """
    now = custody.base.clock.now()
    for algorithm in token_algorithms(custody):
        publish_next(custody, algorithm)
        if _is_due(custody, Purpose.TOKEN, algorithm, now):
            rotate(custody, Purpose.TOKEN, algorithm)
    for encryption in ENCRYPTION_ALGORITHMS:
        if _is_due(custody, Purpose.ENCRYPTION, encryption, now):
            rotate(custody, Purpose.ENCRYPTION, encryption)
    _renew_tsu(custody, now)
    _remove_retired(custody)
    custody.ring.refresh()


def _renew_tsu(custody: Custody, now: int) -> None:
    """With the algorithm and under the authority that it has."""
    with custody.base.db.read() as connection:
        unit = next(iter(reversed(key_rows.active_of(connection, Purpose.TSU))), None)
        row = certificates.of_handle(connection, unit.handle) if unit else None
        above = authorities.of_handle(connection, row.issuer) if row and row.issuer else None
    if unit and row and renewal_due(not_before=row.not_before, not_after=row.not_after, now=now):
        name = above.name if above else ""
        rotate(custody, Purpose.TSU, unit.algorithm, issuer=name, backend=unit.backend)


def _is_due(custody: Custody, purpose: Purpose, algorithm: KeyAlgorithm, now: int) -> bool:
    with custody.base.db.read() as connection:
        active = key_rows.in_slot(connection, purpose, algorithm, State.ACTIVE)
    return active is not None and rotation_due(
        activated_at=active.activated_at or active.created_at,
        now=now,
        rotation_seconds=custody.settings.token_key_rotation_seconds,
    )


def _remove_retired(custody: Custody) -> None:
    now, published = custody.base.clock.now(), custody.settings.retired_key_published_seconds
    with custody.base.db.read() as connection:
        retired = key_rows.retired_keys(connection, most=MOST_REMOVED_AT_ONCE)
    for key in retired:
        if key.retired_at is None or not removal_due(retired_at=key.retired_at, now=now, published_seconds=published):
            continue
        with custody.base.db.begin() as connection:
            if key_rows.move(connection, key, State.GONE, now=now):
                raise_version(connection, CHANNEL)
                append(connection, custody.base.clock, KeyMoved(key.handle, State.GONE))
        custody.forget(key)


def _busy() -> KeyRefused:
    return KeyRefused(
        "busy",
        vi="Khóa đang được thay đổi. Hãy thử lại.",
        en="The keys are being changed by somebody else. Try again.",
        status=409,
    )
