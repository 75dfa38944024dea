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
from keys.flows.admit_keys import check_made
from keys.flows.certify import above, certify, issued_event
from keys.flows.issuers import issuer_for
from keys.flows.record_use import count_against_limits
from keys.flows.renew_crl import renew_crl
from keys.keyring import CHANNEL
from keys.lifecycle.purposes import Use
from keys.lifecycle.states import ENCRYPTION_ALGORITHMS, SLOW_ALGORITHMS, Purpose, State, slot_of
from keys.store import authorities, certificates, crls, custody_log
from keys.store import keys as key_rows
from keys.store.authorities import StoredAuthority
from keys.store.certificates import StoredCertificate
from keys.store.custody_log import MADE
from keys.store.keys import StoredKey

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
        named = {row.name for row in authorities.everything(connection)}
    for algorithm in custody.token_algorithms:
        for state in (State.ACTIVE, State.NEXT):
            may_wait = state is State.NEXT and algorithm in SLOW_ALGORITHMS
            if not may_wait and slot_of(Purpose.TOKEN, algorithm, state) not in filled:
                make_key(custody, Purpose.TOKEN, algorithm, state)
    for encryption in ENCRYPTION_ALGORITHMS:
        if slot_of(Purpose.ENCRYPTION, encryption, State.ACTIVE) not in filled:
            make_key(custody, Purpose.ENCRYPTION, encryption, State.ACTIVE)
    if custody.settings.authorities_at_first_start:
        for purpose in (Purpose.ROOT, Purpose.ISSUING):
            if purpose not in named:
                _make_certified_key(custody, purpose)
    complete_services(custody)


def complete_services(custody: Custody) -> None:
    """The time-stamping unit, once there is an authority for it, and the first revocation lists of authorities."""
    with custody.base.db.read() as connection:
        has_unit = bool(key_rows.active_of(connection, Purpose.TSU))
        present = authorities.standing(connection)
        without = [row.name for row in present if crls.find(connection, row.handle) is None]
    names = {row.name for row in present}
    if issuer_for(custody.settings, Profile.TSU) in names and not has_unit:
        _make_certified_key(custody, Purpose.TSU)
    for name in without:
        renew_crl(custody, name)


def make_key(custody: Custody, purpose: Purpose, algorithm: KeyAlgorithm, state: State) -> None:
    """Make a token or encryption key and publish it, unless another process has just done so."""
    new = custody.generate(algorithm, purpose)
    try:
        with custody.base.db.begin() as connection:
            enter(custody, connection, new, purpose, state)
    except IntegrityError:
        custody.forget(new)  # another process was faster; its key is the one


def _make_certified_key(custody: Custody, purpose: Purpose) -> None:
    new = custody.generate(Algorithm.ES256, purpose)
    row = certify_service_key(custody, purpose, new)
    made_at = custody.base.clock.now()
    try:
        with custody.base.db.begin() as connection:
            enter(custody, connection, new, purpose, State.ACTIVE, row)
            if purpose is not Purpose.TSU:
                upper = None if purpose is Purpose.ROOT else str(Purpose.ROOT)
                authorities.add(connection, StoredAuthority(str(purpose), new.handle, upper, False, None, made_at))
    except IntegrityError:
        custody.forget(new)  # another process was faster; its authority is the one


def certify_service_key(
    custody: Custody, purpose: Purpose, new: NewKey | StoredKey, *, issuer: str = ""
) -> StoredCertificate:
    """
    The certificate of a new root, issuing authority, time-stamping unit, OCSP responder, signer of our trust list
    or seal of our reports.

    issuer: the name of the authority that signs; empty means the one that the settings name for the profile.
    """
    settings = custody.settings
    profile, role, seconds = {
        Purpose.ROOT: (Profile.ROOT, "Root CA", ROOT_SECONDS),
        Purpose.ISSUING: (Profile.ISSUING, "Issuing CA", ISSUING_SECONDS),
        Purpose.TSU: (Profile.TSU, "TSU", settings.tsu_certificate_seconds),
        Purpose.TRUST_LIST: (Profile.TRUST_LIST, "Trust List", settings.tsu_certificate_seconds),
        Purpose.REPORT: (Profile.LEGAL_PERSON, "Report Seal", settings.tsu_certificate_seconds),
        Purpose.OCSP: (Profile.OCSP, "OCSP", settings.ocsp_certificate_seconds),
    }[purpose]
    name = authority_name(settings.pki_organisation, role, settings.pki_organisation_identifier)
    if profile is Profile.ROOT:
        return certify(custody, new, name, profile, seconds=seconds, above=None)
    with custody.base.db.read() as connection:
        signer = above(connection, issuer or issuer_for(settings, profile))
    return certify(custody, new, name, profile, seconds=seconds, above=signer)


def enter(
    custody: Custody,
    connection: Connection,
    new: NewKey,
    purpose: Purpose,
    state: State,
    certificate: StoredCertificate | None = None,
    *,
    owner: str | None = None,
    in_slot: bool = True,
) -> None:
    """
    Write a new key and its certificate, tell all processes, record both.

    in_slot: False for authorities beside the first ones. Raises: IntegrityError: the slot is taken;
    KeyRefused("weak_key"): an RSA key that shares a prime with a known one.

    The audit events come last: they hold the head of the chain until the transaction ends.
    """
    now = custody.base.clock.now()
    check_made(connection, new.public_key)
    key_rows.add(connection, new, purpose=purpose, state=state, now=now, owner=owner, in_slot=in_slot)
    if owner is not None:
        custody_log.add(connection, new.handle, MADE, at=now, holder=owner)
    if certificate is not None:
        certificates.add(connection, certificate, now=now)
        issuer = key_rows.find(connection, certificate.issuer) if certificate.issuer else None
        if issuer is not None:
            count_against_limits(custody, connection, issuer, Use.CERTIFICATE)
    if purpose not in (Purpose.PERSON, Purpose.OUTSIDE):
        raise_version(connection, CHANNEL)
    append(connection, custody.base.clock, _created(new, purpose, state))
    if certificate is not None:
        append(connection, custody.base.clock, issued_event(certificate))


def _created(new: NewKey, purpose: Purpose, state: State) -> KeyCreated:
    digest = hashlib.sha256(new.public_key).hexdigest()
    return KeyCreated(new.handle, purpose, new.algorithm, new.backend, state, digest)
