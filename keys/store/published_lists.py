"""Rows of `published_lists`: the trust list that we publish."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select, update

from keys.models import published_lists

PUBLISHED_CHANNEL = "published-list"
"""The counter that moves when there is a new list (base/versions.py)."""
OWN = "own"


@dataclass(frozen=True, slots=True)
class PublishedList:
    """fingerprint: of what it says (keys/trust/lists/own.py); signer: handle of the key. Times: epoch seconds."""

    sequence: int
    issued_at: int
    next_update: int
    fingerprint: str
    signer: str
    content: bytes = field(repr=False)


_TABLE = published_lists.c
_COLUMNS = (_TABLE.sequence, _TABLE.issued_at, _TABLE.next_update, _TABLE.fingerprint, _TABLE.signer, _TABLE.content)


def current(connection: Connection) -> PublishedList | None:
    """The list that stands."""
    row = connection.execute(select(*_COLUMNS).where(_TABLE.name == OWN, _TABLE.next_update > 0)).first()
    return None if row is None else PublishedList(*row)


def take_number(connection: Connection) -> int:
    """
    The number of the next list. The row stays locked to the end of the transaction, so that numbers and contents rise
    together; the first is 1.

    Raises: IntegrityError: two processes made the first list at once.
    """
    raised = update(published_lists).where(_TABLE.name == OWN).values(sequence=_TABLE.sequence + 1)
    row = connection.execute(raised.returning(_TABLE.sequence)).first()
    if row is not None:
        return int(row[0])
    empty = {
        "name": OWN,
        "sequence": 1,
        "issued_at": 0,
        "next_update": 0,
        "fingerprint": "",
        "signer": "",
        "content": b"",
    }
    connection.execute(insert(published_lists), empty)
    return 1


def keep(connection: Connection, made: PublishedList) -> None:
    """Put the list in place of the one before."""
    connection.execute(
        update(published_lists)
        .where(_TABLE.name == OWN, _TABLE.sequence == made.sequence)
        .values(
            issued_at=made.issued_at,
            next_update=made.next_update,
            fingerprint=made.fingerprint,
            signer=made.signer,
            content=made.content,
        )
    )
