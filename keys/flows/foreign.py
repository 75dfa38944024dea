"""
Certificates of an authority that is not ours, for keys that are: an official's may come from the government's.

The key is made here and never leaves; a request goes out, the certificate comes in with what stands above it.

Source: RFC 2986; RFC 5280 §6; Decree 68/2024/ND-CP (the Government Cipher Committee certifies officials).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from base.audit import append
from base.clock import as_utc
from keys.ca.foreign_chain import chain_to_anchor, usable_profile
from keys.ca.requests import write_request
from keys.certificates import certificate_of
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import CertificateImported, CertificateRequested
from keys.flows.admit_keys import admit_and_remember
from keys.flows.bootstrap import enter
from keys.flows.subscribers import Subscription, check_owner, subject_name
from keys.handles import KeyHandle
from keys.lifecycle.states import Purpose, State
from keys.signers import DocumentSigner
from keys.store import certificates
from keys.store import keys as key_rows
from keys.store.certificates import StoredCertificate
from keys.store.keys import StoredKey


def request_foreign(custody: Custody, order: Subscription) -> tuple[KeyHandle, bytes]:
    """
    Make a key in custody and a PKCS #10 request (DER) for it. The key waits: it signs nothing before its certificate is
    here. Raises: KeyRefused("owner_refused" | "subject_refused"); LintFailed: nothing is left of a name.
    """
    check_owner(order.subject.owner)
    name, new = subject_name(custody, order), custody.generate(order.algorithm, Purpose.PERSON)
    signer = custody.open_new(DocumentSigner, new, Purpose.PERSON)
    request = write_request(name, new.public_key, order.algorithm, signer.sign)
    with custody.base.db.begin() as connection:
        enter(custody, connection, new, Purpose.PERSON, State.NEXT, owner=order.subject.owner)
        digest = hashlib.sha256(request).hexdigest()
        append(connection, custody.base.clock, CertificateRequested(new.handle, str(order.profile), digest))
    return new.handle, request


def import_foreign(
    custody: Custody,
    handle: KeyHandle,
    certificate: bytes,
    chain: Sequence[bytes],
    anchors: Sequence[bytes],
) -> StoredCertificate:
    """
    Take in the certificate of a foreign authority for a key of ours (all DER). The key signs from then on.

    Raises: KeyRefused("unknown_key" | "import_refused"): of another key, no path to one of the anchors, out of its
            time, not meant for signatures on documents, or taken in before; KeyRefused("weak_key"): an RSA key above
            it shares a prime with another one.

    1. Gather: the key; a private part that is here.
    2. Judge: the certificate is that of the key, and leads to an anchor now (ca/foreign_chain.py).
    3. Act: certificate, state of the key and audit event in one transaction.
    """
    with custody.base.db.read() as connection:
        key = key_rows.find(connection, handle)
    if key is None or key.purpose is not Purpose.PERSON or key.stored is None:
        raise KeyRefused("unknown_key", status=404)
    now = custody.base.clock.now()
    leaf = _load(certificate)
    if leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != key.public_key:
        raise _refused("the certificate is that of another key")
    path = chain_to_anchor(leaf, [_load(one) for one in chain], [_load(one) for one in anchors], at=as_utc(now))
    row = _row(handle, key, leaf, path)
    above = (one.public_key() for one in path)
    admit_and_remember(custody, [one.public_numbers().n for one in above if isinstance(one, rsa.RSAPublicKey)])
    try:
        with custody.base.db.begin() as connection:
            _write(custody, connection, key, row, path[-1], now)
    except IntegrityError as error:
        raise _refused("taken in before") from error
    return row


def _write(
    custody: Custody,
    connection: Connection,
    key: StoredKey,
    row: StoredCertificate,
    anchor: x509.Certificate,
    now: int,
) -> None:
    if key.state is State.NEXT and not key_rows.move(connection, key, State.ACTIVE, now=now):
        raise _refused("the key ended meanwhile")
    certificates.add(connection, row, now=now)
    event = CertificateImported(
        key.handle,
        row.profile,
        hashlib.sha256(row.der).hexdigest(),
        hashlib.sha256(anchor.public_bytes(Encoding.DER)).hexdigest(),
        row.not_after,
    )
    append(connection, custody.base.clock, event)


def _row(
    handle: KeyHandle, key: StoredKey, leaf: x509.Certificate, path: Sequence[x509.Certificate]
) -> StoredCertificate:
    der = leaf.public_bytes(Encoding.DER)
    return StoredCertificate(
        serial=f"x{hashlib.sha256(der).hexdigest()[:39]}",
        handle=handle,
        issuer=None,
        profile=usable_profile(leaf),
        der=der,
        not_before=int(leaf.not_valid_before_utc.timestamp()),
        not_after=int(leaf.not_valid_after_utc.timestamp()),
        revoked_at=None,
        revocation_reason=None,
        owner=key.owner,
        chain=tuple(one.public_bytes(Encoding.DER) for one in path[:-1]),
    )


def _load(der: bytes) -> x509.Certificate:
    try:
        return certificate_of(der)
    except ValueError as error:
        raise _refused("unreadable") from error


def _refused(debug: str) -> KeyRefused:
    return KeyRefused("import_refused", debug=debug, status=422)
