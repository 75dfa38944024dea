"""
Who sits at the command line: operators, each with a secret that is told once and kept as a hash.

They are known here and not in idp, because custody may run where no identity provider does. The secret has 256 random
bits, so nothing has to slow guessing down. ADR 0010.
"""

from __future__ import annotations

import hmac
import re

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from base.audit import append
from base.ids import hash_secret, new_id, new_secret
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import OperatorAdded, OperatorRemoved
from keys.store import approvals
from keys.store.approvals import StoredOperator

FREE_OPERATORS = 2
"""The first two are entered freely: nobody could approve them."""
_NAME = re.compile(r"[a-z][a-z0-9._-]{1,59}")
_PERMIT = object()


class Operator:
    """Somebody who has shown the secret of an operator; made by `identify` alone."""

    __slots__ = ("id",)

    def __init__(self, operator_id: str, *, permit: object = None) -> None:
        if permit is not _PERMIT:
            raise TypeError("an Operator comes from identify() only")
        self.id = operator_id


def identify(custody: Custody, name: str, secret: str) -> Operator:
    """Raises: KeyRefused("operator_unknown"): no such operator, removed, or another secret."""
    with custody.base.db.read() as connection:
        found = approvals.find_operator(connection, name)
    given = hash_secret(secret)
    known = found.secret_hash if found is not None and found.removed_at is None else ""
    if found is None or not hmac.compare_digest(known, given):
        raise KeyRefused("operator_unknown")
    return Operator(found.id, permit=_PERMIT)


def enter(custody: Custody, connection: Connection, name: str, approval_id: str) -> str:
    """
    Write a new operator; returns the secret, which is shown to nobody again. Called by flows/staff.py.

    Raises: KeyRefused("operator_refused"): the name is taken or has other signs than lower-case letters, digits, . _ -.
    """
    if not _NAME.fullmatch(name):
        raise KeyRefused(
            "operator_refused",
            vi="Tên người vận hành gồm chữ thường, chữ số và . _ -, bắt đầu bằng chữ.",
            en="An operator's name has lower-case letters, digits and . _ -, and begins with a letter.",
            status=422,
        )
    secret, operator_id = new_secret(), new_id("op")
    try:
        approvals.add_operator(connection, operator_id, name, hash_secret(secret), now=custody.base.clock.now())
    except IntegrityError as error:
        raise KeyRefused(
            "operator_refused",
            vi="Tên này đã có người dùng.",
            en="There is, or was, an operator of that name.",
            status=409,
        ) from error
    append(connection, custody.base.clock, OperatorAdded(operator_id, approval_id))
    return secret


def take_out(custody: Custody, connection: Connection, name: str, approval_id: str) -> None:
    """Raises: KeyRefused("operator_unknown")."""
    found = approvals.find_operator(connection, name)
    if found is None or not approvals.remove_operator(connection, found.id, now=custody.base.clock.now()):
        raise KeyRefused("operator_unknown", status=404)
    append(connection, custody.base.clock, OperatorRemoved(found.id, approval_id))


def listed(custody: Custody) -> list[StoredOperator]:
    """Every operator, oldest first."""
    with custody.base.db.read() as connection:
        return approvals.all_operators(connection)
