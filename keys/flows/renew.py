"""
Renewal (the same key, a new certificate) and re-key (a new key, then a new certificate).

The subject is read from the certificate that ends, so nothing has to be asked again; what changed since then takes a
new order. The old certificate goes on until it ends or is revoked: documents under way are not stopped.

Source: ETSI EN 319 411-1 §6.3.6 (renewal), §6.3.7 (re-key).
"""

from __future__ import annotations

from cryptography import x509

from base.audit import append
from keys.algorithms import to_sign_with
from keys.ca.order import Profile
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.flows.bootstrap import enter
from keys.flows.certify import Above, above, certify, issued_event
from keys.flows.issuers import issuer_for
from keys.flows.record_use import count_against_limits
from keys.flows.subscribers import life_of
from keys.handles import KeyHandle
from keys.lifecycle.purposes import Use
from keys.lifecycle.states import Purpose, State
from keys.store import authorities, certificates
from keys.store import keys as key_rows
from keys.store.certificates import StoredCertificate
from keys.store.keys import StoredKey

RENEWABLE = (Profile.PERSON, Profile.LEGAL_PERSON, Profile.TLS_CLIENT)


def renew(custody: Custody, handle: KeyHandle) -> StoredCertificate:
    """
    A new certificate for the same key. Raises: KeyRefused("unknown_key" | "not_renewable"); LintFailed.

    A key whose certificate was revoked is not certified again.
    """
    key, old, signer = _gather(custody, handle)
    if key.state is not State.ACTIVE:
        raise _not_renewable("the key is no longer active")
    profile = Profile(old.profile)
    row = certify(custody, key, _subject(old), profile, seconds=life_of(custody, profile), above=signer)
    now = custody.base.clock.now()
    with custody.base.db.begin() as connection:
        standing = key_rows.find(connection, handle)
        newest = certificates.of_handle(connection, handle)
        if standing is None or standing.state is not State.ACTIVE or newest is None or newest.revoked_at is not None:
            raise _not_renewable("it ended meanwhile")
        issuer = key_rows.find(connection, signer.key.handle)
        if issuer is not None:
            count_against_limits(custody, connection, issuer, Use.CERTIFICATE)
        certificates.add(connection, row, now=now)
        append(connection, custody.base.clock, issued_event(row))
    return row


def rekey(custody: Custody, handle: KeyHandle) -> StoredCertificate:
    """
    A new key in custody with a certificate for the same subject and owner. The handle is a new one.

    Raises: KeyRefused("unknown_key" | "not_renewable"): also for a key that is not here, whose owner sends a request
            for the new one; LintFailed.
    """
    key, old, signer = _gather(custody, handle)
    if key.purpose is not Purpose.PERSON:
        raise _not_renewable("the owner makes the new key and sends a request")
    profile, new = Profile(old.profile), custody.generate(to_sign_with(key.algorithm), backend=key.backend)
    row = certify(custody, new, _subject(old), profile, seconds=life_of(custody, profile), above=signer)
    with custody.base.db.begin() as connection:
        enter(custody, connection, new, Purpose.PERSON, State.ACTIVE, row, owner=key.owner)
    return row


def _gather(custody: Custody, handle: KeyHandle) -> tuple[StoredKey, StoredCertificate, Above]:
    """Key, newest certificate, and the authority that issued it, or the one that now issues its profile."""
    with custody.base.db.read() as connection:
        key, old = key_rows.find(connection, handle), certificates.of_handle(connection, handle)
        if key is None or old is None or key.owner is None:
            raise KeyRefused("unknown_key", status=404)
        if old.issuer is None or old.profile not in RENEWABLE or old.revoked_at is not None:
            raise _not_renewable("of a foreign authority, of a service, or revoked")
        issued_by = authorities.of_handle(connection, old.issuer)
        name = issued_by.name if issued_by else issuer_for(custody.settings, Profile(old.profile))
        return key, old, above(connection, name)


def _subject(old: StoredCertificate) -> x509.Name:
    return x509.load_der_x509_certificate(old.der).subject


def _not_renewable(debug: str) -> KeyRefused:
    return KeyRefused(
        "not_renewable",
        vi="Chứng thư số này không gia hạn được.",
        en="This certificate cannot be renewed.",
        debug=debug,
        status=409,
    )
