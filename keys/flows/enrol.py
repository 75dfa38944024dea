"""A person's key in custody with its certificate: made, found, listed."""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection

from keys.algorithms import Algorithm
from keys.ca.names import person_name
from keys.ca.order import Profile
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.flows.bootstrap import enter
from keys.flows.certify import above, certify
from keys.flows.issuers import issuer_for
from keys.handles import Credential, KeyHandle, PersonSubject
from keys.lifecycle.states import Purpose, State
from keys.store import certificates
from keys.store.certificates import StoredCertificate

LONGEST_OWNER = 120


def enrol_person(custody: Custody, subject: PersonSubject) -> Credential:
    """
    Generate a key and issue its certificate.

    Raises: KeyRefused("owner_refused"); LintFailed: the names cannot be certified.

    1. The authority.
    2. Key, draft, lints, signature.
    3. Key, certificate and audit events in one transaction.
    """
    if not subject.owner or len(subject.owner) > LONGEST_OWNER or not subject.owner.isascii():
        raise KeyRefused("owner_refused", en="The owner of a key is named by a short identifier.", status=422)
    with custody.base.db.read() as connection:
        signer = above(connection, issuer_for(custody.settings, Profile.PERSON))
    new = custody.generate(Algorithm.ES256)
    name = person_name(subject, custody.master.mac("keys.subject", subject.owner))
    seconds = custody.settings.person_certificate_seconds
    row = certify(custody, new, name, Profile.PERSON, seconds=seconds, above=signer)
    with custody.base.db.begin() as connection:
        enter(custody, connection, new, Purpose.PERSON, State.ACTIVE, row, owner=subject.owner)
    chain = (signer.certificate.public_bytes(Encoding.DER),)
    return _credential(row, subject.owner, chain)


def credentials_of(custody: Custody, owner: str) -> list[Credential]:
    """Every credential of an owner, oldest first."""
    with custody.base.db.read() as connection:
        rows = certificates.of_owner(connection, owner)
        return [_credential(row, owner, _chain(connection, row)) for row in rows]


def credential(custody: Custody, handle: KeyHandle) -> Credential:
    """Raises: KeyRefused("unknown_key"): no such key, or not a person's."""
    with custody.base.db.read() as connection:
        row = certificates.of_handle(connection, handle)
        if row is None or row.owner is None:
            raise KeyRefused("unknown_key", status=404)
        return _credential(row, row.owner, _chain(connection, row))


def _chain(connection: Connection, row: StoredCertificate) -> tuple[bytes, ...]:
    """Of a certificate of ours its issuing authority; of a foreign one what it came with."""
    if row.issuer is None:
        return row.chain
    issuer = certificates.of_handle(connection, row.issuer)
    return (issuer.der,) if issuer else ()


def _credential(row: StoredCertificate, owner: str, chain: tuple[bytes, ...]) -> Credential:
    return Credential(
        handle=row.handle,
        owner=owner,
        certificate=row.der,
        chain=chain,
        not_before=row.not_before,
        not_after=row.not_after,
        status=row.status,
    )
