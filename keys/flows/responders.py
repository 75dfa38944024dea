"""
The OCSP responder's keys and their certificates: one from each authority that issues, short-lived, renewed before half
of their time is over. The key is of the algorithm of the authority: an answer is worth no more than the weaker one. A
responder's own status cannot be asked for, so a lost key must end soon by itself.

Source: RFC 6960 §4.2.2.2.1; ETSI EN 319 411-1 §6.3.10.
"""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from base.audit import append
from base.versions import raise_version
from keys.algorithms import Algorithm, to_sign_with
from keys.custody import Custody
from keys.events import KeyMoved
from keys.flows.bootstrap import certify_service_key, enter
from keys.flows.certify import issued_event
from keys.keyring import CHANNEL
from keys.lifecycle.rotation import renewal_due
from keys.lifecycle.states import Purpose, State
from keys.store import authorities, certificates
from keys.store import keys as key_rows
from keys.store.authorities import StoredAuthority
from keys.store.keys import StoredKey


def renew_responders(custody: Custody) -> None:
    """
    Make what is missing or past the middle of its time; the start and the job call this.

    For each algorithm that an authority has:

    1. Gather the key and its newest certificate from each of these authorities.
    2. Nothing is missing and nothing old: done.
    3. Only a certificate of a new authority is missing: one more for the same key.
    4. Otherwise a new key with a certificate from each authority, in place of the old one.
    """
    by_algorithm: dict[Algorithm, list[StoredAuthority]] = {}
    with custody.base.db.read() as connection:
        for one in authorities.standing(connection):
            key = key_rows.find(connection, one.handle)
            if key is not None and one.above is not None and not one.is_offline:
                by_algorithm.setdefault(to_sign_with(key.algorithm), []).append(one)
    for algorithm, issuing in by_algorithm.items():
        _renew(custody, algorithm, issuing)


def _renew(custody: Custody, algorithm: Algorithm, issuing: list[StoredAuthority]) -> None:
    with custody.base.db.read() as connection:
        key = key_rows.in_slot(connection, Purpose.OCSP, algorithm, State.ACTIVE)
        due = key is None or _is_old(custody, connection, key)
        missing = [one for one in issuing if key is None or not _certified(connection, key, one)]
    if due:
        _replace(custody, algorithm, key, issuing)
    elif key is not None and missing:
        _certify_more(custody, key, missing)


def _is_old(custody: Custody, connection: Connection, key: StoredKey) -> bool:
    row, now = certificates.of_handle(connection, key.handle), custody.base.clock.now()
    return row is None or renewal_due(not_before=row.not_before, not_after=row.not_after, now=now)


def _certified(connection: Connection, key: StoredKey, authority: StoredAuthority) -> bool:
    return any(row.issuer == authority.handle for row in certificates.all_of_handle(connection, key.handle))


def _replace(custody: Custody, algorithm: Algorithm, old: StoredKey | None, issuing: list[StoredAuthority]) -> None:
    new = custody.generate(algorithm, Purpose.OCSP)
    first, *others = [certify_service_key(custody, Purpose.OCSP, new, issuer=one.name) for one in issuing]
    now, clock = custody.base.clock.now(), custody.base.clock
    try:
        with custody.base.db.begin() as connection:
            if old is not None and not key_rows.move(connection, old, State.RETIRED, now=now):
                return  # another process was faster; its key is the one
            enter(custody, connection, new, Purpose.OCSP, State.ACTIVE, first)
            for row in others:
                certificates.add(connection, row, now=now)
                append(connection, clock, issued_event(row))
            if old is not None:
                append(connection, clock, KeyMoved(old.handle, State.RETIRED))
    except IntegrityError:
        return  # the same at the very first start
    if old is not None:
        custody.forget(old)


def _certify_more(custody: Custody, key: StoredKey, missing: list[StoredAuthority]) -> None:
    rows = [certify_service_key(custody, Purpose.OCSP, key, issuer=one.name) for one in missing]
    now, clock = custody.base.clock.now(), custody.base.clock
    with custody.base.db.begin() as connection:
        for row in rows:
            certificates.add(connection, row, now=now)
        raise_version(connection, CHANNEL)
        for row in rows:
            append(connection, clock, issued_event(row))
