"""Rows of `crls`: the current revocation list of each authority."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from keys.handles import KeyHandle
from keys.models import crls


@dataclass(frozen=True, slots=True)
class StoredCrl:
    """der: the list; times: epoch seconds."""

    issuer: KeyHandle
    number: int
    der: bytes
    this_update: int
    next_update: int


def find(connection: Connection, issuer: KeyHandle) -> StoredCrl | None:
    """The current list."""
    row = connection.execute(
        select(crls.c.number, crls.c.der, crls.c.this_update, crls.c.next_update).where(crls.c.issuer == issuer)
    ).first()
    return None if row is None else StoredCrl(issuer, row.number, row.der, row.this_update, row.next_update)


def take_number(connection: Connection, issuer: KeyHandle) -> int:
    """
    The number of the next list. The row stays locked to the end of the transaction, so that numbers and contents rise
    together; the first list of an authority is number 1.

    Raises: IntegrityError: two processes made the first list at once.
    """
    raised = update(crls).where(crls.c.issuer == issuer).values(number=crls.c.number + 1, alarmed_at=None)
    taken = raised.returning(crls.c.number)
    row = connection.execute(taken).first()
    if row is not None:
        return int(row[0])
    connection.execute(insert(crls), {"issuer": issuer, "number": 1, "der": b"", "this_update": 0, "next_update": 0})
    return 1


def alarm(connection: Connection, crl: StoredCrl, *, now: int) -> bool:
    """Whether this call is the first to notice that the list after this one is late."""
    mine = update(crls).where(crls.c.issuer == crl.issuer, crls.c.number == crl.number, crls.c.alarmed_at.is_(None))
    return connection.execute(mine.values(alarmed_at=now).returning(crls.c.issuer)).first() is not None


def lock(connection: Connection, issuer: KeyHandle) -> None:
    """Let others who make the next list wait until the transaction ends."""
    connection.execute(update(crls).where(crls.c.issuer == issuer).values(number=crls.c.number))


def keep(connection: Connection, crl: StoredCrl) -> None:
    """Put the list in place of the one before."""
    connection.execute(
        update(crls)
        .where(crls.c.issuer == crl.issuer, crls.c.number == crl.number)
        .values(der=crl.der, this_update=crl.this_update, next_update=crl.next_update)
    )
