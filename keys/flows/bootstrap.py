"""
What must exist before anything works: token and encryption keys, root and issuing authority, time-stamping unit,
revocation lists.

Made at the first start. Two processes may start together: each key has a unique slot, so one insert wins and the other
process goes on with what it finds.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from base.audit import append
from base.versions import raise_version
from keys.algorithms import Algorithm, KeyAlgorithm
from keys.backends.base import NewKey
from keys.ca.names import authority_name
from keys.ca.order import Profile
from keys.custody import Custody
from keys.events import KeyCreated
from keys.flows.certify import authority, certify, issued_event
from keys.flows.record_use import count_against_limits
from keys.flows.renew_crl import renew_crl
from keys.keyring import CHANNEL
from keys.lifecycle.purposes import Use
from keys.lifecycle.states import ENCRYPTION_ALGORITHMS, SLOW_ALGORITHMS, TOKEN_ALGORITHMS, Purpose, State, slot_of
from keys.store import certificates, crls
from keys.store import keys as key_rows
from keys.store.certificates import StoredCertificate

YEAR = 365 * 86_400
ROOT_SECONDS, ISSUING_SECONDS = 20 * YEAR, 10 * YEAR


def bootstrap(custody: Custody) -> None:
    """
    Make what is missing.

    1. Token keys: one active and one next for each algorithm. The next RSA keys are left to the job that rotates, which
       begins its work a moment later: they are needed in three months, and a person waits for the first start.
    2. Encryption keys: one active for each algorithm.
    3. The authorities, top down, since each is certified by the one above.
    4. The time-stamping unit.
    5. The first revocation lists.
    """
    with custody.base.db.read() as connection:
        filled = key_rows.filled_slots(connection)
    for algorithm in TOKEN_ALGORITHMS:
        for state in (State.ACTIVE, State.NEXT):
            may_wait = state is State.NEXT and algorithm in SLOW_ALGORITHMS
            if not may_wait and slot_of(Purpose.TOKEN, algorithm, state) not in filled:
                make_key(custody, Purpose.TOKEN, algorithm, state)
    for encryption in ENCRYPTION_ALGORITHMS:
        if slot_of(Purpose.ENCRYPTION, encryption, State.ACTIVE) not in filled:
            make_key(custody, Purpose.ENCRYPTION, encryption, State.ACTIVE)
    for purpose in (Purpose.ROOT, Purpose.ISSUING, Purpose.TSU):
        if slot_of(purpose, Algorithm.ES256, State.ACTIVE) not in filled:
            _make_certified_key(custody, purpose)
    for role in ("root", "issuing"):
        with custody.base.db.read() as connection:
            handle = authority(connection, role)[0].handle
            missing = crls.find(connection, handle) is None
        if missing:
            renew_crl(custody, role)


def make_key(custody: Custody, purpose: Purpose, algorithm: KeyAlgorithm, state: State) -> None:
    """Make a token or encryption key and publish it, unless another process has just done so."""
    new = custody.generate(algorithm)
    try:
        with custody.base.db.begin() as connection:
            enter(custody, connection, new, purpose, state)
    except IntegrityError:
        pass  # another process was faster; its key is the one


def _make_certified_key(custody: Custody, purpose: Purpose) -> None:
    new = custody.generate(Algorithm.ES256)
    row = certify_service_key(custody, purpose, new)
    try:
        with custody.base.db.begin() as connection:
            enter(custody, connection, new, purpose, State.ACTIVE, row)
    except IntegrityError:
        pass  # another process was faster; its authority is the one


def certify_service_key(custody: Custody, purpose: Purpose, new: NewKey) -> StoredCertificate:
    """The certificate of a new root, issuing authority or time-stamping unit."""
    organisation = custody.settings.pki_organisation
    if purpose is Purpose.ROOT:
        name = authority_name(organisation, "Root CA")
        return certify(custody, new, name, Profile.ROOT, seconds=ROOT_SECONDS, above=None)
    role = "root" if purpose is Purpose.ISSUING else "issuing"
    with custody.base.db.read() as connection:
        above = authority(connection, role)
    if purpose is Purpose.ISSUING:
        name = authority_name(organisation, "Issuing CA")
        return certify(custody, new, name, Profile.ISSUING, seconds=ISSUING_SECONDS, above=above)
    name = authority_name(organisation, "TSU")
    seconds = custody.settings.tsu_certificate_seconds
    return certify(custody, new, name, Profile.TSU, seconds=seconds, above=above)


def enter(
    custody: Custody,
    connection: Connection,
    new: NewKey,
    purpose: Purpose,
    state: State,
    certificate: StoredCertificate | None = None,
    *,
    owner: str | None = None,
) -> None:
    """
    Write a new key and its certificate, tell all processes, record both. Raises: IntegrityError: the slot is taken.

    The audit events come last: they hold the head of the chain until the transaction ends.
    """
    now = custody.base.clock.now()
    key_rows.add(connection, new, purpose=purpose, state=state, now=now, owner=owner)
    if certificate is not None:
        certificates.add(connection, certificate, now=now)
        issuer = key_rows.find(connection, certificate.issuer)
        if issuer is not None:
            count_against_limits(custody, connection, issuer, Use.CERTIFICATE)
    if purpose is not Purpose.PERSON:
        raise_version(connection, CHANNEL)
    append(connection, custody.base.clock, _created(new, purpose, state))
    if certificate is not None:
        append(connection, custody.base.clock, issued_event(certificate))


def _created(new: NewKey, purpose: Purpose, state: State) -> KeyCreated:
    digest = hashlib.sha256(new.public_key).hexdigest()
    return KeyCreated(new.handle, purpose, new.algorithm, new.backend, state, digest)
