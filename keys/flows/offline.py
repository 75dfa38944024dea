"""
Authorities that are offline: their key stays where it is, and is opened only inside an operation that people approved.

"Offline" is what can be had without carrying keys about: no job, no request and no other command reaches the key, each
opening is one approved operation, and each signature is counted and recorded. ADR 0015.

Source: ETSI EN 319 411-1 §6.5.1 (root keys under dual control); CA/Browser Forum Baseline Requirements §6.2.
"""

from __future__ import annotations

from sqlalchemy import Connection

from keys.custody import Custody
from keys.errors import KeyRefused
from keys.flows import approvals
from keys.lifecycle.operations import Operation

_PERMIT = object()


class Opening:
    """The right to use offline authorities inside one transaction; made by `open_offline` alone."""

    __slots__ = ()

    def __init__(self, *, permit: object = None) -> None:
        if permit is not _PERMIT:
            raise TypeError("an Opening comes from open_offline() only")


def open_offline(custody: Custody, connection: Connection, operation: Operation, approval_id: str) -> Opening:
    """
    Use the approval up, in the transaction of the operation.

    Raises: KeyRefused("approval_needed" | "approval_refused").
    """
    approvals.carry_out(custody, connection, operation, approval_id)
    return Opening(permit=_PERMIT)


def check_opening(is_offline: bool, opening: Opening | None) -> None:
    """Raises: KeyRefused("authority_offline")."""
    if is_offline and type(opening) is not Opening:
        raise KeyRefused(
            "authority_offline",
            vi="Khóa của cơ quan chứng thực này chỉ được mở trong một thao tác đã có hai người duyệt.",
            en="The key of this authority is opened only inside an operation that two people approved.",
            status=409,
        )
