"""A person's key in custody with its certificate: made, found, listed."""

from __future__ import annotations

from sqlalchemy import Connection

from keys.ca.order import Profile
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.flows.subscribers import Subscription, issue_inside
from keys.handles import Credential, KeyHandle, PersonSubject
from keys.store import certificates
from keys.store.certificates import StoredCertificate


def enrol_person(custody: Custody, subject: PersonSubject) -> Credential:
    """
    Generate a key and issue its certificate.

    Raises: KeyRefused("owner_refused"); LintFailed: the names cannot be certified.
    """
    row = issue_inside(custody, Subscription(Profile.PERSON, subject))
    with custody.base.db.read() as connection:
        return _credential(row, subject.owner, _chain(connection, row))


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
        algorithm=str(row.algorithm),
    )
